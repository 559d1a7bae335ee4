import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitIntoCall, formCalls, targetBytes } from './form-batch.ts';

const items = fc.array(
  fc.record({
    target: fc.record({
      type: fc.constantFrom('identity', 'guid'),
      value: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
    }),
  }),
  { maxLength: 60 },
);

describe('formCalls', () => {
  it('takes each item once, in order, and leaves only what would not fill a call', () => {
    fc.assert(
      fc.property(
        items,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 10, max: 400 }),
        fc.boolean(),
        fc.boolean(),
        (all, maxTargets, maxBytes, oneTypePerCall, isAll) => {
          const limit = { maxTargets, maxBytes, bytesPerCall: 5, bytesPerTarget: 1, oneTypePerCall };
          const calls = formCalls(all, limit, isAll);
          const taken = calls.flat();
          expect(taken).toEqual(all.slice(0, taken.length));
          for (const call of calls) expect(fitIntoCall(call, limit)).toBe(call.length);
          const left = all.slice(taken.length);
          if (isAll) expect(left).toEqual([]);
          else expect(left.length).toBeLessThan(maxTargets);
          if (all.length > 0) expect(calls.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('fitIntoCall', () => {
  it('takes as many of the first as fit by number, bytes and type, and at least one', () => {
    fc.assert(
      fc.property(
        items,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 10, max: 400 }),
        fc.boolean(),
        (all, maxTargets, maxBytes, oneTypePerCall) => {
          const limit = { maxTargets, maxBytes, bytesPerCall: 5, bytesPerTarget: 1, oneTypePerCall };
          const count = fitIntoCall(all, limit);
          const taken = all.slice(0, count);
          expect(count).toBeGreaterThanOrEqual(Math.min(1, all.length));
          expect(count).toBeLessThanOrEqual(maxTargets);
          const bytes = taken.reduce((sum, { target }) => sum + targetBytes(target, limit), 5);
          if (count > 1) expect(bytes).toBeLessThanOrEqual(maxBytes);
          if (oneTypePerCall) expect(new Set(taken.map(({ target }) => target.type)).size).toBeLessThanOrEqual(1);
          const next = all[count];
          if (next === undefined || count === maxTargets || taken.length === 0) return;
          // One more would not have fitted.
          const isOtherType = oneTypePerCall && next.target.type !== taken[0]?.target.type;
          expect(isOtherType || bytes + targetBytes(next.target, limit) > maxBytes).toBe(true);
        },
      ),
    );
  });

  it('counts bytes of the encoded value, not characters', () => {
    expect(targetBytes({ type: 'identity', value: 'é"' }, { maxTargets: 1, bytesPerTarget: 1 })).toBe(2 + 2 + 2 + 1);
  });
});
