import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { EngineEvent } from './engine.ts';

/** How often a long run forgets who was settled longer ago than the retention time, in milliseconds: every hour. */
export const retentionEveryMs = 3_600_000;

/** Forgets who was settled longer ago than the retention time. */
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
  let forgottenAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  const eraseNow = async () => {
    forgottenAt = clock.now();
    const { isErased } = await ledger.erase(clock.now() - retentionMs);
    failures = isErased ? 0 : failures + 1;
    return isErased;
  };
  return {
    async now() {
      if (!(await eraseNow())) emit({ type: 'erasure-unfinished' });
    },
    async whereDue() {
      // Also where the clock was set back.
      if (Math.abs(clock.now() - forgottenAt) < retentionEveryMs) return;
      if (!(await eraseNow()) && failures === 2) emit({ type: 'erasure-unfinished' });
    },
  };
}
