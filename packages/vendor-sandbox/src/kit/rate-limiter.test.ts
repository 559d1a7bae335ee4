import { describe, expect, it } from 'vitest';
import { createRateLimiter } from './rate-limiter.ts';
import { createManualClock } from './sandbox-clock.ts';

describe('a rate limiter', () => {
  it('grants up to its maximum within any window, per key, and says how long to wait', () => {
    const clock = createManualClock();
    const limiter = createRateLimiter({ clock, max: 2, windowMs: 1000 });
    expect(limiter.take('a')).toBe(0);
    clock.advance(400);
    expect(limiter.take('a')).toBe(0);
    expect(limiter.take('a')).toBe(600);
    expect(limiter.take('b')).toBe(0);
    clock.advance(600);
    expect(limiter.take('a')).toBe(0);
    expect(limiter.take('a')).toBe(400);
    expect(limiter.used('a')).toBe(2);
  });

  it('charges nothing for what it refuses', () => {
    const clock = createManualClock();
    const limiter = createRateLimiter({ clock, max: 10, windowMs: 1000 });
    expect(limiter.take('a', 8)).toBe(0);
    expect(limiter.take('a', 3)).toBe(1000);
    expect(limiter.take('a', 2)).toBe(0);
    expect(limiter.take('a', 11)).toBe(Number.POSITIVE_INFINITY);
    expect(limiter.used('a')).toBe(10);
  });

  it('can be switched off', () => {
    const limiter = createRateLimiter({ clock: createManualClock(), max: Number.POSITIVE_INFINITY, windowMs: 1 });
    expect(limiter.take('a', 1_000_000)).toBe(0);
    expect(limiter.used('a')).toBe(0);
  });
});
