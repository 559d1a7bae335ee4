import type { DatabaseSync } from 'node:sqlite';
import { type LedgerTable, type LedgerTableRow, ledgerTables } from '../ledger-tables.ts';

/** How many rows are read at once. A sealed page has some 60 KB. */
const rowsAtOnce: Readonly<Partial<Record<LedgerTable, number>>> = { sealed_pages: 50 };
const otherRowsAtOnce = 2000;

/** Reads the rows of a table as they lie there, after the one with a number; all of them where rows have none. */
export function readTable(database: DatabaseSync, table: LedgerTable, after: number): readonly LedgerTableRow[] {
  const key = ledgerTables[table];
  const statement =
    key === undefined
      ? database.prepare(`SELECT * FROM ${table}`)
      : database.prepare(`SELECT * FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ?`);
  const rows = key === undefined ? statement.all() : statement.all(after, rowsAtOnce[table] ?? otherRowsAtOnce);
  // The schema beside this file has no other types than these.
  return rows as LedgerTableRow[];
}

/** How many rows a table has. */
export function countRows(database: DatabaseSync, table: LedgerTable): number {
  return Number(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.rows);
}
