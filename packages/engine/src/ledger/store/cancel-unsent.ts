import type { CancelReport } from '../../engine/engine.ts';
import { type Effect, type TaskState, taskStates } from '../../tasks/task-state.ts';
import { storeTransitions } from '../../tasks/transition.ts';
import { unblockTask } from './connector-order.ts';
import type { Store } from './store.ts';
import { changeTask } from './task-writer.ts';

interface TaskToCancel {
  readonly id: number;
  readonly state: TaskState;
  readonly effect: Effect;
  readonly duplicate_of: number | null;
  readonly next_at: number | null;
}

/**
 * Cancels the tasks of a request that the vendor certainly has not acted on, within a transaction: never sent, or sent by
 * calls that certainly did nothing.
 */
export async function cancelUnsent(store: Store, requestId: string, now: number): Promise<CancelReport | undefined> {
  const request = await store.get<{ id: number }>('SELECT id FROM requests WHERE request_id = ?', requestId);
  if (request === undefined) return undefined;
  const tasks = await store.all<TaskToCancel>(
    'SELECT id, state, effect, duplicate_of, next_at FROM tasks WHERE request = ?',
    request.id,
  );
  // Also where nothing is left to cancel here and a vendor is asked to.
  store.audit.add({ type: 'cancel-requested', request: request.id });
  let cancelled = 0;
  let tooLate = 0;
  let inDoubt = 0;
  for (const task of tasks) {
    const { isToBeSent, isFinal, effect, countsAs } = taskStates[task.state];
    if (countsAs === 'skipped' || countsAs === 'cancelled') continue;
    if (isToBeSent && task.effect === 'none') {
      await cancelTask(store, task, now);
      cancelled += 1;
      continue;
    }
    tooLate += 1;
    if (isToBeSent || (!isFinal && effect === 'unknown')) inDoubt += 1;
  }
  return { cancelled, tooLate, inDoubt };
}

// Others may want the same record gone. They go on without this request.
async function cancelTask(store: Store, task: TaskToCancel, now: number): Promise<void> {
  const { id, duplicate_of: primary } = task;
  if (primary !== null) {
    await store.run('UPDATE tasks SET duplicate_of = NULL WHERE id = ?', id);
    await changeTask(store, id, storeTransitions.cancel(), now);
    await unblockTask(store, primary, now);
    return;
  }
  const next = await store.get<{ id: number | null }>('SELECT min(id) AS id FROM tasks WHERE duplicate_of = ?', id);
  const nextPrimary = next?.id ?? undefined;
  // Until the old primary is out of the way they all follow the next one, also that one itself: its end is not theirs.
  if (nextPrimary !== undefined) {
    await store.run('UPDATE tasks SET duplicate_of = ? WHERE duplicate_of = ?', nextPrimary, id);
  }
  await changeTask(store, id, storeTransitions.cancel(), now);
  if (nextPrimary === undefined) return;
  // It is due when the old one was, and not before its own waiting period is over.
  await store.run(
    `UPDATE tasks SET duplicate_of = NULL, next_at = CASE WHEN CAST(?1 AS bigint) < not_before THEN not_before ELSE ?1 END
     WHERE id = ?2`,
    task.next_at,
    nextPrimary,
  );
  await unblockTask(store, nextPrimary, now);
}
