import type { Store } from './store.ts';

/** Whether a task, or one that follows it, belongs to a request that is held back: one call would delete the record for all. */
export async function isHeldBack(store: Store, taskId: number): Promise<boolean> {
  if (!store.guards.hasHeldRequests) return false;
  return store.has(
    `SELECT 1 FROM tasks JOIN held_requests ON held_requests.request = tasks.request
     WHERE tasks.id = ?1 OR tasks.duplicate_of = ?1 LIMIT 1`,
    taskId,
  );
}
