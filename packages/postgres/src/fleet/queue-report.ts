import { LedgerError } from '@expunge/engine';
import { openPostgresAdapter, type PostgresLedgerOptions } from '../open-postgres-ledger.ts';
import type { PostgresAdapter } from '../postgres-adapter.ts';
import type { QueueCount } from '../rows.ts';
import type { JobKind, QueueReport, QueueState } from './fleet.ts';
import { jobKinds } from './job-queues.ts';
import { queueSchemaOf } from './queue-schema.ts';

/** Says how the queues stand. pg-boss's own counts are up to a minute old: its table is read here, and never written. */
export async function readQueues(storage: PostgresAdapter, queueSchema: string): Promise<QueueReport> {
  const now = storage.clock.now();
  const rows = await storage.read((store) =>
    store.all<QueueCount>(
      `SELECT name, source_name AS source,
         count(*) FILTER (WHERE state < 'active') AS depth,
         count(*) FILTER (WHERE state < 'active' AND start_after <= to_timestamp(CAST(? AS double precision) / 1000)) AS due,
         count(*) FILTER (WHERE state = 'active') AS active,
         CAST(extract(epoch FROM min(start_after) FILTER (WHERE state < 'active')) * 1000 AS bigint) AS oldest
       FROM ${queueSchema}.job GROUP BY name, source_name`,
      now,
    ),
  );
  const queues = new Map<string, QueueState>();
  const change = (name: string, values: Partial<QueueState>) => {
    const dot = name.lastIndexOf('.');
    const kind = jobKinds.find((each) => each === name.slice(dot + 1));
    if (kind === undefined) return;
    const known = queues.get(name) ?? emptyQueue(name.slice(0, dot), kind);
    queues.set(name, { ...known, ...values });
  };
  for (const { name, source, depth, due, active, oldest } of rows) {
    if (name.endsWith('.dead')) change(source ?? '', { dead: depth + active });
    else {
      const isDue = due > 0 && oldest !== null;
      change(name, { depth, due, active, oldestAt: isDue ? new Date(oldest).toISOString() : undefined });
    }
  }
  const order = (queue: QueueState) => `${queue.connector} ${jobKinds.indexOf(queue.kind)}`;
  return {
    queues: [...queues.values()]
      .filter(({ depth, active, dead }) => depth + active + dead > 0)
      .sort((a, b) => (order(a) < order(b) ? -1 : 1)),
  };
}

function emptyQueue(connector: string, kind: JobKind): QueueState {
  return { connector, kind, depth: 0, due: 0, active: 0, oldestAt: undefined, dead: 0 };
}

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
