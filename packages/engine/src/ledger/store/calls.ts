import type { CallKind } from '@expunge/core';
import { storeTransitions } from '../../tasks/transition.ts';
import type { CallResult, LedgerTask, TaskStep } from '../ledger.ts';
import { toRanges } from '../number-ranges.ts';
import { taskIsOnHold } from './guards.ts';
import { stillThere, takeSteps } from './move-tasks.ts';
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

/** Notes that a method which has a call already begins a further one: it counts for the vendor's limits, and is over with the method. */
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
  const onHold = await store.all<{ id: number }>(
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
  const rows = await store.all<{ id: number; connector: number }>(
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
