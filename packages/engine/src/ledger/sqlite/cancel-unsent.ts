import type { CancelReport } from '../../engine.ts';
import type { TaskState } from '../../task-state.ts';
import { changeTask } from './change-tasks.ts';
import { releaseTask } from './order.ts';
import type { Store } from './store.ts';

/**
 * Cancels the tasks of a request that the vendor certainly has not acted on, within a transaction: never sent, or sent by
 * calls that certainly did nothing.
 */
export function cancelUnsent(store: Store, requestId: string, now: number): CancelReport | undefined {
  const request = store.sql('SELECT id FROM requests WHERE request_id = ?').get(requestId);
  if (request === undefined) return undefined;
  const tasks = store.all<{
    id: number;
    state: TaskState;
    acted: number;
    leader: number | null;
    next_at: number | null;
    resume_at: number | null;
  }>('SELECT id, state, acted, leader, next_at, resume_at FROM tasks WHERE request = ?', Number(request.id));
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
    const heir = task.leader === null ? detachFollowers(store, task.id) : undefined;
    if (task.leader !== null) store.sql('UPDATE tasks SET leader = NULL WHERE id = ?').run(task.id);
    changeTask(store, task.id, { state: 'cancelled', reason: 'by-request' }, now);
    // The others no longer wait for this request.
    if (task.leader !== null) releaseTask(store, task.leader);
    // The heir is due when the leader was: not before a waiting period is over, and not by itself while it is held.
    if (heir !== undefined) {
      store
        .sql('UPDATE tasks SET leader = NULL, next_at = ?, resume_at = ? WHERE id = ?')
        .run(task.next_at, task.resume_at, heir);
      releaseTask(store, heir);
    }
    cancelled += 1;
  }
  return { cancelled, tooLate, inDoubt };
}

// Other requests may want the same target gone: the first of them is to lead, once the old leader is out of the way.
// Until then they all follow the heir, the heir itself too, so that the old leader's end is not theirs.
function detachFollowers(store: Store, leader: number): number | undefined {
  const heir = store.sql('SELECT min(id) AS id FROM tasks WHERE leader = ?').get(leader)?.id;
  if (heir === null || heir === undefined) return undefined;
  store.sql('UPDATE tasks SET leader = ? WHERE leader = ?').run(heir, leader);
  return Number(heir);
}
