import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { beforeAll, inject, onTestFinished } from 'vitest';
import { startPostgresServer } from '../../../tools/postgres-server.ts';
import { openPostgresLedger } from '../../postgres/src/open-postgres-ledger.ts';
import type { Clock } from '../src/clock.ts';
import { makeKey } from '../src/crypto/ledger-key.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/open-sqlite-ledger.ts';
import type { ClockCorrection } from '../src/ledger/store/clock-behind.ts';

// What a ledger does is tested on both storages, by two runs of the same files: the projects of vitest.config.ts.
export const isOnPostgres = process.env.EXPUNGE_TEST_LEDGER === 'postgres';

let ownUrl: string | undefined;

/** The address of the server that tests share, or of this file's own. */
export function serverUrl(): string {
  return ownUrl ?? inject('postgresUrl');
}

/**
 * Gives the tests of a file a server of their own: what others do on the shared one keeps dead rows, in all of its
 * databases.
 */
export function useOwnServer(settings: Readonly<Record<string, string>> = {}): void {
  if (!isOnPostgres) return;
  beforeAll(async () => {
    const server = await startPostgresServer({ settings });
    ownUrl = server.url;
    return async () => {
      // The next file may run in the same process.
      ownUrl = undefined;
      await server.stop();
    };
  });
}

/** A ledger on either storage, with what both offer. */
export interface TestLedger extends Ledger {
  rekey(newKey?: Uint8Array): Promise<{ readonly isErased: boolean; readonly damagedPages: number }>;
  acceptClock(): Promise<ClockCorrection | undefined>;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'expunge-engine-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Where a new ledger may be, until the test is over: a file, or a schema of the server. */
export function newLedgerPath(): string {
  if (!isOnPostgres) return join(temporaryFolder(), 'ledger.db');
  return newSchema();
}

/** The name of a schema that is gone after the test. */
export function newSchema(): string {
  const schema = `expunge_test_${randomBytes(6).toString('hex')}`;
  onTestFinished(async () => {
    await runSql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  });
  return schema;
}

// In a service the key comes from its secrets; here each ledger has one until it is encrypted anew.
const keys = new Map<string, Uint8Array>();
const firstKey = Buffer.alloc(32, 7);

/** The key of a test's ledger in PostgreSQL. */
function keyOf(schema: string): Uint8Array {
  return keys.get(schema) ?? firstKey;
}

/** Opens a ledger at a path, as one process that works on it alone. */
export async function openTestLedger(
  path: string,
  options: { clock?: Clock; readOnly?: boolean; key?: Uint8Array; url?: string; retryTransientMs?: number } = {},
): Promise<TestLedger> {
  if (!isOnPostgres) return openSqliteLedger({ path, ...options });
  const { readOnly } = options;
  const ledger = await openPostgresLedger({
    url: serverUrl(),
    schema: path,
    key: keyOf(path),
    isAlone: readOnly !== true,
    ...options,
  });
  return {
    ...ledger,
    async rekey(newKey = makeKey()) {
      const report = await ledger.rekey(newKey);
      keys.set(path, newKey);
      return report;
    },
  };
}

/** The rows of a query, straight from the ledger's database. */
export async function queryLedger(path: string, sql: string): Promise<Record<string, unknown>[]> {
  if (isOnPostgres) return runSql(`SET search_path TO ${path}; ${sql}`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

/** Changes the ledger behind everybody's back. */
export async function tamperWith(path: string, sql: string): Promise<void> {
  if (isOnPostgres) {
    await runSql(`SET search_path TO ${path}; ${sql}`);
    return;
  }
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

/** Everything that lies in a ledger, as one text. */
export async function textOfLedger(path: string): Promise<string> {
  if (!isOnPostgres) {
    return [path, `${path}-wal`].map((file) => (existsSync(file) ? readFileSync(file, 'latin1') : '')).join('\n');
  }
  const tables = await runSql(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${path}'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await runSql(`SELECT CAST(each AS text) AS row FROM ${path}.${String(name)} AS each`);
    // Bytes are written in hexadecimal: they are looked into as well.
    texts.push(...rows.map(({ row }) => `${String(row)}\n${bytesIn(String(row))}`));
  }
  return texts.join('\n');
}

function bytesIn(row: string): string {
  return [...row.matchAll(/\\x([0-9a-f]+)/g)]
    .map(([, digits = '']) => Buffer.from(digits, 'hex').toString('latin1'))
    .join('\n');
}

/** What was encrypted about a request and its tasks, as it lies in the database. */
export async function encryptedBytes(path: string, requestId: string): Promise<Buffer[]> {
  const rows = await queryLedger(
    path,
    `SELECT lower(hex(ciphertext)) AS ciphertext FROM encrypted_pages WHERE id IN (
       SELECT page FROM requests WHERE request_id = '${requestId}'
       UNION SELECT tasks.page FROM tasks JOIN requests ON requests.id = tasks.request WHERE request_id = '${requestId}')`,
  );
  return rows.map(({ ciphertext }) => Buffer.from(String(ciphertext), 'hex'));
}

/** How many of them are still anywhere in the ledger's files. */
export async function stillInFiles(path: string, encrypted: readonly Buffer[]): Promise<number> {
  const files: Buffer[] = [];
  if (isOnPostgres) {
    // What the server has in memory is on the disk after a checkpoint.
    const rows = await runSql(
      `CHECKPOINT; SELECT encode(pg_read_binary_file(pg_relation_filepath('${path}.encrypted_pages')), 'hex') AS bytes`,
    );
    files.push(...rows.map(({ bytes }) => Buffer.from(String(bytes), 'hex')));
  } else files.push(...[path, `${path}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file)));
  return encrypted.filter((bytes) => files.some((file) => file.includes(bytes))).length;
}

/** Somebody who is in the middle of reading the ledger, until they are told to stop. */
export async function beginReading(path: string): Promise<() => Promise<void>> {
  if (isOnPostgres) {
    const client = new Client({ connectionString: serverUrl() });
    await client.connect();
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM ${path}.ledger_head`);
    return () => client.end();
  }
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM requests').get();
  return async () => reader.close();
}

/** Runs statements on the test's server. Gives the rows of the last one. */
export async function runSql(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({
    connectionString: serverUrl(),
    types: { getTypeParser: (type: number) => (type === 20 || type === 1700 ? Number : (text: string) => text) },
  });
  await client.connect();
  try {
    const answer: unknown = await client.query(sql);
    const results = (Array.isArray(answer) ? answer : [answer]) as { rows: Record<string, unknown>[] }[];
    return results.at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}
