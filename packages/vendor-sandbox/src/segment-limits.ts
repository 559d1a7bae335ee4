import { createRateLimiter, type RateLimiter } from './kit/rate-limiter.ts';
import type { SegmentSettings } from './segment-settings.ts';
import { limitOf, type VendorOptions } from './vendor-options.ts';

/** Everything the fake counts against a limit. */
export interface SegmentLimits {
  /** Create calls; the key is the create endpoint. */
  readonly creates: RateLimiter;
  /** All other calls of the Public API. */
  readonly otherCalls: RateLimiter;
  /** Calls of the Profile API, and deletions on one profile; the key tells which. */
  readonly profileCalls: RateLimiter;
  /** Subjects in a calendar month, for each quota category. */
  readonly subjectsPerMonth: number;
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;

/** The limits of the settings, or none where the sandbox runs without. */
export function createSegmentLimits(
  settings: SegmentSettings,
  options: Pick<VendorOptions, 'limits' | 'limitClock'>,
): SegmentLimits {
  const limiter = (max: number, windowMs: number) =>
    createRateLimiter({ clock: options.limitClock, max: limitOf(options, max), windowMs });
  return {
    creates: limiter(settings.createsPerMinute, minuteMs),
    otherCalls: limiter(settings.otherCallsPerMinute ?? Number.POSITIVE_INFINITY, minuteMs),
    profileCalls: limiter(settings.profileCallsPerSecond, secondMs),
    subjectsPerMonth: limitOf(options, settings.subjectsPerMonth),
  };
}
