import type { SandboxClock } from './sandbox-clock.ts';

export interface RateLimiterOptions {
  clock: SandboxClock;
  /** How much is allowed within any `windowMs`; `Infinity` switches the limit off. */
  max: number;
  windowMs: number;
}

export interface RateLimiter {
  /**
   * Takes `weight` (1 unless told) from the allowance of `key`. Returns 0 when it was granted, otherwise the
   * milliseconds until it could be (`Infinity` if never). What is refused costs nothing.
   */
  take(key: string, weight?: number): number;
  /** How much of the allowance of `key` is used now. */
  used(key: string): number;
}

/** A sliding window per key. */
export function createRateLimiter({ clock, max, windowMs }: RateLimiterOptions): RateLimiter {
  const windows = new Map<string, { at: number; weight: number }[]>();

  function current(key: string): { at: number; weight: number }[] {
    const grants = windows.get(key) ?? [];
    windows.set(key, grants);
    const now = clock.now();
    const firstAlive = grants.findIndex(({ at }) => at + windowMs > now);
    grants.splice(0, firstAlive < 0 ? grants.length : firstAlive);
    return grants;
  }

  const sum = (grants: { weight: number }[]) => grants.reduce((total, { weight }) => total + weight, 0);

  return {
    take(key, weight = 1) {
      if (max === Number.POSITIVE_INFINITY) return 0;
      if (weight > max) return Number.POSITIVE_INFINITY;
      const grants = current(key);
      let excess = sum(grants) + weight - max;
      if (excess <= 0) {
        grants.push({ at: clock.now(), weight });
        return 0;
      }
      for (const grant of grants) {
        excess -= grant.weight;
        if (excess <= 0) return grant.at + windowMs - clock.now();
      }
      return windowMs;
    },
    used: (key) => (max === Number.POSITIVE_INFINITY ? 0 : sum(current(key))),
  };
}
