import type { DatabaseSync } from 'node:sqlite';
import { wrapDigestSecret } from '../ledger-key.ts';
import { toRanges } from '../number-ranges.ts';
import { createSealer } from '../seal.ts';
import { placeOfSubject, placeOfTarget, type Store } from './store.ts';

const pageSize = 500;

/** Forgets who some requests were about that were settled before a time, or at it: digests stay, and nothing can be read any more. */
export function shredSome(store: Store, settledBefore: number): number {
  const requests = store.all<{ id: number }>(
    'SELECT id FROM requests INDEXED BY requests_to_shred WHERE settled_at <= ? AND settled_at IS NOT NULL AND sealed IS NOT NULL LIMIT ?',
    settledBefore,
    pageSize,
  );
  for (const { id } of requests) {
    store.sql('UPDATE requests SET sealed = NULL WHERE id = ?').run(id);
    store.sql('UPDATE tasks SET sealed = NULL WHERE request = ?').run(id);
  }
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
  const next = createSealer(key, digestSecret);
  for (let last = 0; ; ) {
    const page = store.all<{ id: number; request_id: string; sealed: Uint8Array }>(
      'SELECT id, request_id, sealed FROM requests WHERE id > ? AND sealed IS NOT NULL ORDER BY id LIMIT ?',
      last,
      pageSize,
    );
    for (const row of page) {
      const place = placeOfSubject(row.request_id);
      const sealed = next.seal(store.sealer.open(row.sealed, place), place);
      store.sql('UPDATE requests SET sealed = ? WHERE id = ?').run(sealed, row.id);
      last = row.id;
    }
    if (page.length < pageSize) break;
  }
  for (let last = 0; ; ) {
    const page = store.all<{ id: number; connector: number; digest: Uint8Array; sealed: Uint8Array }>(
      'SELECT id, connector, digest, sealed FROM tasks WHERE id > ? AND sealed IS NOT NULL ORDER BY id LIMIT ?',
      last,
      pageSize,
    );
    for (const row of page) {
      const place = placeOfTarget(row.connector, row.digest);
      const sealed = next.seal(store.sealer.open(row.sealed, place), place);
      store.sql('UPDATE tasks SET sealed = ? WHERE id = ?').run(sealed, row.id);
      last = row.id;
    }
    if (page.length < pageSize) break;
  }
  store.sql(`UPDATE meta SET value = ? WHERE key = 'digest-secret'`).run(wrapDigestSecret(key, digestSecret));
  store.audit.add({ type: 'rekeyed' });
}
