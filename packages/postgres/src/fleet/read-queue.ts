import { LedgerError } from '@expunge/engine';
import { openPostgresAdapter, type PostgresLedgerOptions } from '../open-postgres-ledger.ts';
import type { QueueReport } from './fleet.ts';
import { readQueues } from './queue-report.ts';
import { queueSchemaOf } from './queue-schema.ts';

/**
 * Says how the queues stand, without joining those who work: it makes nothing and changes nothing.
 *
 * @throws LedgerError
 */
export async function readQueue(options: PostgresLedgerOptions): Promise<QueueReport> {
  const storage = await openPostgresAdapter({ ...options, readOnly: true }, { lock: 'any' });
  try {
    const queueSchema = queueSchemaOf(options);
    const isThere = await storage.read((store) =>
      store.has('SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = ?', queueSchema, 'job'),
    );
    if (isThere) return await readQueues(storage, queueSchema);
    throw new LedgerError(
      'not-found',
      `There is no queue in the schema ${queueSchema} of the database yet. 'expunge ledger migrate' makes it.`,
    );
  } finally {
    await storage.close();
  }
}
