import type { CancelReport } from '../../engine/engine.ts';
import type { TaskState } from '../../tasks/task-state.ts';
import { changeTask } from './change-tasks.ts';
import { releaseTask } from './connector-order.ts';
import type { Store } from './store.ts';

/**
 * Cancels the tasks of a request that the vendor certainly has not acted on, within a transaction: never sent, or sent by
 * calls that certainly did nothing.
 */
export async function cancelUnsent(store: Store, requestId: string, now: number): Promise<CancelReport | undefined> {
  const request = await store.get<{ id: number }>('SELECT id FROM requests WHERE request_id = ?', requestId);
  if (request === undefined) return undefined;
  const tasks = await store.all<{
    id: number;
    state: TaskState;
    acted: number;
    duplicate_of: number | null;
    next_at: number | null;
    resume_at: number | null;
  }>('SELECT id, state, acted, duplicate_of, next_at, resume_at FROM tasks WHERE request = ?', request.id);
  let cancelled = 0;
  let tooLate = 0;
  let inDoubt = 0;
  for (const task of tasks) {
    if (task.state === 'skipped' || task.state === 'cancelled') continue;
    const isToBeSent = ['ready', 'pre-read', 'held'].includes(task.state);
    if (!isToBeSent || task.acted > 0) {
      tooLate += 1;
      if (isToBeSent || task.state === 'in-doubt') inDoubt += 1;
      continue;
    }
    const nextPrimary = task.duplicate_of === null ? await detachDuplicates(store, task.id) : undefined;
    if (task.duplicate_of !== null) await store.run('UPDATE tasks SET duplicate_of = NULL WHERE id = ?', task.id);
    await changeTask(store, task.id, { state: 'cancelled', reason: 'by-request' }, now);
    // The others no longer wait for this request.
    if (task.duplicate_of !== null) await releaseTask(store, task.duplicate_of);
    // The heir is due when the leader was: not before a waiting period is over, and not by itself while it is held.
    if (nextPrimary !== undefined) {
      await store.run(
        'UPDATE tasks SET duplicate_of = NULL, next_at = ?, resume_at = ? WHERE id = ?',
        task.next_at,
        task.resume_at,
        nextPrimary,
      );
      await releaseTask(store, nextPrimary);
    }
    cancelled += 1;
  }
  return { cancelled, tooLate, inDoubt };
}

// Other requests may want the same target gone: the first of them is to lead, once the old leader is out of the way.
// Until then they all follow the heir, the heir itself too, so that the old leader's end is not theirs.
async function detachDuplicates(store: Store, primary: number): Promise<number | undefined> {
  const first = await store.get<{ id: number | null }>(
    'SELECT min(id) AS id FROM tasks WHERE duplicate_of = ?',
    primary,
  );
  const nextPrimary = first?.id ?? undefined;
  if (nextPrimary !== undefined)
    await store.run('UPDATE tasks SET duplicate_of = ? WHERE duplicate_of = ?', nextPrimary, primary);
  return nextPrimary;
}
