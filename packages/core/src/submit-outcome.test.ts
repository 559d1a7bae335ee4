import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receiptSchema } from './receipt.ts';
import { submitOutcomeSchema } from './submit-outcome.ts';

describe('a submit outcome', () => {
  it.each<[object, boolean]>([
    [{ type: 'deleted' }, true],
    [{ type: 'deleted', message: 'Two records had this address; both are deleted.' }, true],
    [{ type: 'deleted', message: '' }, false],
    [{ type: 'absent', vendorStatus: 'not_found' }, true],
    [{ type: 'accepted' }, true],
    [{ type: 'accepted', receipt: { taskId: '1' }, expectedBy: '2026-02-05T10:00:00Z' }, true],
    [{ type: 'deferred', reason: 'conflict', retryAfterMs: 0 }, true],
    [{ type: 'rejected', reason: 'refused', message: 'Ours.' }, true],
    [{ type: 'deleted', receipt: {} }, false],
    [{ type: 'absent', vendorStatus: 'Ada was not found' }, false],
    [{ type: 'absent', vendorStatus: 'ada@example.test' }, false],
    [{ type: 'accepted', expectedBy: 'soon' }, false],
    [{ type: 'deferred' }, false],
    [{ type: 'deferred', reason: 'conflict', retryAfterMs: -1 }, false],
    [{ type: 'rejected', reason: 'refused', message: '' }, false],
    [{ type: 'rejected', reason: 'because', message: 'Ours.' }, false],
    [{ type: 'done' }, false],
    [{}, false],
  ])('%j: %s', (outcome, isValid) => {
    expect(submitOutcomeSchema.safeParse(outcome).success).toBe(isValid);
  });
});

describe('a receipt', () => {
  it('is bounded, since it is stored as it is', () => {
    expect(receiptSchema.safeParse({ job: 'j'.repeat(7_000_000) }).success).toBe(false);
    expect(receiptSchema.safeParse({ jobs: Array.from({ length: 1000 }, (_, job) => `task-${job}`) }).success).toBe(
      true,
    );
  });

  it('is any JSON object, and comes back the same from a ledger', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (receipt) => {
        const text = JSON.stringify(receipt);
        // A key of that name does not survive a copy, at any depth.
        fc.pre(!text.includes('__proto__'));
        const stored: unknown = JSON.parse(text);
        expect(receiptSchema.parse(stored)).toEqual(stored);
      }),
    );
  });

  it.each([[[]], ['id'], [null], [{ at: new Date(0) }], [{ id: 1n }], [{ call: () => 1 }], [{ id: undefined }]])(
    'is nothing else: %s',
    (value) => {
      expect(receiptSchema.safeParse(value).success).toBe(false);
    },
  );
});
