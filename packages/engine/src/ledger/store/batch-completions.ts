import type { Ledger } from '../ledger.ts';
import type { CallEnd } from './calls.ts';

/** Calls that end together, and when the last of them did. */
export interface EndsTogether {
  readonly ends: readonly CallEnd[];
  readonly now: number;
}

interface Gathered {
  readonly ends: CallEnd[];
  now: number;
}

/**
 * Notes the ends of calls together that come while a commit is under way: for vendors that take one target in a call,
 * the statements cost more than the call otherwise.
 *
 * @param note - Commits ends. It asks for them when its transaction begins, and gets the same ones when that is run again.
 */
export function gatherEnds(note: (take: () => EndsTogether) => Promise<void>): Ledger['endCall'] {
  let waiting: { readonly gathered: Gathered; readonly noted: Promise<void> } | undefined;
  const gather = (end: CallEnd, now: number) => {
    if (waiting !== undefined) {
      waiting.gathered.ends.push(end);
      waiting.gathered.now = Math.max(waiting.gathered.now, now);
      return waiting;
    }
    const gathered: Gathered = { ends: [end], now };
    const noted = note(() => {
      if (waiting?.gathered === gathered) waiting = undefined;
      return gathered;
    });
    waiting = { gathered, noted };
    return waiting;
  };
  return async (call, end, now) => {
    const own: CallEnd = { call, ...end };
    const { gathered, noted } = gather(own, now);
    try {
      await noted;
    } catch (error) {
      // What never began to be written must not keep others.
      if (waiting?.gathered === gathered) waiting = undefined;
      if (gathered.ends.length === 1) throw error;
      // One that can't be noted must not fail its neighbours.
      await note(() => ({ ends: [own], now }));
    }
  };
}
