import { describe, expect, it } from 'vitest';
import { createManualClock, createRealClock, createScaledClock } from './sandbox-clock.ts';

describe('clocks', () => {
  it('a manual clock moves only when advanced', () => {
    const clock = createManualClock();
    expect(new Date(clock.now()).toISOString()).toBe('2026-01-05T10:00:00.000Z');
    clock.advance(1500);
    expect(new Date(clock.now()).toISOString()).toBe('2026-01-05T10:00:01.500Z');
    expect(createManualClock(5).now()).toBe(5);
  });

  it('no clock goes backwards', () => {
    expect(() => createManualClock().advance(-1)).toThrow(RangeError);
    expect(() => createRealClock().advance(Number.NaN)).toThrow(RangeError);
    expect(() => createScaledClock({ daySeconds: 0 })).toThrow(RangeError);
  });

  it('a scaled clock lets a day pass in the given seconds and can be advanced as well', () => {
    let real = 1_000_000;
    const clock = createScaledClock({ daySeconds: 2, realNow: () => real });
    expect(clock).toMatchObject({ isScaled: true });
    expect(clock.now()).toBe(1_000_000);
    real += 2000;
    expect(clock.now()).toBe(1_000_000 + 86_400_000);
    clock.advance(60_000);
    expect(clock.now()).toBe(1_000_000 + 86_460_000);
  });

  it('a real clock is not scaled', () => {
    expect(createRealClock().isScaled).toBe(false);
  });
});
