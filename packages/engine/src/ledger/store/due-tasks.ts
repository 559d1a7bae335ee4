import { type TimedState, timedStates } from '../../tasks/task-state.ts';
import { storeTransitions } from '../../tasks/transition.ts';
import type { DueOptions, LedgerTask } from '../ledger.ts';
import { andNotOnHold } from './guards.ts';
import { type TaskRecord, taskColumns, toTasks } from './read-tasks.ts';
import type { SqlValue } from './sql.ts';
import type { Store } from './store.ts';
import { changeTasks } from './task-writer.ts';

/** Tasks of a connector that are due in a state, and not on hold. */
export async function dueTasks(
  store: Store,
  connector: number,
  state: TimedState,
  options: DueOptions,
): Promise<readonly LedgerTask[]> {
  const conditions = ['connector = ?1', 'state = ?2', 'next_at <= ?3'];
  const values: SqlValue[] = [connector, state, options.now, options.limit];
  if (options.targetType !== undefined) {
    values.push(options.targetType);
    conditions.push(`target_type = ?${values.length}`);
  }
  if (options.bisectedBatch === null) conditions.push('bisected_batch IS NULL');
  if (typeof options.bisectedBatch === 'number') {
    values.push(options.bisectedBatch);
    conditions.push(`bisected_batch = ?${values.length}`);
  }
  const index = typeof options.bisectedBatch === 'number' ? 'tasks_bisected' : 'tasks_due';
  const rows = await store.all<TaskRecord>(
    `SELECT ${taskColumns} FROM tasks INDEXED BY ${index} WHERE ${conditions.join(' AND ')} AND next_at IS NOT NULL
     ${andNotOnHold(store)} ORDER BY next_at, id LIMIT ?4`,
    ...values,
  );
  return toTasks(store, rows);
}

/** A part of a rejected batch that is due. */
export async function dueBisectedBatch(store: Store, connector: number, now: number): Promise<number | undefined> {
  const row = await store.get<{ bisected_batch: number }>(
    `SELECT bisected_batch FROM tasks INDEXED BY tasks_bisected
     WHERE connector = ? AND bisected_batch IS NOT NULL AND next_at IS NOT NULL AND next_at <= ? AND state = 'ready'
     ${andNotOnHold(store)} LIMIT 1`,
    connector,
    now,
  );
  return row?.bisected_batch;
}

/** The earliest time at which something becomes due, per kind of work. */
export async function nextDue(
  store: Store,
  connector: number,
): Promise<Partial<Record<TimedState | 'waiting', number>>> {
  const ofState = timedStates.map((state) => `SELECT '${state}' AS kind, (${firstTime(store, state)}) AS at`);
  const ofSubmissions = `SELECT 'waiting', min(next_at) FROM submissions WHERE connector = ?1 AND next_at IS NOT NULL`;
  const rows = await store.all<{ kind: TimedState | 'waiting'; at: number | null }>(
    [...ofState, ofSubmissions].join(' UNION ALL '),
    connector,
  );
  return Object.fromEntries(rows.flatMap(({ kind, at }) => (at === null ? [] : [[kind, at]])));
}

/** The first time at which a task of connector `?1` is due in a state. */
export function firstTime(store: Store, state: TimedState): string {
  return `SELECT next_at FROM tasks INDEXED BY tasks_due WHERE connector = ?1 AND state = '${state}' AND next_at IS NOT NULL
    ${andNotOnHold(store)} ORDER BY next_at LIMIT 1`;
}

/** Gives up the reads before deletion whose time is over. Each says why; `why` is the reason of those for which no call has failed. */
export async function giveUpReadsBefore(store: Store, connector: number, why: string, now: number): Promise<number> {
  const late = await store.all<{ id: number; reason: string | null }>(
    `SELECT id, reason FROM tasks INDEXED BY tasks_read_by
     WHERE connector = ? AND state = 'pre-read' AND read_by <= ? AND next_at IS NOT NULL${andNotOnHold(store)} ORDER BY id`,
    connector,
    now,
  );
  for (const [reason, tasks] of Map.groupBy(late, (task) => task.reason ?? why)) {
    const ids = tasks.map(({ id }) => id);
    await changeTasks(store, ids, storeTransitions.readBeforeGivenUp(reason, now), now);
  }
  return late.length;
}
