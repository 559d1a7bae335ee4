import { andNotOnHold, nextDue, type Store, type TimedState } from '@expunge/engine/storage';
import { queueOf } from './job-queues.ts';

type Due = Partial<Record<TimedState | 'waiting', number>>;

/**
 * The earliest time at which something of a connector becomes due, per kind of work. What was given up is due no more,
 * until an operator puts it back in line: no worker has to wait for it.
 */
export async function nextDueOfJobs(store: Store, connector: string, queueSchema: string, now: number): Promise<Due> {
  const id = store.connectorId(connector);
  const due: Due = await nextDue(store, id);
  for (const kind of Object.keys(due) as (keyof Due)[]) {
    if ((due[kind] ?? 0) > now || (await hasJob(store, connector, kind, queueSchema))) continue;
    const later =
      kind === 'waiting'
        ? await store.get<{ at: number | null }>(
            'SELECT min(next_at) AS at FROM submissions WHERE connector = ? AND next_at > ?',
            id,
            now,
          )
        : await store.get<{ at: number | null }>(
            `SELECT min(next_at) AS at FROM tasks WHERE connector = ? AND state = ? AND next_at > ?${andNotOnHold(store)}`,
            id,
            kind,
            now,
          );
    if (later?.at == null) delete due[kind];
    else due[kind] = later.at;
  }
  return due;
}

// Whether anybody works on such a job, or could. pg-boss has no such question: its table is read here, and never written.
async function hasJob(store: Store, connector: string, kind: keyof Due, queueSchema: string): Promise<boolean> {
  if (await store.has('SELECT 1 FROM job_changes LIMIT 1')) return true;
  for (const queue of kind === 'ready' ? ['ready', 'part'] : [kind]) {
    const text = `SELECT 1 FROM ${queueSchema}.job
      WHERE name = ? AND (state = 'active' OR (state < 'active' AND start_after <= clock_timestamp())) LIMIT 1`;
    if (await store.has(text, queueOf(connector, queue))) return true;
  }
  return false;
}
