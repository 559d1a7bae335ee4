import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapCleverTapStatus } from './map-clevertap-status.ts';

const meaningByWord = { success: 'taken', partial: 'taken-in-part', fail: 'refused' } as const;

describe('mapCleverTapStatus', () => {
  it.each(Object.entries(meaningByWord))('takes %s for %s', (word, meaning) => {
    expect(mapCleverTapStatus(word)).toBe(meaning);
  });

  it('guesses at no other word', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('Success', 'ok', 'failed', 'queued', ' success')), (word) => {
        fc.pre(!Object.hasOwn(meaningByWord, word));
        expect(() => mapCleverTapStatus(word)).toThrow(expect.objectContaining({ code: 'response-unexpected' }));
      }),
    );
  });
});
