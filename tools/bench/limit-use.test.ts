import { describe, expect, it } from 'vitest';
import { useOfRate, useOfRoom } from './limit-use.ts';

const every = (ms: number, count: number) => Array.from({ length: count }, (_, index) => index * ms);

describe('useOfRate', () => {
  it('is 1 where a call begins as soon as it may, evenly or in bursts', () => {
    expect(useOfRate(every(100, 50), 10, 1000)).toBe(1);
    const bursts = every(1000, 5).flatMap((at) => Array.from({ length: 10 }, () => at));
    expect(useOfRate(bursts, 10, 1000)).toBe(1);
  });

  it('sees the time that is lost before each call', () => {
    expect(useOfRate(every(1250, 10), 1, 1000)).toBe(0.8);
    expect(useOfRate(every(200, 50), 10, 1000)).toBe(0.5);
  });

  it('says so where more is used than there is', () => {
    expect(useOfRate(every(500, 10), 1, 1000)).toBe(2);
  });

  it('makes nothing of too few calls', () => {
    expect(() => useOfRate(every(100, 10), 10, 1000)).toThrow('too few');
  });
});

describe('useOfRoom', () => {
  it('is 1 where one call follows the other in all of the room', () => {
    const lanes = every(100, 20).flatMap((at) => [at, at, at]);
    expect(useOfRoom(lanes, 100, 3)).toBe(1);
  });

  it('is half where the room stands empty for as long as a call takes', () => {
    expect(useOfRoom(every(200, 1000), 100, 1)).toBeCloseTo(0.5, 2);
    expect(useOfRoom(every(100, 1000), 100, 2)).toBeCloseTo(0.5, 2);
  });
});
