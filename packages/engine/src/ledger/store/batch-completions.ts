import type { Ledger } from '../ledger.ts';
import type { CallCompletion } from './calls.ts';

/** Calls that end together, and when the last of them did. */
export interface EndsTogether {
  readonly ends: readonly CallCompletion[];
  readonly now: number;
}

interface Batched {
  readonly ends: CallCompletion[];
  now: number;
}

/**
 * Notes the ends of calls together that come while a commit is under way: for vendors that take one target in a call,
 * the statements cost more than the call otherwise.
 *
 * @param note - Commits ends. It asks for them when its transaction begins, and gets the same ones when that is run again.
 */
export function batchCompletions(note: (take: () => EndsTogether) => Promise<void>): Ledger['completeCall'] {
  let waiting: { readonly batched: Batched; readonly noted: Promise<void> } | undefined;
  const gather = (end: CallCompletion, now: number) => {
    if (waiting !== undefined) {
      waiting.batched.ends.push(end);
      waiting.batched.now = Math.max(waiting.batched.now, now);
      return waiting;
    }
    const batched: Batched = { ends: [end], now };
    const noted = note(() => {
      if (waiting?.batched === batched) waiting = undefined;
      return batched;
    });
    waiting = { batched, noted };
    return waiting;
  };
  return async (call, end, now) => {
    const own: CallCompletion = { call, ...end };
    const { batched, noted } = gather(own, now);
    try {
      await noted;
    } catch (error) {
      // What never began to be written must not keep others.
      if (waiting?.batched === batched) waiting = undefined;
      if (batched.ends.length === 1) throw error;
      // One that can't be noted must not fail its neighbours.
      await note(() => ({ ends: [own], now }));
    }
  };
}
