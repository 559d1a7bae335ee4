import type { LedgerConnector } from '../ledger.ts';
import type { TaskToWorkOn } from '../rows.ts';
import { refuseClockBehind } from './clock-behind.ts';
import { setOrder } from './connector-order.ts';
import { PageDamagedError } from './encrypted-pages.ts';
import type { Store } from './store.ts';

/** Makes the connectors known, within a transaction. Refuses a clock that lies behind the ledger. */
export async function beginWork(store: Store, connectors: readonly LedgerConnector[], now: number): Promise<void> {
  await refuseClockBehind(store, now);
  for (const { name, vendor, operation } of connectors) {
    await bindAnew(store, { name, vendor, operation });
    await store.run(
      `INSERT INTO connectors (name, vendor, operation) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET vendor = excluded.vendor, operation = excluded.operation`,
      name,
      vendor,
      operation,
    );
  }
  await store.readConnectors();
  await refuseChangedNames(store);
  await setOrder(store, connectors, now);
}

// The configuration may give a name to another account. Its tasks go on there, as the operator decided; nobody else can.
async function bindAnew(store: Store, next: { name: string; vendor: string; operation: string }): Promise<void> {
  const known = store.connectors().find(({ name }) => name === next.name);
  if (known === undefined || (known.vendor === next.vendor && known.operation === next.operation)) return;
  await store.pages.rebind(known, next);
  store.audit.add({ type: 'connector-changed', connector: next.name, vendor: next.vendor, operation: next.operation });
}

/** Opens one page for each connector with something to do: under another name than that which it was encrypted for, nothing is begun. */
async function refuseChangedNames(store: Store): Promise<void> {
  for (const { id } of store.connectors()) {
    const task = await store.get<Pick<TaskToWorkOn, 'id' | 'page' | 'digest'>>(
      `SELECT id, page, lower(hex(digest)) AS digest FROM tasks
       WHERE connector = ? AND next_at IS NOT NULL AND page IS NOT NULL LIMIT 1`,
      id,
    );
    if (task === undefined) continue;
    await store.pages.read(`tasks/${id}`, task.page, task.id, task.digest).catch((error: unknown) => {
      // A damaged page costs those on it, and is met when they are due.
      if (!(error instanceof PageDamagedError)) throw error;
    });
  }
}
