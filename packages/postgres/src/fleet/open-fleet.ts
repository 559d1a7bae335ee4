import { hostname } from 'node:os';
import { PgBoss } from 'pg-boss';
import { queueErrorOf } from '../database-error.ts';
import { notificationChannel } from '../job-schema.ts';
import { openPostgresAdapter } from '../open-postgres-ledger.ts';
import type { PostgresAdapter } from '../postgres-adapter.ts';
import { SharedLimits } from '../shared-limits.ts';
import type { Fleet, FleetOptions, ReconcileReport } from './fleet.ts';
import { createFleetLedger } from './fleet-ledger.ts';
import { JobQueues } from './job-queues.ts';
import { type JobKeeper, keepJobs } from './keep-jobs.ts';
import { Leases } from './leases.ts';
import { Notifications } from './notifications.ts';
import { createQueueConnections } from './queue-connections.ts';
import { readQueues } from './queue-report.ts';
import { hasQueueSchema, queueSchemaOf } from './queue-schema.ts';
import { reconcile, reconcileInTurn } from './reconcile.ts';
import { redrive } from './redrive.ts';
import { startTimer } from './timer.ts';
import { joinWorkers } from './worker-registry.ts';

const beatEveryMs = 10_000;
const lookForSignEveryMs = 1000;
// Mostly it is another worker's turn.
const reconcileEveryMs = 15_000;
/** How often pg-boss looks for jobs whose worker is lost, in seconds. */
const superviseEverySeconds = 20;

/**
 * Joins those who work on a ledger in PostgreSQL together: its work is handed out by pg-boss among all who have it open this
 * way, and the vendors' limits are kept for all of them. The ledger and the queue are made where there are none.
 *
 * @throws LedgerError
 */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  return openWorker(options, {});
}

/** What a worker does by itself now and then, and a still one when it is told to. */
interface StillWorker {
  beat(): Promise<void>;
  endCallsWhereUnseen(unseenMs: number): void;
  supervise(): Promise<void>;
  reconcile(atOnce?: number): Promise<ReconcileReport>;
  reconcileInTurn(): Promise<ReconcileReport | undefined>;
}

/** The same, with what tests replace. `isStill`: nothing happens by itself. */
export async function openWorker(
  options: FleetOptions,
  { isStill = false }: { readonly isStill?: boolean },
): Promise<Fleet & StillWorker> {
  const { url, schema = 'expunge', key, onWarning = () => {} } = options;
  const queueSchema = queueSchemaOf({ url, schema });
  const limits = new SharedLimits();
  let keeper: JobKeeper | undefined;
  const hasSchema = await hasQueueSchema({ url, schema });
  const storage: PostgresAdapter = await openPostgresAdapter(
    { url, schema, key },
    {
      lock: 'together',
      // Also before one that is run again: what the attempt before it knew may be others' by now.
      atBegin: () => limits.beginTransaction(),
      beforeCommit: async () => {
        if (keeper !== undefined) await keepJobs(keeper, storage);
      },
    },
  );
  const connections = createQueueConnections();
  const boss = new PgBoss({
    ...connections.options,
    connectionString: url,
    schema: queueSchema,
    createSchema: !hasSchema,
    application_name: 'expunge-queue',
    max: 3,
    supervise: !isStill,
    superviseIntervalSeconds: superviseEverySeconds,
    monitorIntervalSeconds: isStill ? 1 : superviseEverySeconds,
    // Nothing here runs by the calendar, and workers are known by the ledger's own table.
    schedule: false,
    registerInstance: false,
  });
  // What pg-boss says of an error may hold anything.
  boss.on('error', () => onWarning('The queue had trouble with its database. It tries again by itself.'));
  try {
    await boss.start({ attempts: 3 });
    keeper = { boss, queues: new JobQueues(boss), now: () => storage.clock.now(), schema };
    const leases = new Leases();
    const worker = await joinWorkers(storage, boss, leases, options.workerName ?? `${hostname()}/${process.pid}`);
    const notifications = new Notifications();
    const ledger = createFleetLedger({ storage, keeper, leases, limits, notifications, queueSchema, worker });
    const parts = { storage, keeper };
    const tell = (payload: string) => {
      if (payload.startsWith(`${schema}/`)) notifications.tell(payload.slice(schema.length + 1));
    };
    const listener = isStill
      ? undefined
      : await boss
          .getDb()
          .listen?.(notificationChannel, tell, () => notifications.tell())
          .catch(() => {
            onWarning('News of new work can not be listened to: it is looked for every two seconds.');
            return undefined;
          });
    const timers = isStill
      ? []
      : [
          startTimer(beatEveryMs, worker.beat, () =>
            onWarning('The heartbeat of this worker could not be written; others will take over its work.'),
          ),
          startTimer(
            lookForSignEveryMs,
            async () => worker.endCallsWhereUnseen(),
            () => {},
          ),
          startTimer(
            reconcileEveryMs,
            () => reconcileInTurn(parts.storage, parts.keeper, queueSchema),
            () => onWarning('Tasks and jobs could not be compared; it is tried again.'),
          ),
        ];
    let closing: Promise<void> | undefined;
    const close = async () => {
      for (const timer of timers) await timer.stop();
      // Without the database, others find out by themselves.
      await worker
        .leave()
        .catch(() => onWarning('This worker could not release what it had leased; others take it over.'));
      await connections.end(async () => {
        await listener?.close().catch(() => {});
        await boss.stop({ graceful: false, close: true }).catch(() => {});
      });
      await storage.close();
    };
    const closeOnce = () => {
      closing ??= close();
      return closing;
    };
    return {
      ledger: { ...ledger, close: closeOnce },
      clock: storage.clock,
      queue: () => readQueues(storage, queueSchema),
      redrive: (connector) => redrive(storage, parts.keeper, queueSchema, connector),
      reconcile: (atOnce?: number) => reconcile(storage, parts.keeper, queueSchema, atOnce),
      ping: () => storage.read(async () => {}),
      close: closeOnce,
      beat: () => worker.beat(),
      endCallsWhereUnseen: (unseenMs) => worker.endCallsWhereUnseen(unseenMs),
      supervise: () => boss.supervise(),
      reconcileInTurn: () => reconcileInTurn(storage, parts.keeper, queueSchema),
    };
  } catch (error) {
    await connections.end(() => boss.stop({ graceful: false, close: true }).catch(() => {}));
    await storage.close();
    throw queueErrorOf(error);
  }
}
