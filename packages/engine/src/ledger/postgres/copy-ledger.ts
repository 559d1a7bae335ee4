import type { ClientBase } from 'pg';
import { LedgerError } from '../ledger-error.ts';
import { type LedgerTable, type LedgerTableRow, ledgerTables } from '../ledger-tables.ts';
import type { SqliteLedgerHandle } from '../sqlite/open-sqlite-ledger.ts';
import type { LedgerPlace } from './connection.ts';
import { databaseErrorOf, ledgerErrorOf } from './database-error.ts';
import { findDifference } from './find-difference.ts';
import { migratePostgresLedger, readLedgerHead } from './migrate.ts';
import { close, connect } from './one-connection.ts';
import { openPostgresLedger } from './open-postgres-ledger.ts';

/** What a copy brought along. */
export interface CopyReport {
  /** Requests that were copied. */
  readonly requests: number;
  /** Tasks that were copied. */
  readonly tasks: number;
  /** Entries of the audit log that were copied. */
  readonly auditEntries: number;
}

/** How far a copy is, in rows. */
export interface CopyProgress {
  /** Rows that are in the database. */
  readonly done: number;
  /** Rows that the file has. */
  readonly total: number;
}

/**
 * Takes a ledger over from a SQLite file into PostgreSQL: every row as it is, sealed values included, in one transaction, so
 * that a copy that was cut off is no copy. Then both are asked, and must answer alike. The file is left as it is; nobody
 * may work on it meanwhile, which its lock keeps.
 *
 * @param to - Where to. Its key is the one that the file is sealed under. The ledger there has to be empty, or not there yet.
 * @throws LedgerError `not-empty` where somebody has worked on the ledger there; `copy-differs` where both do not answer
 * alike: then the copy must not be worked with.
 */
export async function copyLedger(
  from: SqliteLedgerHandle,
  to: LedgerPlace & { readonly key: Uint8Array },
  onProgress: (progress: CopyProgress) => void = () => {},
): Promise<CopyReport> {
  await migratePostgresLedger(to);
  try {
    const client = await connect(to);
    try {
      // The key is proven before anything is written, and the head is one's own until the end.
      await readLedgerHead(client, to);
      await copyRows(from, client, onProgress);
    } finally {
      await close(client);
    }
  } catch (error) {
    throw ledgerErrorOf(error);
  }
  const copy = await openPostgresLedger({ ...to, readOnly: true });
  try {
    const difference = await findDifference(from, copy);
    if (difference !== undefined) {
      throw new LedgerError(
        'copy-differs',
        `The copy does not answer like the file: ${difference}. Do not work with it; drop its schema, and report this.`,
      );
    }
  } finally {
    await copy.close();
  }
  return {
    requests: await from.countRows('requests'),
    tasks: await from.countRows('tasks'),
    auditEntries: await from.countRows('audit'),
  };
}

async function copyRows(
  from: SqliteLedgerHandle,
  client: ClientBase,
  onProgress: (progress: CopyProgress) => void,
): Promise<void> {
  const tables = Object.keys(ledgerTables) as LedgerTable[];
  let total = 0;
  for (const table of tables) total += await from.countRows(table);
  let done = 0;
  try {
    await client.query('SET idle_in_transaction_session_timeout TO 0');
    await client.query('BEGIN; SELECT revision FROM ledger_head FOR UPDATE');
    await refuseUsed(client);
    for (const table of tables) {
      const types = await columnTypes(client, table);
      for (let after = 0; ; ) {
        const rows = await from.readTable(table, after);
        await insert(client, table, types, rows);
        done += rows.length;
        if (rows.length > 0) onProgress({ done, total });
        const key = ledgerTables[table];
        if (key === undefined || rows.length === 0) break;
        after = Number(rows.at(-1)?.[key]);
      }
      await advanceNumbers(client, table);
    }
    // Whoever has the empty ledger open has to open this one anew: its fingerprints come from another secret.
    await client.query(
      `UPDATE ledger_head SET revision = revision + 1, key_number = key_number + 1,
         intake = (SELECT coalesce(max(requests.intake), 0) FROM requests)`,
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error instanceof LedgerError ? error : databaseErrorOf(error);
  }
}

async function refuseUsed(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ is_used: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM requests) OR EXISTS (SELECT 1 FROM audit) OR EXISTS (SELECT 1 FROM connectors) AS is_used',
  );
  if (rows[0]?.is_used === false) return;
  throw new LedgerError(
    'not-empty',
    'The ledger in the database has been worked on already: two ledgers do not become one. Name another schema (`ledger.postgres.schema`), or drop this one.',
  );
}

/** PostgreSQL's names of a table's columns and their types. */
async function columnTypes(client: ClientBase, table: LedgerTable): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped`,
    [table],
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}

// One array for each column: one statement for all rows, whatever it holds.
async function insert(
  client: ClientBase,
  table: LedgerTable,
  types: ReadonlyMap<string, string>,
  rows: readonly LedgerTableRow[],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first);
  const unknown = columns.find((column) => !types.has(column));
  if (unknown !== undefined) throw new Error(`The ledger in PostgreSQL has no column ${table}.${unknown}.`);
  const arrays = columns.map((column, index) => `CAST($${index + 1} AS ${types.get(column)}[])`);
  // The empty ledger has a secret of its own, which the file's takes the place of.
  const conflict = table === 'meta' ? 'ON CONFLICT (key) DO UPDATE SET value = excluded.value' : '';
  await client.query(
    `INSERT INTO ${table} (${columns.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')}) ${conflict}`,
    columns.map((column) => rows.map((row) => asColumn(row[column], types.get(column)))),
  );
}

// SQLite keeps a value in the form in which it came; a column of PostgreSQL has one form.
function asColumn(value: LedgerTableRow[string] | undefined, type: string | undefined): unknown {
  if (value === null || value === undefined) return null;
  return type === 'bytea' ? Buffer.from(value as string | Uint8Array) : value;
}

/** What comes next gets the next number. */
async function advanceNumbers(client: ClientBase, table: LedgerTable): Promise<void> {
  if (ledgerTables[table] !== 'id') return;
  await client.query(
    `SELECT setval(name, (SELECT coalesce(max(id), 0) FROM ${table}) + 1, false)
     FROM pg_get_serial_sequence($1, 'id') AS name WHERE name IS NOT NULL`,
    [table],
  );
}
