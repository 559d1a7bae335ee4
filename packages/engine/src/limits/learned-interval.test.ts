import { describe, expect, it } from 'vitest';
import { LearnedInterval } from './learned-interval.ts';

const start = Date.UTC(2026, 0, 31, 23, 0);

/** One that was refused right after it made two calls with this time between them. */
function refusedAt(gapMs: number): LearnedInterval {
  const interval = new LearnedInterval();
  interval.started(start - gapMs);
  interval.taken(start - gapMs);
  interval.started(start);
  interval.refused(start, start + 100);
  return interval;
}

describe('an interval between calls', () => {
  it('is none as long as nothing is refused', () => {
    const interval = new LearnedInterval();
    for (let call = 0; call < 5; call += 1) interval.started(start);
    expect({ learned: interval.isLearned, next: interval.earliestStart(start) }).toEqual({
      learned: false,
      next: start,
    });
  });

  it('is twice what was measured when a call is refused, and a millisecond counts as one', () => {
    expect(refusedAt(40).intervalMs).toBe(80);
    expect(refusedAt(0).intervalMs).toBe(2);
    expect(refusedAt(40).earliestStart(start)).toBe(start + 80);
  });

  it('is not measured over a long silence: such a refusal has another cause', () => {
    expect(refusedAt(10_000).isLearned).toBe(false);
  });

  it('doubles with each refusal after a call that was taken, and with no other', () => {
    const interval = refusedAt(40);
    // On their way together with the first one.
    interval.refused(start + 50, start + 100);
    expect(interval.intervalMs).toBe(80);
    // Refused again after the wait: the vendor takes nothing at all.
    interval.refused(start + 200, start + 400);
    expect(interval.intervalMs).toBe(80);
    interval.taken(start + 500);
    interval.refused(start + 600, start + 700);
    expect(interval.intervalMs).toBe(160);
  });

  it('grows to a minute at the most', () => {
    const interval = refusedAt(40);
    for (let refusal = 1; refusal < 30; refusal += 1) {
      interval.taken(start + refusal * 1000);
      interval.refused(start + refusal * 1000, start + refusal * 1000);
    }
    expect(interval.intervalMs).toBe(60_000);
  });

  it('shrinks when all goes well, and goes back to what went well when that was too much', () => {
    const interval = refusedAt(500);
    interval.taken(start + 5000);
    expect(interval.intervalMs).toBe(1000);
    interval.taken(start + 5200);
    expect(interval.intervalMs).toBeCloseTo(1000 / 1.05, 5);
    interval.refused(start + 6000, start + 6100);
    expect(interval.intervalMs).toBe(1000);
    // The next try waits twice as long.
    interval.taken(start + 6100 + 9900);
    expect(interval.intervalMs).toBe(1000);
    interval.taken(start + 6100 + 10_100);
    expect(interval.intervalMs).toBeLessThan(1000);
  });

  it('is forgotten after a bad day of the vendor', () => {
    const interval = refusedAt(40);
    for (let refusal = 1; refusal < 30; refusal += 1) {
      interval.taken(start + refusal * 1000);
      interval.refused(start + refusal * 1000, start + refusal * 1000);
    }
    let now = start + 30_000;
    for (const end = now + 30 * 60_000; now < end; now = Math.max(now + 10, interval.earliestStart(now))) {
      interval.started(now);
      interval.taken(now);
    }
    expect(interval.isLearned).toBe(false);
  });

  it('waits no longer than itself after the clock was set back', () => {
    const interval = refusedAt(40);
    expect(interval.earliestStart(start - 3_600_000)).toBe(start - 3_600_000 + 80);
  });

  it('is handed on whole', () => {
    const first = refusedAt(500);
    first.taken(start + 5200);
    const next = new LearnedInterval();
    next.state = JSON.parse(JSON.stringify(first.state)) as typeof first.state;
    expect(next.state).toEqual(first.state);
    next.refused(start + 6000, start + 6100);
    first.refused(start + 6000, start + 6100);
    expect(next.state).toEqual(first.state);
  });
});
