import type { RetryPolicy } from '../engine/engine.ts';

/** A retry policy with every value decided. */
export interface DecidedRetryPolicy {
  /** Calls for one target, at the most. */
  readonly maxAttempts: number;
  /** The first wait is random between 0 and this, in milliseconds. */
  readonly baseMs: number;
  /** The longest wait, in milliseconds. */
  readonly maxMs: number;
}

/** Fills in the defaults. */
export function decideRetryPolicy(policy: RetryPolicy | undefined): DecidedRetryPolicy {
  return {
    maxAttempts: policy?.maxAttempts ?? 60,
    baseMs: policy?.baseMs ?? 1000,
    maxMs: policy?.maxMs ?? 3_600_000,
  };
}

/**
 * How long to wait before the next try: exponential backoff with full jitter, so that many who failed together do not
 * come back together. Never sooner than the vendor asked.
 *
 * @param failures - Failures in a row so far, at least 1.
 * @param random - 0 to 1.
 */
export function retryDelayMs(
  policy: DecidedRetryPolicy,
  failures: number,
  random: number,
  retryAfterMs: number | undefined,
): number {
  const ceiling = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(failures - 1, 40));
  return Math.max(Math.ceil(random * ceiling), retryAfterMs ?? 0);
}
