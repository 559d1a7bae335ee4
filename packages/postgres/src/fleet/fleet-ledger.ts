import type { CallKind } from '@expunge/core';
import type { DueOptions, Ledger, LedgerTask, OpenSubmission } from '@expunge/engine';
import {
  amongNumbers,
  andNotOnHold,
  batchCompletions,
  completeCalls,
  createLedger,
  endSubmission,
  finishCall,
  moveTasks,
  parseRanges,
  postponeCheck,
  readSubmissions,
  readTasks,
  recordFurtherCall,
  type StorageAdapter,
  type Store,
  type StoredCall,
  settingAside,
  startCalls,
  type TimedState,
  withheldCall,
} from '@expunge/engine/storage';
import type { PostgresAdapter } from '../postgres-adapter.ts';
import type { SharedLimits } from '../shared-limits.ts';
import type { JobKind } from './fleet.ts';
import type { JobKeeper } from './keep-jobs.ts';
import { type Leased, leaseJobs, renewJobs } from './lease-jobs.ts';
import type { Leases } from './leases.ts';
import { nextDueOfJobs } from './next-due.ts';
import type { Notifications } from './notifications.ts';
import { lostAfterMs, type Worker } from './worker-registry.ts';

/** What the ledger of a fleet is made of. */
export interface FleetParts {
  readonly storage: PostgresAdapter;
  readonly keeper: JobKeeper;
  readonly leases: Leases;
  readonly limits: SharedLimits;
  readonly notifications: Notifications;
  /** The schema of the queue. */
  readonly queueSchema: string;
  /** This process among those that work on the ledger. */
  readonly worker: Worker;
}

/** A ledger that hands out its work among several workers, and keeps the vendors' limits for all of them. */
export function createFleetLedger(parts: FleetParts): Ledger {
  const { storage, keeper, leases, limits, notifications } = parts;
  const now = () => storage.clock.now();
  const write: StorageAdapter['write'] = (work) => storage.write(work);
  const base = createLedger(storage);

  const take = async <Item>(
    about: 'task' | 'submission',
    wanted: { readonly connector: string; readonly kind: JobKind; readonly limit: number },
    readItems: (store: Store, ids: readonly number[]) => Promise<readonly Item[]>,
  ): Promise<readonly Item[]> => {
    if (wanted.limit < 1 || !(await hasDue(storage, wanted.connector, wanted.kind, now()))) return [];
    const lease = () =>
      write(async (store) => {
        const leased = await leaseJobs(keeper, storage, wanted);
        const ids = leased.map(([item]) => item);
        return { leased, items: await readItems(store, ids) };
      });
    const taken = await settingAside(storage, lease);
    for (const [item, lease] of taken.leased) leases.add(about, item, lease);
    return taken.items;
  };

  const settle = async (about: 'task' | 'submission', leased: Leased, work: (store: Store) => Promise<void>) => {
    await write(async (store) => {
      await work(store);
      // What a call carried and did not move, because another worker had, is free for others.
      await renewJobs(storage, about, leased);
    });
    leases.drop(about, leased);
  };

  const ledger: Ledger = {
    ...base,
    isShared: true,

    async begin(connectors, at) {
      limits.configure(connectors);
      for (const { name } of connectors) await keeper.queues.ensure(name);
      await base.begin(connectors, at);
    },

    dueTasks: (connector, state, options) =>
      take('task', { connector, kind: kindOf(state, options), limit: options.limit }, readTasks),
    dueSubmissions: (connector, _now, limit) =>
      take('submission', { connector, kind: 'waiting', limit }, readSubmissions),

    release: ({ tasks = [], submissions = [] }) => release(parts, write, tasks, submissions),

    callSignal: () => parts.worker.callSignal(),
    onNotification: (connector, listener) => notifications.listen(connector, listener),

    async startCalls(connector, kind, calls) {
      const askedAt = Date.now();
      let notedAt = askedAt;
      const numbers = await write(async (store) => {
        const at = now();
        notedAt = Date.now();
        const id = store.connectorId(connector);
        const allowed = new Set<readonly LedgerTask[]>();
        for (const tasks of calls) {
          if (!(await limits.hasCapacity(store, connector, kind, tasks.length, at))) break;
          if (await isAskedAlready(store, id, kind, tasks)) continue;
          limits.started(connector, kind, tasks.length, at);
          allowed.add(tasks);
        }
        const started = await startCalls(store, id, kind, [...allowed], at);
        await recordWorker(store, started, parts.worker.id());
        const numberOf = new Map([...allowed].map((tasks, index) => [tasks, started[index]]));
        return calls.map((tasks) => numberOf.get(tasks));
      });
      const leavesAt = Date.now();
      const isInTime =
        Math.abs(leavesAt - askedAt) < lostAfterMs / 2 && leavesAt - notedAt <= limits.slackMs(connector, kind);
      if (isInTime) return numbers;
      // The database was away or this machine asleep: by now others may take this worker for lost, and send for it. Or the
      // commit took so long that the calls would meet the next ones at the vendor.
      const nextAt = now();
      await Promise.all(
        calls.map(async (tasks, index) => {
          const call = numbers[index];
          if (call === undefined) return;
          const back = tasks.map((task) => ({ task, change: withheldCall(task, nextAt) }));
          await ledger.completeCall(call, { result: 'not-sent', steps: kind === 'submit' ? back : [] }, nextAt);
        }),
      );
      return calls.map(() => undefined);
    },

    recordFurtherCall: (connector, kind) =>
      write(async (store) => {
        const at = now();
        if (!(await limits.startFurther(store, connector, kind, at))) return false;
        await recordFurtherCall(store, store.connectorId(connector), kind, at);
        return true;
      }),

    completeCall: batchCompletions(async (take) => {
      let leased: Leased = [];
      await write(async (store) => {
        const { ends, now: at } = take();
        leased = leases.among(
          'task',
          ends.flatMap(({ steps }) => steps.map(({ task }) => task.id)),
        );
        await limits.answered(
          store,
          ends.flatMap(({ call, result }) => (result === 'answered' ? [call] : [])),
          now(),
        );
        await completeCalls(store, ends, at);
        // What a call carried and did not move, because another worker had, is free for others.
        await renewJobs(storage, 'task', leased);
      });
      leases.drop('task', leased);
    }),

    async postponeCheck(call, submission, options, at) {
      await settle('submission', leases.among('submission', [submission]), async (store) => {
        if (options.result === 'answered') await limits.answered(store, [call], now());
        if (await finishCall(store, call, options.result, at)) await postponeCheck(store, submission, options);
      });
    },

    async endSubmission(call, submission, end, at) {
      await settle('submission', leases.among('submission', [submission]), async (store) => {
        const { result = 'answered' } = end;
        if (result === 'answered') await limits.answered(store, [call], now());
        if (await finishCall(store, call, result, at)) await endSubmission(store, submission, end, at);
      });
    },

    async moveTasks(steps, at) {
      const leased = leases.among(
        'task',
        steps.map(({ task }) => task.id),
      );
      await settle('task', leased, (store) => moveTasks(store, steps, at));
    },

    nextDue: (connector) => storage.read((store) => nextDueOfJobs(store, connector, parts.queueSchema, now())),
    connectorState: (connector, since, monthStart) =>
      storage.read((store) => limits.read(store, connector, since, monthStart)),
    saveConnectorState: (connector, change) =>
      write((store) => limits.saveConnectorState(store, connector, change, now())),
  };
  return ledger;
}

