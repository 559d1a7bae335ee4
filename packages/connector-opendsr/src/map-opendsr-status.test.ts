import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapOpenDsrStatus } from './map-opendsr-status.ts';

const undocumented = { state: 'unknown', vendorStatus: 'undocumented-word' };

describe('mapOpenDsrStatus', () => {
  it.each([
    ['pending', { state: 'pending', canCancel: true }],
    ['in_progress', { state: 'pending', canCancel: false }],
    ['completed', { state: 'deleted' }],
    ['cancelled', { state: 'cancelled' }],
  ])('takes %s for what it is, in every dialect', (word, outcome) => {
    for (const dialect of ['opendsr', 'opengdpr', 'appsflyer'] as const) {
      expect(mapOpenDsrStatus(word, dialect)).toEqual({ ...outcome, vendorStatus: word });
    }
  });

  it.each([
    ['in-progress', { state: 'pending', canCancel: false }],
    ['canceled', { state: 'cancelled' }],
  ])("takes AppsFlyer's %s from AppsFlyer alone", (word, outcome) => {
    expect(mapOpenDsrStatus(word, 'appsflyer')).toEqual({ ...outcome, vendorStatus: word });
    expect(mapOpenDsrStatus(word, 'opendsr')).toMatchObject(undocumented);
  });

  it('guesses at no other word', () => {
    const known = ['pending', 'in_progress', 'completed', 'cancelled', 'in-progress', 'canceled'];
    const near = fc.constantFrom(
      'failed',
      'partial',
      'Completed',
      ' completed',
      'complete',
      'done',
      'expired',
      'rejected',
      '',
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (word) => {
        fc.pre(!known.includes(word));
        for (const dialect of ['opendsr', 'opengdpr', 'appsflyer'] as const) {
          // The word is not repeated.
          expect(mapOpenDsrStatus(word, dialect)).toEqual({ ...undocumented, reason: expect.any(String) });
        }
      }),
    );
  });
});
