import type { CallKind, ConnectorLimits } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

const start = Date.UTC(2026, 0, 31, 23, 0);

function limits(more: Partial<ConnectorLimits>): ConnectorLimits {
  return { submit: { maxTargets: 10 }, rates: [], inFlight: [], ...more };
}

describe('a rate limiter', () => {
  it('begins no more calls in any window than the share of the limit, whatever the order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 100, max: 60_000 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.array(fc.nat(5000), { minLength: 1, maxLength: 120 }),
        (calls, perMs, share, pauses) => {
          const limiter = new RateLimiter(limits({ rates: [{ kinds: ['submit', 'check'], calls, perMs }] }), share);
          let now = start;
          const starts: number[] = [];
          for (const [index, pause] of pauses.entries()) {
            now += pause;
            const kind = index % 2 === 0 ? 'submit' : 'check';
            now = limiter.earliestStart(kind, now);
            limiter.begin(kind, 1, now);
            limiter.end(kind);
            starts.push(now);
          }
          // In any span of the limit's length there are never more than the limit allows ...
          for (const [index, at] of starts.entries()) {
            expect(starts.slice(index).filter((other) => other < at + perMs).length).toBeLessThanOrEqual(calls);
          }
          // ... and over the long run no more than the share of it.
          const first = starts[0] ?? 0;
          const last = starts.at(-1) ?? 0;
          const allowed = ((last - first) / perMs) * calls * share + Math.max(1, calls * share);
          expect(starts.length).toBeLessThanOrEqual(Math.ceil(allowed) + 1);
        },
      ),
    );
  });

  it('has capacity for just as many calls as may begin one after the other now', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ calls: fc.integer({ min: 1, max: 9 }), perMs: fc.integer({ min: 100, max: 5000 }) }), {
          maxLength: 2,
        }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(900), { maxLength: 20 }),
        fc.nat(3),
        (rates, inFlight, pauses, refusals) => {
          const kinds: CallKind[] = ['submit'];
          const limiter = new RateLimiter(
            limits({ rates: rates.map((rate) => ({ ...rate, kinds })), inFlight: [{ kinds, calls: inFlight }] }),
            0.8,
          );
          for (let refusal = 0; refusal < refusals; refusal += 1) limiter.refused(kinds, start, start);
          let now = start;
          for (const pause of pauses) {
            now += pause;
            if (limiter.earliestStart('submit', now) > now) continue;
            limiter.begin('submit', 1, now);
            if (pause % 3 > 0) limiter.end('submit');
          }
          const capacity = limiter.capacityFor('submit', now);
          let started = 0;
          while (limiter.earliestStart('submit', now) <= now) {
            limiter.begin('submit', 1, now);
            started += 1;
          }
          expect(capacity).toBe(started);
        },
      ),
    );
  });

  it('makes a second of 1.25 seconds out of four fifths of one call a second', () => {
    const limiter = new RateLimiter(limits({ rates: [{ kinds: ['submit'], calls: 1, perMs: 1000 }] }), 0.8);
    limiter.begin('submit', 1, start);
    expect(limiter.earliestStart('submit', start)).toBe(start + 1250);
    expect(limiter.earliestStart('verify', start)).toBe(start);
  });

  it('waits one window, and no more, after the clock was set back', () => {
    const limiter = new RateLimiter(limits({ rates: [{ kinds: ['submit'], calls: 2, perMs: 1000 }] }), 1);
    for (let call = 0; call < 2; call += 1) {
      limiter.begin('submit', 1, start);
      limiter.end('submit');
    }
    const now = start - 3_600_000;
    expect(limiter.earliestStart('submit', now)).toBe(now + 1000);
    expect(limiter.earliestStart('submit', now + 600)).toBe(now + 1000);
    expect(limiter.earliestStart('submit', now + 1000)).toBe(now + 1000);
  });

  it('counts calls in flight across the kinds that share a limit', () => {
    const limiter = new RateLimiter(limits({ inFlight: [{ kinds: ['submit', 'verify'], calls: 2 }] }), 1);
    limiter.begin('submit', 1, start);
    limiter.begin('verify', 1, start);
    expect(limiter.earliestStart('submit', start)).toBe(Number.POSITIVE_INFINITY);
    expect(limiter.earliestStart('check', start)).toBe(start);
    limiter.end('verify');
    expect(limiter.earliestStart('submit', start)).toBe(start);
  });

  it('goes slower when refused, also than one call a window, and gets its rate back when all goes well', () => {
    const limiter = new RateLimiter(limits({ rates: [{ kinds: ['submit'], calls: 1, perMs: 1000 }] }), 1);
    limiter.begin('submit', 1, start);
    limiter.refused(['submit'], start, start + 10);
    expect(limiter.earliestStart('submit', start)).toBe(start + 2000);
    expect(limiter.throttle).toEqual({ submit: 0.5 });
    let now = start;
    for (let call = 0; call < 60; call += 1) {
      now = limiter.earliestStart('submit', now);
      limiter.begin('submit', 1, now);
      limiter.end('submit');
      limiter.succeeded('submit', now);
    }
    expect(limiter.throttle).toEqual({ submit: 1 });
  });

  it.each([
    ['a second', 1000, 5],
    ['a minute', 60_000, 15],
    ['an hour', 3_600_000, 180],
  ])('has its whole rate again soon after a bad day: a window of %s', (_name, perMs, minutes) => {
    const limiter = new RateLimiter(limits({ rates: [{ kinds: ['submit'], calls: 600, perMs }] }), 1);
    let now = start;
    for (let refusal = 0; refusal < 20; refusal += 1) {
      limiter.begin('submit', 1, now);
      limiter.end('submit');
      limiter.refused(['submit'], now, now + 10);
      now += 1000;
    }
    expect(limiter.throttle.submit).toBe(1 / 16);
    const good = new RateLimiter(limits({ rates: [{ kinds: ['submit'], calls: 600, perMs }] }), 1);
    good.restore(
      {
        maxTargets: undefined,
        blockedUntil: {},
        throttle: limiter.throttle,
        failures: 0,
        calls: [],
        targetsThisMonth: 0,
      },
      now,
    );
    const end = now + minutes * 60_000;
    while (now < end) {
      now = good.earliestStart('submit', now);
      good.begin('submit', 1, now);
      good.end('submit');
      good.succeeded('submit', now);
    }
    expect(good.throttle.submit).toBe(1);
  });

  it('hands on what it has learned, each limit for itself', () => {
    const given = limits({
      rates: [
        { kinds: ['submit', 'check'], calls: 100, perMs: 1000 },
        { kinds: ['verify'], calls: 100, perMs: 1000 },
      ],
    });
    const first = new RateLimiter(given, 1);
    for (let call = 0; call < 60; call += 1) first.begin('verify', 1, start);
    first.refused(['verify'], start, start + 10);
    const { throttle } = first;
    expect(throttle).toEqual({ submit: 1, check: 1, verify: 0.59 });
    const next = new RateLimiter(given, 1);
    const connectorState = { maxTargets: undefined, blockedUntil: {}, failures: 0, calls: [], targetsThisMonth: 0 };
    next.restore({ ...connectorState, throttle }, start);
    expect(next.throttle).toEqual(throttle);
    // It is not raised at once because the process is new.
    next.succeeded('verify', start + 1000);
    expect(next.throttle).toEqual(throttle);
  });

  it.each([
    ['a third of what it documents', 33, 10],
    ['a tenth', 10, 4],
    ['one call less', 79, 1],
  ])('finds out by few refusals what a vendor really takes: %s', (_name, real, atOnce) => {
    const limiter = new RateLimiter(limits({ rates: [{ kinds: ['submit'], calls: 100, perMs: 1000 }] }), 0.8);
    const taken: number[] = [];
    let refused = 0;
    let calls = 0;
    let now = start;
    while (now < start + 240_000) {
      now = Math.max(now + 1, limiter.earliestStart('submit', now));
      // Some calls are on their way before the first is answered.
      const started = Math.min(limiter.capacityFor('submit', now), atOnce);
      for (let call = 0; call < started; call += 1) limiter.begin('submit', 1, now);
      for (let call = 0; call < started; call += 1) {
        limiter.end('submit');
        calls += 1;
        if (taken.filter((at) => at > now - 1000).length < real) {
          taken.push(now);
          limiter.succeeded('submit', now);
        } else {
          refused += 1;
          limiter.refused(['submit'], now, Math.max(limiter.blockedUntil('submit'), now + 500));
        }
      }
      taken.splice(0, Math.max(0, taken.length - 5000));
    }
    const later = taken.filter((at) => at >= now - 60_000).length / (60 * real);
    expect(later).toBeGreaterThan(0.9);
    expect(refused / calls).toBeLessThan(0.01);
  });

  it("waits for the month's end when the volume is used up, and takes past calls over", () => {
    const limiter = new RateLimiter(limits({ targetsPerMonth: 100 }), 1);
    limiter.restore(
      {
        maxTargets: undefined,
        blockedUntil: {},
        throttle: {},
        failures: 0,
        calls: [],
        targetsThisMonth: 60,
      },
      start,
    );
    expect(limiter.targetsLeft(start)).toBe(40);
    limiter.begin('submit', 40, start);
    const february = Date.UTC(2026, 1, 1);
    expect(limiter.earliestStart('submit', start)).toBe(february);
    expect(limiter.earliestStart('check', start)).toBe(start);
    expect(limiter.targetsLeft(february)).toBe(100);
    expect(limiter.earliestStart('submit', february)).toBe(february);
  });

  it('takes over what several processes know together: open calls, what was learned, and that a wait has ended', () => {
    const shared = limits({
      rates: [{ kinds: ['submit'], calls: 10, perMs: 1000 }],
      inFlight: [{ kinds: ['submit'], calls: 2 }],
    });
    const other = new RateLimiter(shared, 1);
    for (let call = 0; call < 8; call += 1) other.begin('submit', 1, start);
    other.refused(['submit'], start, start + 500);
    const limiter = new RateLimiter(shared, 1);
    limiter.block(start + 3_600_000);
    const connectorState = {
      maxTargets: undefined,
      blockedUntil: { submit: start + 500 },
      throttle: { submit: 1 },
      failures: 0,
      calls: [],
      targetsThisMonth: 0,
    };
    limiter.restore(
      { ...connectorState, shared: { open: ['submit', 'submit'], adaptive: other.adaptive, paused: undefined } },
      start,
    );
    expect(limiter.earliestStart('submit', start)).toBe(Number.POSITIVE_INFINITY);
    limiter.restore(
      { ...connectorState, shared: { open: ['check'], adaptive: other.adaptive, paused: undefined } },
      start,
    );
    expect(limiter.earliestStart('submit', start)).toBe(start + 500);
    expect(limiter.throttle).toEqual(other.throttle);
    expect(limiter.adaptive).toEqual(other.adaptive);
  });

  it('reserves the capacity that a persisted submission waits for', () => {
    const rates: ConnectorLimits['rates'] = [{ kinds: ['submit', 'check'], calls: 5, perMs: 1000 }];
    const limiter = new RateLimiter(limits({ rates, inFlight: [{ kinds: ['submit'], calls: 1 }] }), 1);
    limiter.begin('submit', 1, start);
    expect(limiter.capacityAhead(start)).toBe(1);
    limiter.beginWaiting(1);
    expect(limiter.capacityAhead(start)).toBe(0);
    expect(limiter.capacityFor('check', start)).toBe(3);
    for (let call = 0; call < 3; call += 1) limiter.begin('check', 0, start);
    expect(limiter.capacityFor('check', start)).toBe(0);
    expect(limiter.earliestStart('check', start)).toBe(Number.POSITIVE_INFINITY);
    limiter.end('submit');
    expect(limiter.earliestStart('submit', start)).toBe(start);
    limiter.endWaiting(1);
    limiter.begin('submit', 1, start);
    expect(limiter.earliestStart('check', start)).toBe(start + 1000);
  });

  it('gives a slot that becomes free to what waits, and to no other kind of call', () => {
    const limiter = new RateLimiter(limits({ inFlight: [{ kinds: ['submit', 'verify'], calls: 2 }] }), 1);
    limiter.begin('verify', 1, start);
    limiter.begin('verify', 1, start);
    limiter.beginWaiting(1);
    limiter.end('verify');
    expect(limiter.earliestStart('verify', start)).toBe(Number.POSITIVE_INFINITY);
    expect(limiter.capacityFor('verify', start)).toBe(0);
    expect(limiter.capacityFor('submit', start)).toBe(0);
    expect(limiter.earliestStart('submit', start)).toBe(start);
  });

  it("keeps the month's volume that what waits needs", () => {
    const limiter = new RateLimiter(limits({ targetsPerMonth: 7, inFlight: [{ kinds: ['submit'], calls: 1 }] }), 1);
    limiter.begin('submit', 4, start);
    limiter.beginWaiting(2);
    expect(limiter.targetsLeft(start)).toBe(1);
    // The ledger counts what is persisted as used.
    limiter.restore(
      { maxTargets: undefined, blockedUntil: {}, throttle: {}, failures: 0, calls: [], targetsThisMonth: 6 },
      start,
    );
    limiter.endWaiting(2);
    expect(limiter.targetsLeft(start)).toBe(3);
  });
});
