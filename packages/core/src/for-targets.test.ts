import { expect, it } from 'vitest';
import type { CheckOutcome } from './check-outcome.ts';
import { outcomesFor } from './for-targets.ts';

const targets = ['ada', 'grace'].map((value) => ({ type: 'user_id', value }));
const done: CheckOutcome = { state: 'deleted', vendorStatus: 'DONE' };
const open: CheckOutcome = { state: 'pending', vendorStatus: 'RUNNING' };

it('gives one outcome to all, or each its own, and nothing where the numbers differ', () => {
  expect(outcomesFor(done, targets)).toEqual([done, done]);
  expect(outcomesFor([done, open], targets)).toEqual([done, open]);
  expect(outcomesFor([done], targets)).toBeUndefined();
  expect(outcomesFor([], targets)).toBeUndefined();
  expect(outcomesFor(done, [])).toEqual([]);
});
