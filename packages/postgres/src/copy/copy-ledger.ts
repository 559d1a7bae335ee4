import { LedgerError } from '@expunge/engine';
import type { SqliteLedgerHandle } from '@expunge/engine/sqlite';
import { type Store, storageOf, unwrapLedgerSecret } from '@expunge/engine/storage';
import type { Client } from 'pg';
import { type LedgerPlace, schemaOf } from '../connection.ts';
import { databaseErrorOf, ledgerErrorOf } from '../database-error.ts';
import { migratePostgresLedger } from '../migrate.ts';
import { close, connect } from '../one-connection.ts';
import { openPostgresLedger } from '../open-postgres-ledger.ts';
import type { TableColumn } from '../rows.ts';
import { takeWorkLock } from '../work-lock.ts';
import { compareLedgers, compareTables } from './compare-ledgers.ts';
import { insertColumns, readColumns } from './insert-columns.ts';

/** How far a copy is. */
export interface CopyProgress {
  /** The table that is being copied. */
  readonly table: string;
  /** Rows of it that are copied. */
  readonly done: number;
  /** Rows that it has. */
  readonly total: number;
}

/** What was copied. Both ledgers were asked for all of it and answered alike. */
export interface CopyReport {
  readonly requests: number;
  readonly tasks: number;
  readonly auditEntries: number;
}

// In this order, what refers to something comes after it. By their key, where they can be long.
const tables: readonly { readonly name: string; readonly key?: string; readonly isNumbered?: true }[] = [
  { name: 'connectors', key: 'id', isNumbered: true },
  { name: 'connector_order' },
  { name: 'encrypted_pages', key: 'id', isNumbered: true },
  { name: 'requests', key: 'id' },
  { name: 'tasks', key: 'id' },
  { name: 'calls', key: 'id' },
  { name: 'submissions', key: 'id' },
  { name: 'holds', key: 'id', isNumbered: true },
  { name: 'held_requests' },
  { name: 'audit', key: 'sequence' },
  { name: 'task_counts' },
  { name: 'imports', key: 'id' },
  { name: 'meta' },
];

const rowsPerBatch = 2000;

/**
 * Copies a ledger from SQLite to PostgreSQL, row by row as they are, in one transaction: encrypted values and fingerprints
 * stay what they were, under the same key. Then compares them row by row, and asks both for everything.
 *
 * @param from - A ledger that nothing is written to meanwhile: opened to be read, or by this process alone.
 * @param to - Where it is copied to. The ledger there is made; one that is there must be empty.
 * @throws LedgerError `not-empty`, `key-wrong`, `copy-differs` and what opening a ledger may throw
 */
export async function copyLedger(
  from: SqliteLedgerHandle,
  to: LedgerPlace & { readonly key: Uint8Array },
  onProgress: (progress: CopyProgress) => void = () => {},
): Promise<CopyReport> {
  const storage = storageOf(from);
  await storage.read((store) => proveKey(store, to.key));
  await migratePostgresLedger(to);
  const rows = await storage.read((store) => copyRows(store, to, onProgress));
  const copy = await openPostgresLedger({ ...to, readOnly: true, clock: storage.clock });
  try {
    const copyHome = storageOf(copy);
    const inTables = await storage.read((file) => copyHome.read((store) => compareTables(file, store)));
    refuseDifferences([...inTables, ...(await compareLedgers(from, copy, storage.clock.now()))], schemaOf(to));
    return { requests: rows.requests ?? 0, tasks: rows.tasks ?? 0, auditEntries: rows.audit ?? 0 };
  } finally {
    await copy.close();
  }
}

function refuseDifferences(differences: readonly string[], schema: string): void {
  if (differences.length === 0) return;
  throw new LedgerError(
    'copy-differs',
    `The copy does not answer as the ledger does. ${differences.join(' ')} Do not work on it: drop the schema ${schema}, and go on with the SQLite ledger, which was not changed.`,
  );
}

async function proveKey(store: Store, key: Uint8Array): Promise<void> {
  const row = await store.get<{ value: Uint8Array }>(`SELECT value FROM meta WHERE key = 'digest-secret'`);
  if (row !== undefined && unwrapLedgerSecret(key, row.value) !== undefined) return;
  throw new LedgerError(
    'key-wrong',
    "The key is not that of the ledger that is copied. A copy has the same key: give the contents of the SQLite ledger's key file.",
  );
}

async function copyRows(
  store: Store,
  to: LedgerPlace,
  onProgress: (progress: CopyProgress) => void,
): Promise<Record<string, number>> {
  const client = await connect(to, { takesLong: true }).catch((error: unknown) => {
    throw ledgerErrorOf(error);
  });
  try {
    await takeWorkLock(client, to, 'alone');
    // The source may take its time between two batches.
    await client.query('SET idle_in_transaction_session_timeout TO 0');
    await client.query('BEGIN; UPDATE ledger_head SET revision = revision + 1, key_number = key_number + 1');
    await refuseFilled(client, schemaOf(to));
    const copied: Record<string, number> = {};
    for (const table of tables) {
      const columns = await readColumns(client, table.name);
      if (table.name === 'meta') await client.query('DELETE FROM meta');
      copied[table.name] = await copyTable(store, client, table, columns, onProgress);
      if (table.isNumbered === true) await goOnNumbering(client, table.name);
    }
    await client.query('COMMIT');
    await client.query('ANALYZE');
    return copied;
  } catch (error) {
    throw error instanceof LedgerError || error instanceof TypeError ? error : ledgerErrorOf(databaseErrorOf(error));
  } finally {
    await close(client);
  }
}

async function refuseFilled(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ filled: number }>(
    `SELECT (SELECT count(*) FROM connectors) + (SELECT count(*) FROM requests) + (SELECT count(*) FROM audit)
       + (SELECT count(*) FROM holds) AS filled`,
  );
  if (rows[0]?.filled === 0) return;
  throw new LedgerError(
    'not-empty',
    `The ledger in the schema ${schema} of the database is not empty. Copy into another schema, or drop this one first if it is not needed.`,
  );
}

async function copyTable(
  store: Store,
  client: Client,
  { name, key }: { readonly name: string; readonly key?: string },
  columns: readonly TableColumn[],
  onProgress: (progress: CopyProgress) => void,
): Promise<number> {
  const total = (await store.get<{ rows: number }>(`SELECT count(*) AS rows FROM ${name}`))?.rows ?? 0;
  let done = 0;
  for (let last = -1; ; ) {
    const rows =
      key === undefined
        ? await store.all<Record<string, unknown>>(`SELECT * FROM ${name}`)
        : await store.all<Record<string, unknown>>(
            `SELECT * FROM ${name} WHERE ${key} > ? ORDER BY ${key} LIMIT ${rowsPerBatch}`,
            last,
          );
    if (rows.length > 0) await insertColumns(client, name, columns, rows);
    done += rows.length;
    onProgress({ table: name, done, total });
    if (key === undefined || rows.length < rowsPerBatch) return done;
    last = Number(rows.at(-1)?.[key]);
  }
}

// The next row that the database numbers gets a number that none of the copied ones has.
async function goOnNumbering(client: Client, table: string): Promise<void> {
  await client.query(
    `SELECT setval(pg_get_serial_sequence('${table}', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM ${table}`,
  );
}
