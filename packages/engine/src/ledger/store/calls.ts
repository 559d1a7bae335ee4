import type { CallKind, Target } from '@expunge/core';
import { storeTransitions } from '../../tasks/store-transitions.ts';
import { inSql } from '../../tasks/task-state.ts';
import { statesBefore } from '../../tasks/transitions.ts';
import type { CallResult, Ledger, LedgerTask, TaskStep } from '../ledger.ts';
import { parseRanges, toRanges } from '../number-ranges.ts';
import type { StoredCall, StoredTask, TaskToWorkOn } from '../rows.ts';
import { taskIsOnHold } from './guards.ts';
import { stillThere, takeSteps } from './move-tasks.ts';
import { taskColumns, toReadableTasks } from './read-tasks.ts';
import { amongNumbers, insertRows, runsOf } from './sql.ts';
import type { Store } from './store.ts';
import { changeTasks } from './task-writer.ts';

/** How a call ended. */
export interface CallCompletion {
  /** The call's number. */
  readonly call: number;
  readonly result: CallResult;
  /** Where its tasks go. */
  readonly steps: readonly TaskStep[];
  /** When submissions that it has made are to be asked about at first. */
  readonly firstCheckAt?: number | undefined;
  /** An earlier call of which the vendor now says that it was never taken. */
  readonly notExecuted?: number | undefined;
}

/**
 * Records that calls start, and moves the tasks of submissions. One number for each call, in order; undefined where one of
 * its tasks is no longer what it was, or is on hold.
 */
export async function startCalls(
  store: Store,
  connector: number,
  kind: CallKind,
  calls: readonly (readonly LedgerTask[])[],
  now: number,
): Promise<readonly (number | undefined)[]> {
  const fit = await fitForCall(store, kind, calls.flat());
  const started = calls.filter((tasks) => tasks.every((task) => fit.has(task.id)));
  const first = await addCalls(store, connector, kind, started, now);
  const numbers = new Map(started.map((tasks, index) => [tasks, first + index]));
  if (kind === 'submit') await submitTasks(store, numbers, now);
  return calls.map((tasks) => numbers.get(tasks));
}

/** Records that a method which has a call already begins a further one: it counts for the vendor's limits, and is over with the method. */
export async function recordFurtherCall(store: Store, connector: number, kind: CallKind, now: number): Promise<void> {
  const call = await addCalls(store, connector, kind, [[]], now);
  await recordResults(store, [{ call, result: 'further' }], now);
}

// The tasks that are still what they were, and that nothing keeps from being sent.
async function fitForCall(store: Store, kind: CallKind, tasks: readonly LedgerTask[]): Promise<ReadonlySet<number>> {
  const fit = new Set(
    await stillThere(
      store,
      tasks.map((task) => ({ task })),
    ),
  );
  if (!store.guards.hasHeldRequests || kind === 'check' || kind === 'cancel') return fit;
  const among = amongNumbers(
    store,
    'id',
    tasks.map((task) => task.id),
  );
  const onHold = await store.all<Pick<StoredTask, 'id'>>(
    `SELECT id FROM tasks WHERE ${among.text} AND ${taskIsOnHold}`,
    ...among.values,
  );
  for (const { id } of onHold) fit.delete(id);
  return fit;
}

/** Returns the first one's number; the others follow it. */
async function addCalls(
  store: Store,
  connector: number,
  kind: CallKind,
  calls: readonly (readonly LedgerTask[])[],
  now: number,
): Promise<number> {
  const last = await store.get<{ id: number | null }>('SELECT max(id) AS id FROM calls');
  const first = 1 + (last?.id ?? 0);
  await insertRows(store, {
    table: 'calls',
    shared: { connector, kind, started_at: now },
    columns: ['id', 'targets', 'tasks'],
    rows: calls.map((tasks, index) => [first + index, tasks.length, toRanges(tasks.map((task) => task.id))]),
  });
  const name = store.connectorName(connector);
  for (const [index, tasks] of calls.entries()) {
    store.audit.add({ type: 'call-begun', call: first + index, connector: name, kind, targets: tasks.length });
  }
  return first;
}

async function submitTasks(
  store: Store,
  numbers: ReadonlyMap<readonly LedgerTask[], number>,
  now: number,
): Promise<void> {
  const tasks = [...numbers.keys()].flat();
  const calls = new Map([...numbers].flatMap(([those, call]) => those.map((task) => [task.id, call] as const)));
  // A call carries one part of a rejected batch, or what belongs to none: see `dueTasks`. Sent again it may be mixed.
  for (const alike of runsOf(tasks, (task, other) => task.bisectedBatch === other.bisectedBatch)) {
    const ids = alike.map((task) => task.id);
    await changeTasks(store, ids, storeTransitions.submitStarted(alike[0].bisectedBatch), now, { call: calls });
  }
}

/** Records how calls completed, and moves their tasks. A call that has ended before stays as it is. */
export async function completeCalls(store: Store, ends: readonly CallCompletion[], now: number): Promise<void> {
  const open = await openAmong(
    store,
    ends.map(({ call }) => call),
  );
  const ended = ends.filter(({ call }) => open.has(call));
  await recordResults(store, ended, now);
  const notExecuted = ended.flatMap((end) => (end.notExecuted === undefined ? [] : [end.notExecuted]));
  await recordResults(
    store,
    notExecuted.map((call) => ({ call, result: 'not-taken' })),
    now,
  );
  for (const connector of new Set(open.values())) {
    const those = ended.filter(({ call }) => open.get(call) === connector);
    await takeSteps(store, connector, those, now);
  }
}

/**
 * Records how a call completed.
 *
 * @returns false where it has ended before: it was taken for cut off, and what came of it was found out in another way. Then
 * nothing is recorded.
 */
