import type { ConformanceHarness } from './conformance-harness.ts';

/** One thing that must hold for every connector. */
export interface ConformanceCheck {
  /** What holds, as a test's name. */
  readonly name: string;
  /** Why it is not asked of this connector; undefined where it is. Left out: it is asked of every one. */
  notAsked?(harness: ConformanceHarness): string | undefined;
  /**
   * Asks it, of a fresh harness.
   *
   * @throws ConformanceError where it does not hold.
   */
  run(harness: ConformanceHarness): Promise<void>;
}

/** A connector breaks the contract. The message says what was seen and what to do about it. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

/** Ends a check with advice unless something holds. */
export function ensure(holds: boolean, advice: string): asserts holds {
  if (!holds) throw new ConformanceError(advice);
}
