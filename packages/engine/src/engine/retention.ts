import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { longestSleepMs } from '../worker/connector-loop.ts';
import type { EngineEvent } from './engine.ts';

/**
 * How far the two looks at the clock lie apart that an erasure takes, in milliseconds. So long a wrong clock may stay unseen: a
 * nightly run is the second look of the one before.
 */
const longestSecondLookMs = 12 * 3_600_000;

/**
 * Erases who was settled longer ago than the retention time, by two looks at the clock: one run with a clock that is ahead
 * erases nothing before its time.
 */
export interface Retention {
  /** At once. Says where something of it may still be in the ledger's files. */
  now(): Promise<void>;
  /**
   * Where the last time is an hour ago or more: a run that stays for weeks must not wait for its end. Tries again what the
   * last time could not erase, and says so when that fails too.
   */
  whereDue(): Promise<void>;
}

/** Makes it. */
export function createRetention(options: {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly emit: (event: EngineEvent) => void;
}): Retention {
  const { ledger, clock, retentionMs, emit } = options;
  let erasedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  // Where nothing is kept, no clock is needed to say so.
  const apartMs = Math.min(retentionMs, longestSecondLookMs);
  const confirmedTime = async () => {
    if (apartMs === 0) return clock.now();
    return (await ledger.lookAtClock(clock.now(), apartMs)) ?? 0;
  };
  const eraseNow = async () => {
    erasedAt = clock.now();
    const { isErased } = await ledger.erase((await confirmedTime()) - retentionMs);
    failures = isErased ? 0 : failures + 1;
    return isErased;
  };
  return {
    async now() {
      if (!(await eraseNow())) emit({ type: 'erasure-unfinished' });
    },
    async whereDue() {
      // Also where the clock was set back.
      if (Math.abs(clock.now() - erasedAt) < longestSleepMs) return;
      if (!(await eraseNow()) && failures === 2) emit({ type: 'erasure-unfinished' });
    },
  };
}
