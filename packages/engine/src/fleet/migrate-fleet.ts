import { PgBoss } from 'pg-boss';
import { type LedgerPlace, schemaOf } from '../ledger/postgres/connection.ts';
import { queueErrorOf } from '../ledger/postgres/database-error.ts';
import { type MigrationReport, migratePostgresLedger } from '../ledger/postgres/migrate.ts';
import { withConnection } from '../ledger/postgres/one-connection.ts';

/** The schema of the queue that hands out the work on a ledger. */
export function queueSchemaOf(place: LedgerPlace): string {
  return `${schemaOf(place)}_queue`;
}

/**
 * Makes a ledger in PostgreSQL and the queue of its work, or brings both up to date: afterwards workers need no right to make
 * anything.
 *
 * @throws LedgerError
 */
export async function migrateFleet(place: LedgerPlace & { readonly key: Uint8Array }): Promise<MigrationReport> {
  const report = await migratePostgresLedger(place);
  const hasSchema = await withConnection(place, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [queueSchemaOf(place)]);
    return rowCount === 1;
  });
  const boss = new PgBoss({
    connectionString: place.url,
    schema: queueSchemaOf(place),
    // A schema that somebody else has made for us needs no right to make one.
    createSchema: !hasSchema,
    application_name: 'expunge-queue',
    max: 1,
    supervise: false,
    schedule: false,
    registerInstance: false,
  });
  // What it has to say comes as what `start` throws.
  boss.on('error', () => {});
  try {
    await boss.start({ attempts: 3 });
  } catch (error) {
    throw queueErrorOf(error);
  } finally {
    await boss.stop({ graceful: false, close: true }).catch(() => {});
  }
  return report;
}
