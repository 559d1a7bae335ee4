import { createCipher } from '../../crypto/cipher.ts';
import { type LedgerSecret, wrapLedgerSecret } from '../../crypto/ledger-key.ts';
import { toRanges } from '../number-ranges.ts';
import type { PageKind } from './encrypted-pages.ts';
import type { Store } from './store.ts';

const requestsPerStep = 500;

/** Forgets who some requests were about that were settled before a time, or at it: digests stay, and nothing can be read any more. */
export async function eraseSome(store: Store, settledBefore: number): Promise<number> {
  const requests = await store.all<{ id: number; page: number }>(
    'SELECT id, page FROM requests INDEXED BY requests_to_erase WHERE settled_at <= ? AND settled_at IS NOT NULL AND page IS NOT NULL LIMIT ?',
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
    await store.run('UPDATE requests SET page = NULL WHERE id = ?', id);
    const tasks = await store.all<{ id: number; connector: number; page: number }>(
      'SELECT id, connector, page FROM tasks WHERE request = ? AND page IS NOT NULL',
      id,
    );
    for (const task of tasks) note(`tasks/${task.connector}`, task.page, task.id);
    if (tasks.length > 0) await store.run('UPDATE tasks SET page = NULL WHERE request = ?', id);
  }
  for (const [page, { kind, ids }] of rows) await store.pages.erase(kind, page, ids);
  if (requests.length > 0) store.audit.add({ type: 'shredded', requests: toRanges(requests.map(({ id }) => id)) });
  return requests.length;
}

/**
 * Encrypts everything anew under another key, within one transaction. Digests stay as they are.
 *
 * @returns How many pages are damaged: they don't open under either key.
 */
export async function reencrypt(store: Store, key: Uint8Array, secret: LedgerSecret): Promise<number> {
  const damaged = await store.pages.reencrypt(createCipher(key, secret.digestSecret));
  await store.run(`UPDATE meta SET value = ? WHERE key = 'digest-secret'`, wrapLedgerSecret(key, secret));
  store.audit.add({ type: 'rekeyed' });
  return damaged;
}
