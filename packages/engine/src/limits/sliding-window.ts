import type { CallKind } from '@expunge/core';
import type { AdaptiveLimit } from './adaptive-limit.ts';

/** A rate that calls are kept under, and the calls that count for it now. */
export interface RateWindow {
  readonly kinds: readonly CallKind[];
  readonly calls: number;
  readonly perMs: number;
  /** When the last calls began, oldest first; no more than `calls` of them. */
  readonly starts: number[];
  readonly limit: AdaptiveLimit;
}

/** How many calls began within the window that ends now. By halves: of a high rate there are thousands. */
export function startsWithin({ starts, perMs }: RateWindow, now: number): number {
  let first = 0;
  for (let end = starts.length; first < end; ) {
    const middle = (first + end) >> 1;
    if ((starts[middle] ?? 0) > now - perMs) end = middle;
    else first = middle + 1;
  }
  return starts.length - first;
}

/** When the next call may begin: now or later. */
export function earliestWithin(rate: RateWindow, now: number): number {
  // A clock that was set back must not make calls of the past lie in the future: they count as made just now, once.
  for (let last = rate.starts.length - 1; (rate.starts[last] ?? 0) > now; last -= 1) rate.starts[last] = now;
  const oldest = rate.starts[rate.starts.length - rate.calls];
  const last = rate.starts.at(-1);
  const inWindow = oldest === undefined ? now : oldest + rate.perMs;
  const apart = rate.limit.isLowered && last !== undefined ? last + Math.ceil(rate.perMs / rate.limit.allowed) : now;
  return Math.max(now, inWindow, apart);
}

/** How many calls may begin now. */
export function capacityIn(rate: RateWindow, now: number): number {
  if (rate.limit.isLowered) return earliestWithin(rate, now) <= now ? 1 : 0;
  return rate.calls - startsWithin(rate, now);
}

/**
 * A share of a rate. A share of one call a second is not a call at all: the window grows instead. It never shrinks below the
 * vendor's own, because two of ours within one of the vendor's could hold more calls than it allows.
 */
export function shareOf(calls: number, perMs: number, share: number): { calls: number; perMs: number } {
  const whole = Math.max(1, Math.floor(calls * share));
  return { calls: whole, perMs: Math.max(perMs, Math.ceil((perMs * whole) / (calls * share))) };
}
