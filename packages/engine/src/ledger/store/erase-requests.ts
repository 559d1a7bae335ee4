import { toRanges } from '../number-ranges.ts';
import type { PageKind, PageOfRequest, PageOfTask } from '../rows.ts';
import type { Store } from './store.ts';

const requestsPerStep = 500;

/** Forgets who some requests were about that were settled before a time, or at it: digests stay, and nothing can be read any more. */
export async function eraseSome(store: Store, settledBefore: number): Promise<number> {
  const requests = await store.all<PageOfRequest>(
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
    const tasks = await store.all<PageOfTask>(
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

const erasureClock = 'erasure-clock';

/**
 * Looks at the clock for an erasure. What is erased is gone for good, and one look can be at a clock that is years ahead: what
 * was due at an earlier look too is erased, and nothing else.
 *
 * @param apartMs - How far two looks lie apart, at the least.
 * @returns When the earlier look was; undefined where there is none yet.
 */
export async function lookAtClock(store: Store, now: number, apartMs: number): Promise<number | undefined> {
  const row = await store.get<{ value: Uint8Array }>('SELECT value FROM meta WHERE key = ?', erasureClock);
  const earlier = row === undefined ? undefined : Number(Buffer.from(row.value).toString());
  // A clock that was set back makes the earlier look worth nothing.
  if (earlier !== undefined && earlier <= now && now - earlier < apartMs) return undefined;
  await store.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    erasureClock,
    Buffer.from(`${now}`),
  );
  return earlier === undefined || earlier > now ? undefined : earlier;
}
