import { storeTransitions } from '../../tasks/store-transitions.ts';
import { inSql, statesThat } from '../../tasks/task-state.ts';
import type { LedgerConnector } from '../ledger.ts';
import type { StoredTask } from '../rows.ts';
import type { Store } from './store.ts';
import { changeTask } from './task-writer.ts';

// A call deletes a record for everybody who asks for it: a primary waits for each request that goes along.
const otherComesFirst = `EXISTS (
  SELECT 1 FROM tasks AS own
  JOIN connector_order ON connector_order.connector = own.connector
  JOIN tasks AS earlier ON earlier.request = own.request AND earlier.connector = connector_order.first
  WHERE (own.id = tasks.id OR own.duplicate_of = tasks.id)
    AND earlier.state IN (${inSql(statesThat(({ isUnsent }) => isUnsent))}))`;

/** The tasks of a request, or their primaries. */
const theirPrimaries = 'id IN (SELECT coalesce(duplicate_of, id) FROM tasks WHERE request = ?)';

/** Records which connectors come after which. What is blocked and no longer has to wait goes on, and the other way round. */
export async function setOrder(store: Store, connectors: readonly LedgerConnector[], now: number): Promise<void> {
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
  await unblock(store, 'TRUE', now);
  if (store.guards.hasOrder) await block(store, 'connector IN (SELECT connector FROM connector_order)', now);
}

/** Whether another connector has to be sent the request of a task, or of one of its duplicates, first. */
export async function mustWait(store: Store, taskId: number): Promise<boolean> {
  return store.guards.hasOrder && store.has(`SELECT 1 FROM tasks WHERE id = ? AND ${otherComesFirst}`, taskId);
}

/** Blocks the tasks of a request, and their primaries, where other connectors come first. */
export async function blockTasksOf(store: Store, request: number, now: number): Promise<void> {
  if (store.guards.hasOrder) await block(store, theirPrimaries, now, request);
}

/** Lets the tasks of a request, and those of which they are duplicates, go on where they no longer have to wait. */
export async function unblockOthersOf(store: Store, request: number, now: number): Promise<void> {
  if (store.guards.hasOrder) await unblock(store, theirPrimaries, now, request);
}

/** Lets a task go on if it is blocked and no longer has to wait. */
export async function unblockTask(store: Store, taskId: number, now: number): Promise<void> {
  await unblock(store, 'id = ?', now, taskId);
}

async function block(store: Store, which: string, now: number, ...values: number[]): Promise<void> {
  const tasks = await store.all<Pick<StoredTask, 'id'>>(
    `SELECT id FROM tasks WHERE ${which} AND state = 'ready' AND next_at IS NOT NULL AND duplicate_of IS NULL AND attempts = 0 AND ${otherComesFirst}`,
    ...values,
  );
  for (const { id } of tasks) await changeTask(store, id, storeTransitions.mustWait(), now);
}

async function unblock(store: Store, which: string, now: number, ...values: number[]): Promise<void> {
  const tasks = await store.all<Pick<StoredTask, 'id'>>(
    `SELECT id FROM tasks WHERE ${which} AND state = 'blocked' AND duplicate_of IS NULL AND NOT ${otherComesFirst}`,
    ...values,
  );
  for (const { id } of tasks) await changeTask(store, id, storeTransitions.othersSent(now), now);
}
