import { LedgerError } from '../ledger-error.ts';
import { parseByKind } from './connector-memory.ts';
import { toIso } from './reading.ts';
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
export function refuseClockBehind(store: Store, now: number): void {
  const last = lastWrittenAt(store);
  if (last === undefined || now >= last - clockToleranceMs) return;
  throw new LedgerError(
    'clock-behind',
    `The clock says ${toIso(now)}, and the ledger was last written at ${toIso(last)}. Set the clock right; nothing was changed. If the clock is right now and was wrong then, 'expunge ledger accept-clock' goes on from here.`,
  );
}

function lastWrittenAt(store: Store): number | undefined {
  const corrected = store.get<{ value: string }>(`SELECT value FROM meta WHERE key = 'clock-corrected'`)?.value ?? 0;
  const last = store.get<{ at: number | null }>(
    `SELECT max(at) AS at FROM audit WHERE sequence > max((SELECT max(sequence) FROM audit) - ${lastEntries}, ?)`,
    Number(corrected),
  )?.at;
  return last ?? undefined;
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
  ['connectors', 'paused_at'],
];

// Times of what is to happen: from the wrong clock are those that lie behind its first entry.
const planned: readonly (readonly [table: string, column: string])[] = [
  ['tasks', 'next_at'],
  ['tasks', 'resume_at'],
  ['submissions', 'next_at'],
];

/**
 * Goes on with a clock that lies behind the ledger, because it was ahead when the ledger was written: every time that
 * the wrong clock has set is brought back by as much as the last entry lies ahead. The audit log keeps them as they were,
 * and says what was done.
 *
 * @returns undefined where the clock is not behind.
 */
export function acceptClock(store: Store, now: number): ClockCorrection | undefined {
  const last = lastWrittenAt(store);
  if (last === undefined || now >= last) return undefined;
  const ahead = last - now;
  const since = store.get<{ at: number }>('SELECT min(at) AS at FROM audit WHERE at > ?', now)?.at ?? last;
  // Where nobody said when a request was received, it was when it came in, and its deadline counts from there.
  store
    .sql('UPDATE requests SET received_at = received_at - ?1, due_at = due_at - ?1 WHERE received_at > ?2')
    .run(ahead, now);
  for (const [table, column] of happened) {
    store.sql(`UPDATE ${table} SET ${column} = ${column} - ?1 WHERE ${column} > ?2`).run(ahead, now);
  }
  for (const [table, column] of planned) {
    store.sql(`UPDATE ${table} SET ${column} = max(?2, ${column} - ?1) WHERE ${column} >= ?3`).run(ahead, now, since);
  }
  for (const { id, blocks: text } of store.all<{ id: number; blocks: string | null }>(
    'SELECT id, blocks FROM connectors',
  )) {
    const blocks = Object.entries(parseByKind(text)).map(([kind, until]) => [
      kind,
      until >= since ? Math.max(now, until - ahead) : until,
    ]);
    store
      .sql(
        'UPDATE connectors SET blocks = ?, quota_until = CASE WHEN quota_until >= ? THEN NULL ELSE quota_until END WHERE id = ?',
      )
      .run(JSON.stringify(Object.fromEntries(blocks)), since, id);
  }
  store.audit.add({ type: 'clock-corrected', was: toIso(last), now: toIso(now), since: toIso(since) });
  store
    .sql(`INSERT INTO meta (key, value) VALUES ('clock-corrected', ?1) ON CONFLICT DO UPDATE SET value = ?1`)
    .run(String(store.audit.head.sequence - 1));
  return { aheadMs: ahead, sinceAt: toIso(since) };
}
