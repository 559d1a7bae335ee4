import { describe, expect, it } from 'vitest';
import { createConcurrencyLimiter } from './concurrency-limiter.ts';

describe('a concurrency limiter', () => {
  it('lets in as many as it has slots, per key, and takes a slot back once', () => {
    const limiter = createConcurrencyLimiter({ max: 2 });
    const leave = limiter.enter('a');
    limiter.enter('a');
    expect(limiter.enter('a')).toBeUndefined();
    expect(limiter.enter('b')).toBeTypeOf('function');
    leave?.();
    leave?.();
    expect(limiter.inFlight('a')).toBe(1);
    expect(limiter.enter('a')).toBeTypeOf('function');
    expect(limiter.enter('a')).toBeUndefined();
    expect(limiter.highest('a')).toBe(2);
    expect(limiter.inFlight('never seen')).toBe(0);
  });
});