function kindOf(state: TimedState, { bisectedBatch }: DueOptions): JobKind {
  return state === 'ready' && typeof bisectedBatch === 'number' ? 'part' : state;
}

// A look costs less than a transaction that may take jobs. What is due may be in other hands all the same.
function hasDue(storage: PostgresAdapter, connector: string, kind: JobKind, now: number): Promise<boolean> {
  return storage.read((store) => {
    const id = store.connectorId(connector);
    if (kind === 'waiting') {
      return store.has('SELECT 1 FROM submissions WHERE connector = ? AND next_at <= ? LIMIT 1', id, now);
    }
    if (kind === 'part') {
      return store.has(
        `SELECT 1 FROM tasks WHERE connector = ? AND bisected_batch IS NOT NULL AND next_at IS NOT NULL AND next_at <= ?
         ${andNotOnHold(store)} LIMIT 1`,
        id,
        now,
      );
    }
    return store.has(
      `SELECT 1 FROM tasks WHERE connector = ? AND state = ? AND next_at IS NOT NULL AND next_at <= ?
       ${andNotOnHold(store)} LIMIT 1`,
      id,
      kind,
      now,
    );
  });
}

// Whose calls they are: they are cut off when that one is lost.
async function recordWorker(store: Store, calls: readonly (number | undefined)[], worker: number): Promise<void> {
  const among = amongNumbers(
    store,
    'id',
    calls.filter((call) => call !== undefined),
  );
  await store.run(`UPDATE calls SET worker = ? WHERE ${among.text}`, worker, ...among.values);
}

// Another worker asks about the same at this moment: two answers would be one too many.
async function isAskedAlready(
  store: Store,
  connector: number,
  kind: CallKind,
  tasks: readonly LedgerTask[],
): Promise<boolean> {
  if (kind !== 'recover' && kind !== 'verify') return false;
  const open = await store.all<Pick<StoredCall, 'tasks'>>(
    `SELECT tasks FROM calls WHERE connector = ? AND ended_at IS NULL AND kind IN ('recover', 'verify')`,
    connector,
  );
  const ranges = open.flatMap((call) => parseRanges(call.tasks));
  return tasks.some(({ id }) => ranges.some(({ first, last }) => first <= id && id <= last));
}

async function release(
  { leases, storage }: FleetParts,
  write: StorageAdapter['write'],
  tasks: readonly LedgerTask[],
  submissions: readonly OpenSubmission[],
): Promise<void> {
  const ofTasks = leases.among(
    'task',
    tasks.map(({ id }) => id),
  );
  const ofSubmissions = leases.among(
    'submission',
    submissions.map(({ id }) => id),
  );
  if (ofTasks.length + ofSubmissions.length === 0) return;
  await write(async () => {
    await renewJobs(storage, 'task', ofTasks);
    await renewJobs(storage, 'submission', ofSubmissions);
  });
  leases.drop('task', ofTasks);
  leases.drop('submission', ofSubmissions);
}
