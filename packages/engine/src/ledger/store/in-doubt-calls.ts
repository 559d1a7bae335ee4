import type { Target } from '@expunge/core';
import { inSql } from '../../tasks/task-state.ts';
import { storeTransitions } from '../../tasks/transition.ts';
import { statesBefore } from '../../tasks/transitions.ts';
import type { LedgerTask } from '../ledger.ts';
import { parseRanges } from '../number-ranges.ts';
import { finishCall } from './calls.ts';
import { type TaskRecord, taskColumns, toReadableTasks } from './read-tasks.ts';
import { runsOf } from './sql.ts';
import type { Store } from './store.ts';
import { changeTasks } from './task-writer.ts';

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
  const record = await store.get<{ started_at: number; targets: number; tasks: string }>(
    'SELECT started_at, targets, tasks FROM calls WHERE id = ?',
    call,
  );
  if (record === undefined) throw new Error('The ledger has no such call.');
  const rows: TaskRecord[] = [];
  for (const { first, last } of parseRanges(record.tasks)) {
    const run = await store.all<TaskRecord>(
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
  const open = await store.all<{ id: number }>(
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
  const open = await store.get<{ tasks: string }>('SELECT tasks FROM calls WHERE id = ? AND ended_at IS NULL', call);
  if (open === undefined) return false;
  for (const { first, last } of parseRanges(open.tasks)) {
    const tasks = await store.all<{ id: number; attempts: number }>(
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
