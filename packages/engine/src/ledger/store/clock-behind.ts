import { toIso } from '../../clock.ts';
import { LedgerError } from '../ledger-error.ts';
import type { StoredConnector, StoredValue } from '../rows.ts';
import { readHead } from './audit-log.ts';
import { parseByKind } from './connectors.ts';
import type { Store } from './store.ts';

// A few minutes are a corrected clock; more would schedule everything wrongly and falsify the record.
const clockToleranceMs = 600_000;
// The latest of the last entries: the clock may have gone back and forth a little.
const lastEntries = 100;

/** What came of accepting a clock that lies behind the ledger. */
export interface ClockCorrection {
  /** How far the ledger's last entry lay ahead, in milliseconds. */
  readonly aheadMs: number;
  /** When the first entry with a time that is still to come was written, ISO 8601, by the clock of then. */
  readonly sinceAt: string;
}

/** Refuses to go on with a clock that lies behind what the ledger was last written at. */
export async function refuseClockBehind(store: Store, now: number): Promise<void> {
  const last = await lastWrittenAt(store);
  if (last === undefined || now >= last - clockToleranceMs) return;
  throw new LedgerError(
    'clock-behind',
    `The clock says ${toIso(now)}, and the ledger was last written at ${toIso(last)}. Set the clock right; nothing was changed. If the clock is right now and was wrong then, 'expunge ledger accept-clock' goes on from here.`,
  );
}

async function lastWrittenAt(store: Store): Promise<number | undefined> {
  const [corrected, head] = [await correctedAt(store), await readHead(store)];
  const last = await store.get<{ at: number | null }>(
    'SELECT max(at) AS at FROM audit WHERE sequence > ?',
    Math.max(head.sequence - lastEntries, corrected),
  );
  return last?.at ?? undefined;
}

/** The last entry before the clock was corrected. */
async function correctedAt(store: Store): Promise<number> {
  const row = await store.get<StoredValue>(`SELECT value FROM meta WHERE key = 'clock-corrected'`);
  if (row === undefined) return 0;
  // A ledger of version 0.1 has it as a text.
  return Number(typeof row.value === 'string' ? row.value : Buffer.from(row.value).toString());
}

// Times of what has happened: in the future they can only come from the wrong clock.
const happened: readonly (readonly [table: string, column: string])[] = [
  ['requests', 'accepted_at'],
  ['requests', 'settled_at'],
  ['tasks', 'submitted_at'],
  ['tasks', 'finished_at'],
  ['calls', 'started_at'],
  ['calls', 'ended_at'],
  ['submissions', 'submitted_at'],
  ['holds', 'added_at'],
  ['imports', 'started_at'],
  ['imports', 'last_at'],
  ['imports', 'ended_at'],
  ['connectors', 'paused_at'],
];

// Times of what is to happen: from the wrong clock are those that lie behind its first entry.
const planned: readonly (readonly [table: string, column: string])[] = [
  ['tasks', 'next_at'],
  ['tasks', 'not_before'],
  ['tasks', 'read_by'],
  ['submissions', 'next_at'],
];

/**
 * Goes on with a clock that lies behind the ledger, because it was ahead when the ledger was written: every time that
 * the wrong clock has set is brought back by as much as the last entry lies ahead. The audit log keeps them as they were,
 * and says what was done.
 *
 * @returns undefined where the clock is not behind.
 */
export async function acceptClock(store: Store, now: number): Promise<ClockCorrection | undefined> {
  const last = await lastWrittenAt(store);
  if (last === undefined || now >= last) return undefined;
  const ahead = last - now;
  const first = await store.get<{ at: number | null }>('SELECT min(at) AS at FROM audit WHERE at > ?', now);
  const since = first?.at ?? last;
  // A request without a time of receipt was received when it came in, and its deadline counts from there.
  await store.run(
    'UPDATE requests SET received_at = received_at - ?1, due_at = due_at - ?1 WHERE received_at > ?2',
    ahead,
    now,
  );
  for (const [table, column] of happened) {
    await store.run(`UPDATE ${table} SET ${column} = ${column} - ?1 WHERE ${column} > ?2`, ahead, now);
  }
  for (const [table, column] of planned) {
    await store.run(
      `UPDATE ${table} SET ${column} = CASE WHEN ${column} - ?1 < ?2 THEN CAST(?2 AS bigint) ELSE ${column} - ?1 END
       WHERE ${column} >= ?3`,
      ahead,
      now,
      since,
    );
  }
  const connectors = await store.all<Pick<StoredConnector, 'id' | 'blocks'>>('SELECT id, blocks FROM connectors');
  for (const { id, blocks: text } of connectors) {
    const blocks = Object.entries(parseByKind(text)).map(([kind, until]) => [
      kind,
      until >= since ? Math.max(now, until - ahead) : until,
    ]);
    await store.run(
      'UPDATE connectors SET blocks = ?, quota_until = CASE WHEN quota_until >= ? THEN NULL ELSE quota_until END WHERE id = ?',
      JSON.stringify(Object.fromEntries(blocks)),
      since,
      id,
    );
  }
  const before = store.audit.head.sequence;
  store.audit.add({ type: 'clock-corrected', was: toIso(last), now: toIso(now), since: toIso(since) });
  await store.run(
    `INSERT INTO meta (key, value) VALUES ('clock-corrected', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    Buffer.from(`${before}`),
  );
  return { aheadMs: ahead, sinceAt: toIso(since) };
}
