import type { DatabaseSync } from 'node:sqlite';
import { wrapDigestSecret } from '../ledger-key.ts';
import { toRanges } from '../number-ranges.ts';
import { createSealer } from '../seal.ts';
import type { PageKind } from './sealed-pages.ts';
import type { Store } from './store.ts';

const requestsPerStep = 500;

/** Forgets who some requests were about that were settled before a time, or at it: digests stay, and nothing can be read any more. */
export function shredSome(store: Store, settledBefore: number): number {
  const requests = store.all<{ id: number; page: number }>(
    'SELECT id, page FROM requests INDEXED BY requests_to_shred WHERE settled_at <= ? AND settled_at IS NOT NULL AND page IS NOT NULL LIMIT ?',
    settledBefore,
    requestsPerStep,
  );
  const rows = new Map<number, { readonly kind: PageKind; readonly ids: number[] }>();
  const note = (kind: PageKind, page: number, id: number) => {
    const onPage = rows.get(page);
    if (onPage === undefined) rows.set(page, { kind, ids: [id] });
    else onPage.ids.push(id);
  };
  for (const { id, page } of requests) {
    note('requests', page, id);
    store.sql('UPDATE requests SET page = NULL WHERE id = ?').run(id);
    const tasks = store.all<{ id: number; connector: number; page: number }>(
      'SELECT id, connector, page FROM tasks WHERE request = ? AND page IS NOT NULL',
      id,
    );
    for (const task of tasks) note(`tasks/${task.connector}`, task.page, task.id);
    if (tasks.length > 0) store.sql('UPDATE tasks SET page = NULL WHERE request = ?').run(id);
  }
  for (const [page, { kind, ids }] of rows) store.pages.forget(kind, page, ids);
  if (requests.length > 0) store.audit.add({ type: 'shredded', requests: toRanges(requests.map(({ id }) => id)) });
  return requests.length;
}

/**
 * Brings the write-ahead log into the file, whose overwritten pages it still hides, and empties it. False where somebody
 * else is reading an older state of the file: then both still hold what they held.
 */
export function eraseLog(database: DatabaseSync): boolean {
  // Readers that are in the middle of something get a moment to end; whoever waits here waits for all calls in flight.
  database.exec('PRAGMA busy_timeout = 500');
  const end = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  database.exec('PRAGMA busy_timeout = 5000');
  return end?.busy === 0;
}

/** Seals everything anew under another key, within one transaction. Digests stay as they are. */
export function sealAnew(store: Store, key: Uint8Array, digestSecret: Uint8Array): void {
  store.pages.sealAnew(createSealer(key, digestSecret));
  store.sql(`UPDATE meta SET value = ? WHERE key = 'digest-secret'`).run(wrapDigestSecret(key, digestSecret));
  store.audit.add({ type: 'rekeyed' });
}
