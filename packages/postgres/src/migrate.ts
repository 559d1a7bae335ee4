import { LedgerError } from '@expunge/engine';
import {
  type LedgerSecret,
  makeKey,
  unwrapLedgerSecret,
  upgradeLedger,
  wrapLedgerSecret,
} from '@expunge/engine/storage';
import { type ClientBase, escapeIdentifier } from 'pg';
import { type LedgerPlace, schemaOf } from './connection.ts';
import { databaseErrorOf } from './database-error.ts';
import { withConnection } from './one-connection.ts';
import { PostgresSql } from './postgres-sql.ts';
import type { HeadNow, HeadWithSecret, TablesFound } from './rows.ts';
import { majorVersion, migrations, schemaVersion } from './schema.ts';

/** Which versions a migration went from and to. */
export interface MigrationReport {
  /** The version before; 0: there was no ledger. */
  readonly from: number;
  /** The version now. */
  readonly to: number;
}

/** What a ledger says about itself. */
export interface LedgerHead extends HeadNow {
  /** The secret that its fingerprints and signatures come from. */
  readonly secret: LedgerSecret;
}

/**
 * Makes a ledger in PostgreSQL, or brings one up to date. Safe while workers of the version before are working, and when
 * several do it at once.
 *
 * @throws LedgerError
 */
export async function migratePostgresLedger(
  options: LedgerPlace & { readonly key: Uint8Array },
): Promise<MigrationReport> {
  return withConnection(options, (client) => migrate(client, options), { takesLong: true });
}

async function migrate(
  client: ClientBase,
  place: LedgerPlace & { readonly key: Uint8Array },
): Promise<MigrationReport> {
  const schema = schemaOf(place);
  // A migration may wait long, for its turn and for PostgreSQL.
  await client.query('SET lock_timeout TO 0; SET idle_in_transaction_session_timeout TO 0');
  for (let first: number | undefined; ; ) {
    const step = await inTransaction(client, async () => {
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`expunge/migrate/${schema}`]);
      const from = await findVersion(client, schema);
      if (from === 0) {
        // A schema that an administrator has made for us needs no right to make one.
        const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
        if (rowCount === 0) await client.query(`CREATE SCHEMA ${escapeIdentifier(schema)}`);
      }
      const secret = from === 0 ? undefined : readSecret(await readHeadRow(client), place.key);
      if (from >= schemaVersion) return { from, to: from };
      // As everybody who writes does first: a worker in the middle of a transaction would else hold the head, and wait for a table.
      if (from > 0) await client.query('SELECT 1 FROM ledger_head FOR UPDATE');
      await client.query(migrations[from] ?? '');
      await client.query('UPDATE ledger_head SET version = $1, major = $2', [from + 1, majorVersion]);
      if (from === 0) {
        const wrapped = wrapLedgerSecret(place.key, { digestSecret: makeKey(), signedFrom: 1 });
        await client.query(`INSERT INTO meta (key, value) VALUES ('digest-secret', $1)`, [Buffer.from(wrapped)]);
      }
      if (secret?.signedFrom === undefined && secret !== undefined && from + 1 === schemaVersion) {
        await upgradeLedger(new PostgresSql(client, (answer) => answer), place.key, secret.digestSecret);
      }
      return { from, to: from + 1 };
    });
    first ??= step.from;
    if (step.to >= schemaVersion) return { from: first, to: step.to };
  }
}

/** Reads the head of a ledger, and proves the key. */
export async function readLedgerHead(
  client: ClientBase,
  place: LedgerPlace & { readonly key: Uint8Array },
): Promise<LedgerHead> {
  try {
    return await readHead(client, place);
  } catch (error) {
    throw error instanceof LedgerError ? error : databaseErrorOf(error);
  }
}

async function readHead(client: ClientBase, place: LedgerPlace & { readonly key: Uint8Array }): Promise<LedgerHead> {
  const version = await findVersion(client, schemaOf(place));
  if (version === 0) {
    throw new LedgerError(
      'not-found',
      `There is no ledger in the schema ${schemaOf(place)} of the database yet. 'expunge ledger migrate' makes it.`,
    );
  }
  if (version < schemaVersion) throw notUpgraded(schemaOf(place));
  const row = await readHeadRow(client);
  const { digestSecret, signedFrom } = readSecret(row, place.key);
  if (signedFrom === undefined) throw notUpgraded(schemaOf(place));
  return { ...row, secret: { digestSecret, signedFrom } };
}

async function readHeadRow(client: ClientBase): Promise<HeadWithSecret> {
  const { rows } = await client.query<HeadWithSecret>(
    `SELECT major, version, revision, key_number AS "keyNumber",
       trunc(extract(epoch FROM clock_timestamp()) * 1000) AS now, (SELECT value FROM meta WHERE key = 'digest-secret') AS wrapped
     FROM ledger_head`,
  );
  const [row] = rows;
  if (row === undefined) throw notALedger();
  return row;
}

// Opening it proves the key: another one would make everybody in the ledger unreadable.
function readSecret(row: HeadWithSecret, key: Uint8Array): NonNullable<ReturnType<typeof unwrapLedgerSecret>> {
  const secret = row.wrapped instanceof Uint8Array ? unwrapLedgerSecret(key, row.wrapped) : undefined;
  if (secret !== undefined) return secret;
  throw new LedgerError(
    'key-wrong',
    'The key does not belong to the ledger in this database. Name the right one (`ledger.key`).',
  );
}

/** The version of the ledger in a schema; 0 where nothing is there. */
async function findVersion(client: ClientBase, schema: string): Promise<number> {
  const { rows } = await client.query<TablesFound>(
    `SELECT count(*) FILTER (WHERE relname = 'ledger_head') AS has_head, count(*) AS has_tables
     FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relkind IN ('r', 'p', 'v', 'm')`,
    [schema],
  );
  if (rows[0] === undefined || rows[0].has_tables === 0) return 0;
  if (rows[0].has_head === 0) throw notALedger(schema);
  const head = await client.query<Pick<HeadNow, 'major' | 'version'>>('SELECT major, version FROM ledger_head');
  const [row] = head.rows;
  if (row === undefined) throw notALedger(schema);
  refuseNewer(row.major, row.version);
  return row.version;
}

/** Refuses a ledger that workers of this version would not understand. */
export function refuseNewer(major: number, version: number): void {
  if (major <= majorVersion) return;
  throw new LedgerError(
    'newer-version',
    `The ledger was brought to a newer version of Expunge (ledger version ${major}.${version}, this one works on ${majorVersion}.x). Install the newer version.`,
  );
}

function notUpgraded(schema: string): LedgerError {
  return new LedgerError(
    'not-found',
    `The ledger in the schema ${schema} has not been used by this version yet. 'expunge ledger migrate' brings it up to date.`,
  );
}

function notALedger(schema = 'expunge'): LedgerError {
  return new LedgerError(
    'not-a-ledger',
    `The schema ${schema} holds tables of another program. Name another schema for the ledger.`,
  );
}

async function inTransaction<Result>(client: ClientBase, work: () => Promise<Result>): Promise<Result> {
  try {
    await client.query('BEGIN');
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error instanceof LedgerError ? error : databaseErrorOf(error);
  }
}
