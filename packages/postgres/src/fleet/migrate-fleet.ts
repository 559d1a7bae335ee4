import { PgBoss } from 'pg-boss';
import type { LedgerPlace } from '../connection.ts';
import { queueErrorOf } from '../database-error.ts';
import { type MigrationReport, migratePostgresLedger } from '../migrate.ts';
import { hasQueueSchema, queueSchemaOf } from './queue-schema.ts';

/**
 * Makes a ledger in PostgreSQL and the queue of its work, or brings both up to date: afterwards workers need no right to make
 * anything.
 *
 * @throws LedgerError
 */
export async function migrateFleet(place: LedgerPlace & { readonly key: Uint8Array }): Promise<MigrationReport> {
  const report = await migratePostgresLedger(place);
  const boss = new PgBoss({
    connectionString: place.url,
    schema: queueSchemaOf(place),
    createSchema: !(await hasQueueSchema(place)),
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
