import type { LedgerConnector } from '../ledger.ts';
import type { Store } from './store.ts';

// States in which a request has not been sent at a connector yet.
const unsent = `('pre-read', 'ready', 'submitting', 'in-doubt', 'held')`;

// A call deletes a record for everybody who asks for it: whoever leads waits for each request that goes along.
const mustWait = `EXISTS (
  SELECT 1 FROM tasks AS own
  JOIN connector_order ON connector_order.connector = own.connector
  JOIN tasks AS earlier ON earlier.request = own.request AND earlier.connector = connector_order.first
  WHERE (own.id = tasks.id OR own.leader = tasks.id) AND earlier.state IN ${unsent})`;

/** The tasks of a request, or those that they follow. */
const theirLeaders = 'id IN (SELECT coalesce(leader, id) FROM tasks WHERE request = ?)';

/** Notes which connectors come after which; what waits and no longer has to, goes on, and what now has to, waits. */
export function setOrder(store: Store, connectors: readonly LedgerConnector[]): void {
  store.sql('DELETE FROM connector_order').run();
  for (const { name, after = [] } of connectors) {
    for (const first of after) {
      store
        .sql('INSERT OR IGNORE INTO connector_order (connector, first) VALUES (?, ?)')
        .run(store.connectorId(name), store.connectorId(first));
    }
  }
  release(store, 'TRUE');
  if (hasOrder(store)) block(store, 'connector IN (SELECT connector FROM connector_order)');
}

/** Whether a task has to wait: a request that asks for its record is not sent yet where it is to be sent first. */
export function isBlocked(store: Store, taskId: number): boolean {
  return hasOrder(store) && store.get(`SELECT 1 FROM tasks WHERE id = ? AND ${mustWait}`, taskId) !== undefined;
}

/** Blocks the tasks of a request that has just come in, and those that it joins, where others are to be sent first. */
export function blockTasks(store: Store, request: number): void {
  if (hasOrder(store)) block(store, theirLeaders, request);
}

function block(store: Store, which: string, ...values: number[]): void {
  store
    .sql(
      `UPDATE tasks SET resume_at = next_at, next_at = NULL
       WHERE ${which} AND leader IS NULL AND next_at IS NOT NULL AND attempts = 0 AND state IN ('pre-read', 'ready')
         AND ${mustWait}`,
    )
    .run(...values);
}

/** Lets the tasks of a request, and those that it goes along with, go on where they no longer have to wait. */
export function releaseBlocked(store: Store, request: number): void {
  release(store, theirLeaders, request);
}

/** Lets a task go on if it waits and no longer has to. */
export function releaseTask(store: Store, taskId: number): void {
  release(store, 'id = ?', taskId);
}

function release(store: Store, which: string, ...values: number[]): void {
  store
    .sql(
      `UPDATE tasks SET next_at = resume_at, resume_at = NULL WHERE ${which} AND resume_at IS NOT NULL AND NOT ${mustWait}`,
    )
    .run(...values);
}

/** Whether anything comes after anything. */
export function hasOrder(store: Store): boolean {
  return store.get('SELECT 1 FROM connector_order LIMIT 1') !== undefined;
}

/** Whether a task in this state has not been sent yet. */
export function isUnsent(state: string): boolean {
  return ['pre-read', 'ready', 'submitting', 'in-doubt', 'held'].includes(state);
}
