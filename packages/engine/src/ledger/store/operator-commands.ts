import type { CancelReport, RestoreReport } from '../../engine/engine.ts';
import { storeTransitions } from '../../tasks/store-transitions.ts';
import { inSql, taskStates } from '../../tasks/task-state.ts';
import { statesBefore } from '../../tasks/transitions.ts';
import { toRanges } from '../number-ranges.ts';
import type { StoredRequest, StoredTask, TaskToCancel, TaskToReopen, TaskToRestore } from '../rows.ts';
import { findPrimaries } from './add-tasks.ts';
import { blockTasksOf, unblockTask } from './connector-order.ts';
import type { Store } from './store.ts';
import { changeTask, joinPrimary } from './task-writer.ts';

/**
 * Cancels the tasks of a request that the vendor certainly has not acted on, within a transaction: never sent, or sent by
 * calls that certainly did nothing.
 */
export async function cancelUnsent(store: Store, requestId: string, now: number): Promise<CancelReport | undefined> {
  const request = await store.get<Pick<StoredRequest, 'id'>>('SELECT id FROM requests WHERE request_id = ?', requestId);
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

/**
 * Puts tasks back to be sent, within a transaction: those that failed, ended partly done or contradicted, or those that
 * need a review. With a task goes everybody who asked for the same record.
 */
export async function reopen(
  store: Store,
  which: 'failed' | 'needs-review',
  options: { requestId?: string | undefined; connector?: string | undefined },
  now: number,
): Promise<number> {
  const event = which === 'failed' ? 'retry' : 'resend';
  const found = await store.all<{ lead: number }>(
    `SELECT DISTINCT coalesce(tasks.duplicate_of, tasks.id) AS lead FROM tasks
     JOIN requests ON requests.id = tasks.request JOIN connectors ON connectors.id = tasks.connector
     WHERE tasks.state IN (${inSql(statesBefore(event))}) AND (CAST(?1 AS text) IS NULL OR requests.request_id = ?1)
       AND (CAST(?2 AS text) IS NULL OR connectors.name = ?2)`,
    options.requestId ?? null,
    options.connector ?? null,
  );
  let reopened = 0;
  const primaries: number[] = [];
  for (const { lead } of found) {
    const task = await readablePrimary(store, lead);
    if (task === undefined) continue;
    await changeTask(store, task.id, storeTransitions[event](now), now);
    reopened += task.tasks;
    primaries.push(task.id);
  }
  // What follows is the operator's decision, not the engine's.
  if (primaries.length > 0) store.audit.add({ type: 'reopened', which, tasks: toRanges(primaries) });
  return reopened;
}

// The primary's person may be erased while a duplicate's is not: then the duplicate is the primary from now on.
async function readablePrimary(store: Store, primary: number): Promise<TaskToReopen | undefined> {
  const found = await store.get<Pick<StoredTask, 'id'>>(
    'SELECT id FROM tasks WHERE (id = ?1 OR duplicate_of = ?1) AND page IS NOT NULL ORDER BY id = ?1 DESC, id LIMIT 1',
    primary,
  );
  if (found === undefined) return undefined;
  const readable = found.id;
  if (readable !== primary) {
    await store.run(
      'UPDATE tasks SET duplicate_of = ?1 WHERE (id = ?2 OR duplicate_of = ?2) AND id <> ?1',
      readable,
      primary,
    );
    await store.run('UPDATE tasks SET duplicate_of = NULL WHERE id = ?', readable);
  }
  return store.get<TaskToReopen>(
    'SELECT id, 1 + (SELECT count(*) FROM tasks AS other WHERE other.duplicate_of = tasks.id) AS tasks FROM tasks WHERE id = ?',
    readable,
  );
}

/**
 * Puts the cancelled tasks of a request back, within a transaction. Where another request has the same record still to be
 * sent, the task becomes a duplicate of that one.
 */
export async function restore(
  store: Store,
  requestId: string,
  readFirstAt: readonly string[],
  now: number,
): Promise<RestoreReport | undefined> {
  const request = await store.get<Pick<StoredRequest, 'id'>>('SELECT id FROM requests WHERE request_id = ?', requestId);
  if (request === undefined) return undefined;
  const tasks = await store.all<TaskToRestore>(
    `SELECT id, connector, lower(hex(digest)) AS digest, page FROM tasks
     WHERE request = ? AND state IN (${inSql(statesBefore('restore'))}) ORDER BY id`,
    request.id,
  );
  const restored: number[] = [];
  for (const { id, connector, digest, page } of tasks) {
    // Who it was is erased: there is nothing left to send.
    if (page === null) continue;
    const primary = (await findPrimaries(store, connector, [digest])).get(digest);
    const first = readFirstAt.includes(store.connectorName(connector)) ? 'pre-read' : 'ready';
    if (primary === undefined) await changeTask(store, id, storeTransitions.restore(first, now), now);
    else await joinPrimary(store, id, primary.id, storeTransitions.restore(primary.state, now), now);
    restored.push(id);
  }
  await blockTasksOf(store, request.id, now);
  if (restored.length > 0) store.audit.add({ type: 'restored', request: request.id, tasks: toRanges(restored) });
  return { restored: restored.length, erased: tasks.length - restored.length };
}
