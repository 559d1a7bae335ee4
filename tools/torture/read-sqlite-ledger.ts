import { DatabaseSync } from 'node:sqlite';
import type { LedgerTables } from './ledger-facts.ts';

/** Reads the tables of a ledger file that nobody works on; `isWhole` is whether SQLite finds the file whole. */
export function readSqliteLedger(path: string): LedgerTables & { readonly isWhole: boolean } {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const calls = database
      .prepare(
        `SELECT calls.id AS id, connectors.name AS connector, kind, result
         FROM calls JOIN connectors ON connectors.id = calls.connector`,
      )
      .all();
    const audit = database.prepare('SELECT text FROM audit ORDER BY sequence').all();
    const integrity = database.prepare('PRAGMA integrity_check').get();
    return {
      calls: calls.map(({ id, connector, kind, result }) => ({
        id: Number(id),
        connector: String(connector),
        kind: String(kind),
        result: String(result),
      })),
      audit: audit.map(({ text }) => String(text)),
      isWhole: integrity?.integrity_check === 'ok',
    };
  } finally {
    database.close();
  }
}
