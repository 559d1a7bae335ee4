import type { Target } from '@expunge/core';
import { canonicalTarget } from '../ledger.ts';
import type { Store } from './store.ts';

/** The requests that had a target, also when their identifiers are gone. */
export async function requestsOfTarget(store: Store, connector: string, target: Target): Promise<readonly string[]> {
  const rows = await store.all<{ request_id: string }>(
    `SELECT DISTINCT requests.id, requests.request_id FROM tasks JOIN requests ON requests.id = tasks.request
     JOIN connectors ON connectors.id = tasks.connector
     WHERE connectors.name = ? AND tasks.digest = unhex(?) ORDER BY requests.id`,
    connector,
    store.cipher.digest(canonicalTarget(target)),
  );
  return rows.map((row) => row.request_id);
}
