import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ratiosOf, summarize } from './statistics.ts';

it.each([
  [[3], { median: 3, lowest: 3, highest: 3 }],
  [[9, 1, 5], { median: 5, lowest: 1, highest: 9 }],
  // As text, 10 would come before 9.
  [[10, 9, 1, 2], { median: 5.5, lowest: 1, highest: 10 }],
])('summarizes %j', (values, summary) => {
  expect(summarize(values)).toEqual(summary);
});

it('has as many measurements above the median as below it, and none outside of the spread', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (values) => {
      const { median, lowest, highest } = summarize(values);
      const below = values.filter((value) => value < median).length;
      const above = values.filter((value) => value > median).length;
      expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
      expect([Math.min(...values), Math.max(...values)]).toEqual([lowest, highest]);
    }),
  );
});

it('makes no figure of nothing', () => {
  expect(() => summarize([])).toThrow('Nothing was measured.');
});

it('compares pairs, and refuses what was not measured in pairs', () => {
  expect(ratiosOf([10, 30], [20, 20])).toEqual([0.5, 1.5]);
  expect(() => ratiosOf([10, 30], [20])).toThrow('pairs');
});
