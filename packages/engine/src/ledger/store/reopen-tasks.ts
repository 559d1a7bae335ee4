import { toRanges } from '../number-ranges.ts';
import { changeTask } from './change-tasks.ts';
import type { Store } from './store.ts';

/**
 * Puts tasks back to `ready`, within a transaction: those that failed, ended partly done or contradicted, or those in
 * doubt that nothing will resolve by itself. With a task goes everybody who asked for the same record.
 */
export async function reopen(
  store: Store,
  which: 'failed' | 'in-doubt',
  options: { requestId?: string | undefined; connector?: string | undefined },
  now: number,
): Promise<number> {
  const states = which === 'failed' ? `'failed', 'partial', 'contradicted'` : `'in-doubt'`;
  const leads = await store.all<{ lead: number }>(
    `SELECT DISTINCT coalesce(tasks.duplicate_of, tasks.id) AS lead FROM tasks
     JOIN requests ON requests.id = tasks.request JOIN connectors ON connectors.id = tasks.connector
     WHERE tasks.state IN (${states}) AND (CAST(?1 AS text) IS NULL OR requests.request_id = ?1)
       AND (CAST(?2 AS text) IS NULL OR connectors.name = ?2)`,
    options.requestId ?? null,
    options.connector ?? null,
  );
  let reopened = 0;
  const primaries: number[] = [];
  for (const { lead } of leads) {
    const task = await readableLead(store, lead);
    if (task === undefined || task.next_at !== null) continue;
    await changeTask(store, task.id, { state: 'ready', nextAt: now, attempts: 0, reads: 0 }, now);
    reopened += task.tasks;
    primaries.push(task.id);
  }
  // What follows is the operator's decision, not the engine's.
  if (primaries.length > 0) store.audit.add({ type: 'reopened', which, tasks: toRanges(primaries) });
  return reopened;
}

interface Lead {
  readonly id: number;
  readonly next_at: number | null;
  /** How many tasks go with it, itself included. */
  readonly tasks: number;
}

// The leader's person may be forgotten while a follower's is not: then the follower leads from now on.
async function readableLead(store: Store, lead: number): Promise<Lead | undefined> {
  const found = await store.get<{ id: number }>(
    'SELECT id FROM tasks WHERE (id = ?1 OR duplicate_of = ?1) AND page IS NOT NULL ORDER BY id = ?1 DESC, id LIMIT 1',
    lead,
  );
  if (found === undefined) return undefined;
  const readable = found.id;
  if (readable !== lead) {
    await store.run(
      'UPDATE tasks SET duplicate_of = ?1 WHERE (id = ?2 OR duplicate_of = ?2) AND id <> ?1',
      readable,
      lead,
    );
    await store.run('UPDATE tasks SET duplicate_of = NULL WHERE id = ?', readable);
  }
  return store.get<Lead>(
    'SELECT id, next_at, 1 + (SELECT count(*) FROM tasks AS other WHERE other.duplicate_of = tasks.id) AS tasks FROM tasks WHERE id = ?',
    readable,
  );
}
