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

/**
 * A share of a rate. A share of one call a second is not a call at all: the window grows instead. It never shrinks below the
 * vendor's own, because two of ours within one of the vendor's could hold more calls than it allows.
 */
export function shareOf(calls: number, perMs: number, share: number): { calls: number; perMs: number } {
  const whole = Math.max(1, Math.floor(calls * share));
  return { calls: whole, perMs: Math.max(perMs, Math.ceil((perMs * whole) / (calls * share))) };
}
