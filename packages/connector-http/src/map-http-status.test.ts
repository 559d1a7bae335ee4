import { checkOutcomeSchema } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WordMeaning } from './call-schema.ts';
import { mapHttpStatus } from './map-http-status.ts';

const words: Record<string, WordMeaning> = {
  new: 'pending',
  'In Progress': { state: 'pending', canCancel: false },
  done: 'deleted',
  some: 'partial',
  stopped: 'cancelled',
  gone: 'lost',
  error: { state: 'failed', canSubmitAgain: true },
  '4': { state: 'failed', canSubmitAgain: false },
};

describe('mapHttpStatus', () => {
  it.each<[string, object]>([
    ['new', { state: 'pending', vendorStatus: 'new' }],
    ['In Progress', { state: 'pending', vendorStatus: 'In-Progress', canCancel: false }],
    ['done', { state: 'deleted', vendorStatus: 'done' }],
    ['some', { state: 'partial', vendorStatus: 'some', parts: [] }],
    ['stopped', { state: 'cancelled', vendorStatus: 'stopped' }],
    ['gone', { state: 'lost', vendorStatus: 'gone' }],
    ['error', { state: 'failed', vendorStatus: 'error', canSubmitAgain: true }],
    ['4', { state: 'failed', vendorStatus: '4', canSubmitAgain: false }],
  ])('takes %j for what the list says', (word, outcome) => {
    expect(mapHttpStatus(word, words, 'acme')).toEqual(outcome);
    expect(checkOutcomeSchema.safeParse(mapHttpStatus(word, words, 'acme')).success).toBe(true);
  });

  it('guesses at no other word, and does not repeat it', () => {
    const odd = fc.constantFrom('Done', ' done', 'constructor', '__proto__', 'toString', '');
    fc.assert(
      fc.property(fc.oneof(fc.string(), odd), (word) => {
        fc.pre(!Object.hasOwn(words, word));
        expect(() => mapHttpStatus(word, words, 'acme')).toThrow(
          expect.objectContaining({
            code: 'response-unexpected',
            message: 'The answer has a status word that check.status.words does not list.',
          }),
        );
      }),
    );
  });
});
