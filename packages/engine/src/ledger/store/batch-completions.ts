import type { Ledger } from '../ledger.ts';
import type { CallCompletion } from './calls.ts';

/** Calls that complete together, and when the last of them did. */
export interface EndsTogether {
  readonly ends: readonly CallCompletion[];
  readonly now: number;
}

interface Batched {
  readonly ends: CallCompletion[];
  now: number;
}

/**
 * Records completions together that come while a commit is under way. For vendors that take one target in a call, the
 * statements would cost more than the call.
 *
 * @param record - Commits completions. It asks for them when its transaction begins, and gets the same ones when that is
 * run again.
 */
export function batchCompletions(record: (take: () => EndsTogether) => Promise<void>): Ledger['completeCall'] {
  let waiting: { readonly batched: Batched; readonly recorded: Promise<void> } | undefined;
  const gather = (end: CallCompletion, now: number) => {
    if (waiting !== undefined) {
      waiting.batched.ends.push(end);
      waiting.batched.now = Math.max(waiting.batched.now, now);
      return waiting;
    }
    const batched: Batched = { ends: [end], now };
    const recorded = record(() => {
      if (waiting?.batched === batched) waiting = undefined;
      return batched;
    });
    waiting = { batched, recorded };
    return waiting;
  };
  return async (call, end, now) => {
    const own: CallCompletion = { call, ...end };
    const { batched, recorded } = gather(own, now);
    try {
      await recorded;
    } catch (error) {
      // What was never written must not keep others waiting.
      if (waiting?.batched === batched) waiting = undefined;
      if (batched.ends.length === 1) throw error;
      // One that can't be recorded must not fail its neighbours.
      await record(() => ({ ends: [own], now }));
    }
  };
}
