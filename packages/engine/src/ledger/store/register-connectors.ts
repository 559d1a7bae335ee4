import type { LedgerConnector } from '../ledger.ts';
import { refuseClockBehind } from './clock-behind.ts';
import { setOrder } from './connector-order.ts';
import type { Store } from './store.ts';

/** Makes the connectors known, within a transaction. Refuses a clock that lies behind the ledger. */
export async function beginWork(store: Store, connectors: readonly LedgerConnector[], now: number): Promise<void> {
  await refuseClockBehind(store, now);
  for (const { name, vendor, operation } of connectors) {
    await store.run(
      `INSERT INTO connectors (name, vendor, operation) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET vendor = excluded.vendor, operation = excluded.operation`,
      name,
      vendor,
      operation,
    );
  }
  await store.readConnectors();
  await setOrder(store, connectors, now);
}

/** A new number for a list of requests that comes in. */
export async function nextImport(store: Store): Promise<number> {
  const row = await store.get<{ last: number | null }>('SELECT max(import_id) AS last FROM requests');
  return 1 + (row?.last ?? 0);
}
