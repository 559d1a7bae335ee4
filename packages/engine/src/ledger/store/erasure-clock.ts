import type { Store } from './store.ts';

const key = 'erasure-clock';

/**
 * Looks at the clock for an erasure. What is erased is gone for good, and one look can be at a clock that is years ahead: what
 * was due at an earlier look too is erased, and nothing else.
 *
 * @param apartMs - How far two looks lie apart, at the least.
 * @returns When the earlier look was; undefined where there is none yet.
 */
export async function lookAtClock(store: Store, now: number, apartMs: number): Promise<number | undefined> {
  const row = await store.get<{ value: Uint8Array }>('SELECT value FROM meta WHERE key = ?', key);
  const earlier = row === undefined ? undefined : Number(Buffer.from(row.value).toString());
  // A clock that was set back makes the earlier look worth nothing.
  if (earlier !== undefined && earlier <= now && now - earlier < apartMs) return undefined;
  await store.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    Buffer.from(`${now}`),
  );
  return earlier === undefined || earlier > now ? undefined : earlier;
}
