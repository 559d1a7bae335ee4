import type { LedgerConnector } from '../ledger.ts';
import type { Store } from './store.ts';

// States in which a request has not been sent at a connector yet.
const unsent = `('pre-read', 'ready', 'submitting', 'in-doubt', 'held')`;

// A call deletes a record for everybody who asks for it: whoever leads waits for each request that goes along.
const mustWait = `EXISTS (
  SELECT 1 FROM tasks AS own
  JOIN connector_order ON connector_order.connector = own.connector
  JOIN tasks AS earlier ON earlier.request = own.request AND earlier.connector = connector_order.first
  WHERE (own.id = tasks.id OR own.duplicate_of = tasks.id) AND earlier.state IN ${unsent})`;

/** The tasks of a request, or those that they follow. */
const theirPrimaries = 'id IN (SELECT coalesce(duplicate_of, id) FROM tasks WHERE request = ?)';

/** Notes which connectors come after which; what waits and no longer has to, goes on, and what now has to, waits. */
export async function setOrder(store: Store, connectors: readonly LedgerConnector[]): Promise<void> {
  await store.run('DELETE FROM connector_order');
  for (const { name, after = [] } of connectors) {
    for (const first of after) {
      await store.run(
        'INSERT INTO connector_order (connector, first) VALUES (?, ?) ON CONFLICT (connector, first) DO NOTHING',
        store.connectorId(name),
        store.connectorId(first),
      );
    }
  }
  await store.guards.read(store);
  await release(store, 'TRUE');
  if (store.guards.hasOrder) await block(store, 'connector IN (SELECT connector FROM connector_order)');
}

/** Whether a task has to wait: a request that asks for its record is not sent yet where it is to be sent first. */
export async function isBlocked(store: Store, taskId: number): Promise<boolean> {
  return store.guards.hasOrder && store.has(`SELECT 1 FROM tasks WHERE id = ? AND ${mustWait}`, taskId);
}

/** Blocks the tasks of a request that has just come in, and those that it joins, where others are to be sent first. */
export async function blockTasks(store: Store, request: number): Promise<void> {
  if (store.guards.hasOrder) await block(store, theirPrimaries, request);
}

async function block(store: Store, which: string, ...values: number[]): Promise<void> {
  await store.run(
    `UPDATE tasks SET resume_at = next_at, next_at = NULL
     WHERE ${which} AND duplicate_of IS NULL AND next_at IS NOT NULL AND attempts = 0 AND state IN ('pre-read', 'ready')
       AND ${mustWait}`,
    ...values,
  );
}

/** Lets the tasks of a request, and those that it goes along with, go on where they no longer have to wait. */
export async function releaseBlocked(store: Store, request: number): Promise<void> {
  await release(store, theirPrimaries, request);
}

/** Lets a task go on if it waits and no longer has to. */
export async function releaseTask(store: Store, taskId: number): Promise<void> {
  await release(store, 'id = ?', taskId);
}

async function release(store: Store, which: string, ...values: number[]): Promise<void> {
  await store.run(
    `UPDATE tasks SET next_at = resume_at, resume_at = NULL WHERE ${which} AND resume_at IS NOT NULL AND NOT ${mustWait}`,
    ...values,
  );
}

/** Whether a task in this state has not been sent yet. */
export function isUnsent(state: string): boolean {
  return ['pre-read', 'ready', 'submitting', 'in-doubt', 'held'].includes(state);
}
