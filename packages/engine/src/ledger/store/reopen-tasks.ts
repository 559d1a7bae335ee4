import type { RestoreReport } from '../../engine/engine.ts';
import { inSql } from '../../tasks/task-state.ts';
import { storeTransitions } from '../../tasks/transition.ts';
import { statesBefore } from '../../tasks/transitions.ts';
import { toRanges } from '../number-ranges.ts';
import { findPrimaries } from './add-tasks.ts';
import { blockTasksOf } from './connector-order.ts';
import type { Store } from './store.ts';
import { changeTask, joinPrimary } from './task-writer.ts';

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

interface Primary {
  readonly id: number;
  /** How many tasks go with it, itself included. */
  readonly tasks: number;
}

// The primary's person may be erased while a duplicate's is not: then the duplicate is the primary from now on.
async function readablePrimary(store: Store, primary: number): Promise<Primary | undefined> {
  const found = await store.get<{ id: number }>(
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
  return store.get<Primary>(
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
  const request = await store.get<{ id: number }>('SELECT id FROM requests WHERE request_id = ?', requestId);
  if (request === undefined) return undefined;
  const tasks = await store.all<{ id: number; connector: number; digest: string; page: number | null }>(
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
