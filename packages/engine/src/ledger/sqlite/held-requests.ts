import type { Store } from './store.ts';

/** Whether anybody is on the exclusion list, or a request is still held back. */
export function hasHolds(store: Store): boolean {
  return store.get('SELECT 1 FROM holds LIMIT 1') !== undefined || hasHeldRequests(store);
}

/** Whether anybody is held back at all. */
export function hasHeldRequests(store: Store): boolean {
  return store.get('SELECT 1 FROM held_requests LIMIT 1') !== undefined;
}

/** Whether a task, or one that follows it, belongs to a request that is held back: one call would delete the record for all. */
export function isHeldBack(store: Store, taskId: number): boolean {
  if (!hasHeldRequests(store)) return false;
  const held = store.get(
    `SELECT 1 FROM tasks JOIN held_requests ON held_requests.request = tasks.request WHERE tasks.id = ?1 OR tasks.leader = ?1`,
    taskId,
  );
  return held !== undefined;
}
