import type { LedgerConnector } from '../ledger.ts';
import type { Store } from './store.ts';

// States in which a request has not been sent at a connector yet.
const unsent = `('pre-read', 'ready', 'submitting', 'in-doubt', 'held')`;

/** Notes which connectors come after which; what waits and no longer has to, goes on. */
export function setOrder(store: Store, connectors: readonly LedgerConnector[]): void {
  store.sql('DELETE FROM connector_order').run();
  for (const { name, after = [] } of connectors) {
    for (const first of after) {
      store
        .sql('INSERT OR IGNORE INTO connector_order (connector, first) VALUES (?, ?)')
        .run(store.connectorId(name), store.connectorId(first));
    }
  }
  for (const { request } of store.all<{ request: number }>(
    'SELECT DISTINCT request FROM tasks INDEXED BY tasks_blocked WHERE resume_at IS NOT NULL',
  )) {
    releaseBlocked(store, request);
  }
}

/** Whether a task of a request at a connector has to wait: the request is not sent yet where it is to be sent first. */
export function isBlocked(store: Store, request: number, connector: number): boolean {
  if (!hasOrder(store)) return false;
  const waits = store.get(
    `SELECT 1 FROM connector_order JOIN tasks ON tasks.connector = connector_order.first
     WHERE connector_order.connector = ? AND tasks.request = ? AND tasks.state IN ${unsent}`,
    connector,
    request,
  );
  return waits !== undefined;
}

/** Blocks the tasks of a request that has just come in, where others are to be sent first. */
export function blockTasks(store: Store, request: number): void {
  if (!hasOrder(store)) return;
  const tasks = store.all<{ id: number; connector: number }>(
    `SELECT id, connector FROM tasks WHERE request = ? AND leader IS NULL AND next_at IS NOT NULL
       AND attempts = 0 AND state IN ('pre-read', 'ready')`,
    request,
  );
  for (const { id, connector } of tasks) {
    if (!isBlocked(store, request, connector)) continue;
    store.sql('UPDATE tasks SET resume_at = next_at, next_at = NULL WHERE id = ?').run(id);
  }
}

/** Lets the tasks of a request go on that no longer have to wait. */
export function releaseBlocked(store: Store, request: number): void {
  const tasks = store.all<{ id: number; connector: number }>(
    'SELECT id, connector FROM tasks WHERE request = ? AND resume_at IS NOT NULL',
    request,
  );
  for (const { id, connector } of tasks) {
    if (isBlocked(store, request, connector)) continue;
    store.sql('UPDATE tasks SET next_at = resume_at, resume_at = NULL WHERE id = ?').run(id);
  }
}

/** Whether anything comes after anything. */
export function hasOrder(store: Store): boolean {
  return store.get('SELECT 1 FROM connector_order LIMIT 1') !== undefined;
}

/** Whether a task in this state has not been sent yet. */
export function isUnsent(state: string): boolean {
  return ['pre-read', 'ready', 'submitting', 'in-doubt', 'held'].includes(state);
}
