import { describe, expect, it } from 'vitest';
import { useOfLatency, useOfRate, useOfRoom } from './limit-use.ts';

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

const open = (starts: readonly number[], ms: number) => starts.map((at) => ({ at, answeredAt: at + ms }));

describe('useOfRoom', () => {
  it('is 1 where one call follows the other in all of the room, however long each takes', () => {
    const lanes = every(100, 20).flatMap((at) => [at, at, at]);
    expect(useOfRoom(open(lanes, 100), 3)).toBe(1);
    expect(
      useOfRoom(
        [
          { at: 0, answeredAt: 10 },
          { at: 10, answeredAt: 90 },
        ],
        1,
      ),
    ).toBe(1);
  });

  it('is half where the room stands empty for as long as a call takes', () => {
    expect(useOfRoom(open(every(200, 1000), 100), 1)).toBeCloseTo(0.5, 2);
    expect(useOfRoom(open(every(100, 1000), 100), 2)).toBeCloseTo(0.5, 2);
  });

  it('takes a call that was never answered for no use at all', () => {
    expect(useOfRoom([{ at: 0, answeredAt: 50 }, { at: 50 }, { at: 100, answeredAt: 150 }], 1)).toBeCloseTo(2 / 3);
  });
});

describe('useOfLatency', () => {
  it('is 1 where one call follows the other in all of the room', () => {
    const lanes = every(100, 20).flatMap((at) => [at, at, at]);
    expect(useOfLatency(open(lanes, 100), 100, 3)).toBe(1);
  });

  it('counts what the vendor takes above its latency for lost', () => {
    expect(useOfLatency(open(every(125, 1000), 125), 100, 1)).toBeCloseTo(0.8, 2);
  });
});
