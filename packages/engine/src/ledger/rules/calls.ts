import type { CallKind } from '@expunge/core';
import type { CallResult, LedgerTask, TaskStep } from '../ledger.ts';
import { toRanges, toRuns } from '../number-ranges.ts';
import { changeTasks } from './change-tasks.ts';
import { stillThere, takeSteps } from './move-tasks.ts';
import { runsOf } from './runs-of.ts';
import type { Store } from './store.ts';

/** Notes that a call begins; the tasks of a submission go with it. Undefined where a task is no longer what it was. */
export async function beginCall(
  store: Store,
  connector: number,
  kind: CallKind,
  tasks: readonly LedgerTask[],
  now: number,
): Promise<number | undefined> {
  if ((await stillThere(store, tasks)).size < tasks.length) return undefined;
  if (kind === 'submit' && (await isDoubtHeld(store, tasks))) return undefined;
  const ids = tasks.map((task) => task.id);
  if (store.stops.hasOrder && (await hasToWait(store, ids))) return undefined;
  const call = await addCall(store, connector, kind, ids, now);
  if (kind === 'submit') {
    // A call carries one part of a rejected batch, or what belongs to none: see `dueTasks`. Sent again it may be mixed.
    for (const alike of runsOf(tasks, (task, other) => task.split === other.split)) {
      const { split } = alike[0];
      const those = alike.map((task) => task.id);
      await changeTasks(store, those, { state: 'submitting', split }, now, { call });
    }
  }
  return call;
}

async function addCall(
  store: Store,
  connector: number,
  kind: CallKind,
  ids: readonly number[],
  now: number,
): Promise<number> {
  const added = await store.get<{ id: number }>(
    'INSERT INTO calls (connector, kind, targets, tasks, started_at) VALUES (?, ?, ?, ?, ?) RETURNING id',
    connector,
    kind,
    ids.length,
    kind === 'submit' ? toRanges(ids) : '',
    now,
  );
  if (added === undefined) throw new Error('The database gave no number to a new call.');
  const call = added.id;
  const name = store.connectorName(connector);
  store.audit.add({ type: 'call-begun', call, connector: name, kind, targets: ids.length });
  return call;
}

// A request that came in since the look may have to be sent elsewhere before the record that it shares.
async function hasToWait(store: Store, ids: readonly number[]): Promise<boolean> {
  for (const { first, last } of toRuns(ids)) {
    const text = 'SELECT 1 FROM tasks WHERE id BETWEEN ? AND ? AND resume_at IS NOT NULL LIMIT 1';
    if (await store.has(text, first, last)) return true;
  }
  return false;
}

// Whoever is held back in doubt stays in doubt, and only loses the time at which it would be sent again.
async function isDoubtHeld(store: Store, tasks: readonly LedgerTask[]): Promise<boolean> {
  const doubtful = toRuns(tasks.filter((task) => task.state === 'in-doubt').map((task) => task.id));
  for (const { first, last } of doubtful) {
    const text = 'SELECT 1 FROM tasks WHERE id BETWEEN ? AND ? AND next_at IS NULL LIMIT 1';
    if (await store.has(text, first, last)) return true;
  }
  return false;
}

/** Notes how a call ended, and moves its tasks. */
export async function endCall(
  store: Store,
  call: number,
  end: {
    readonly result: CallResult;
    readonly steps: readonly TaskStep[];
    readonly firstCheckAt?: number | undefined;
    readonly disproved?: number | undefined;
  },
  now: number,
): Promise<void> {
  if (!(await finishCall(store, call, end.result, now))) return;
  if (end.disproved !== undefined) await noteResult(store, end.disproved, 'not-taken', now);
  await takeSteps(store, call, end.steps, end.firstCheckAt ?? now, now);
}

/**
 * Notes how a call ended.
 *
 * @returns false where it has ended before: it was taken for cut off, and what came of it was found out in another way. Then
 * nothing was noted.
 */
export async function finishCall(store: Store, call: number, result: CallResult, now: number): Promise<boolean> {
  if (!(await store.has('SELECT 1 FROM calls WHERE id = ? AND ended_at IS NULL', call))) return false;
  await noteResult(store, call, result, now);
  return true;
}

async function noteResult(store: Store, call: number, result: CallResult, now: number): Promise<void> {
  await store.run('UPDATE calls SET ended_at = ?, result = ? WHERE id = ?', now, result, call);
  store.audit.add({ type: 'call-ended', call, result });
}