export async function finishCall(store: Store, call: number, result: CallResult, now: number): Promise<boolean> {
  if (!(await openAmong(store, [call])).has(call)) return false;
  await recordResults(store, [{ call, result }], now);
  return true;
}

/** The calls that have not ended, each with its connector. */
async function openAmong(store: Store, calls: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const among = amongNumbers(store, 'id', calls);
  const rows = await store.all<Pick<StoredCall, 'id' | 'connector'>>(
    `SELECT id, connector FROM calls WHERE ${among.text} AND ended_at IS NULL`,
    ...among.values,
  );
  return new Map(rows.map(({ id, connector }) => [id, connector]));
}

async function recordResults(
  store: Store,
  ends: readonly { readonly call: number; readonly result: CallResult }[],
  now: number,
): Promise<void> {
  for (const result of new Set(ends.map((end) => end.result))) {
    const calls = ends.filter((end) => end.result === result).map(({ call }) => call);
    const among = amongNumbers(store, 'id', calls);
    await store.run(`UPDATE calls SET ended_at = ?, result = ? WHERE ${among.text}`, now, result, ...among.values);
  }
  for (const { call, result } of ends) store.audit.add({ type: 'call-ended', call, result });
}

/** The states of tasks whose last call has not been answered clearly. */
const carriedStates = inSql([...statesBefore('interrupted'), ...statesBefore('call-recovered')]);

/** What one call without a clear answer carried. */
export async function inDoubtCall(
  store: Store,
  call: number,
): Promise<{
  readonly startedAt: number;
  readonly tasks: readonly LedgerTask[];
  readonly targets: readonly Target[] | undefined;
}> {
  const record = await store.get<Pick<StoredCall, 'started_at' | 'targets' | 'tasks'>>(
    'SELECT started_at, targets, tasks FROM calls WHERE id = ?',
    call,
  );
  if (record === undefined) throw new Error('The ledger has no such call.');
  const rows: TaskToWorkOn[] = [];
  for (const { first, last } of parseRanges(record.tasks)) {
    const run = await store.all<TaskToWorkOn>(
      `SELECT ${taskColumns} FROM tasks
       WHERE id BETWEEN ? AND ? AND call = ? AND duplicate_of IS NULL AND state IN (${carriedStates}) ORDER BY id`,
      first,
      last,
      call,
    );
    rows.push(...run);
  }
  const carried = await toReadableTasks(store, rows);
  return {
    startedAt: record.started_at,
    tasks: carried.filter((task) => task.state === 'in-doubt'),
    targets: carried.length === record.targets ? carried.map((task) => task.target) : undefined,
  };
}

/** Ends all calls that are open as cut off. Only where no other process could be in the middle of one. */
export async function interruptOpenCalls(store: Store, now: number): Promise<void> {
  const open = await store.all<Pick<StoredCall, 'id'>>(
    'SELECT id FROM calls INDEXED BY calls_open WHERE ended_at IS NULL ORDER BY id',
  );
  for (const { id } of open) await interruptCall(store, id, now);
}

/**
 * Ends one call as cut off: its tasks are in doubt, because it is not known whether the vendor acted. A call that has ended
 * stays as it is.
 *
 * @returns Whether it was open.
 */
export async function interruptCall(store: Store, call: number, now: number): Promise<boolean> {
  const open = await store.get<Pick<StoredCall, 'tasks'>>(
    'SELECT tasks FROM calls WHERE id = ? AND ended_at IS NULL',
    call,
  );
  if (open === undefined) return false;
  for (const { first, last } of parseRanges(open.tasks)) {
    const tasks = await store.all<Pick<StoredTask, 'id' | 'attempts'>>(
      `SELECT id, attempts FROM tasks
       WHERE id BETWEEN ? AND ? AND call = ? AND state = 'submitting' AND duplicate_of IS NULL ORDER BY id`,
      first,
      last,
      call,
    );
    for (const alike of runsOf(tasks, (task, other) => task.attempts === other.attempts)) {
      const ids = alike.map((task) => task.id);
      await changeTasks(store, ids, storeTransitions.interrupted(alike[0].attempts + 1, now), now);
    }
  }
  await finishCall(store, call, 'interrupted', now);
  return true;
}

/** Calls that complete together, and when the last of them did. */
export interface EndsTogether {
  readonly ends: readonly CallCompletion[];
  readonly now: number;
}

interface Batched {
  readonly ends: CallCompletion[];
  now: number;
}

/**
 * Records completions together that come while a commit is under way. For vendors that take one target in a call, the
 * statements would cost more than the call.
 *
 * @param record - Commits completions. It asks for them when its transaction begins, and gets the same ones when that is
 * run again.
 */
export function batchCompletions(record: (take: () => EndsTogether) => Promise<void>): Ledger['completeCall'] {
  let waiting: { readonly batched: Batched; readonly recorded: Promise<void> } | undefined;
  const gather = (end: CallCompletion, now: number) => {
    if (waiting !== undefined) {
      waiting.batched.ends.push(end);
      waiting.batched.now = Math.max(waiting.batched.now, now);
      return waiting;
    }
    const batched: Batched = { ends: [end], now };
    const recorded = record(() => {
      if (waiting?.batched === batched) waiting = undefined;
      return batched;
    });
    waiting = { batched, recorded };
    return waiting;
  };
  return async (call, end, now) => {
    const own: CallCompletion = { call, ...end };
    const { batched, recorded } = gather(own, now);
    try {
      await recorded;
    } catch (error) {
      // What was never written must not keep others waiting.
      if (waiting?.batched === batched) waiting = undefined;
      if (batched.ends.length === 1) throw error;
      // One that can't be recorded must not fail its neighbours.
      await record(() => ({ ends: [own], now }));
    }
  };
}
