import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mapMixpanelStatus } from './map-mixpanel-status.ts';

const words = [
  ['PENDING', { state: 'pending', canCancel: true }],
  ['STAGING', { state: 'pending', canCancel: true }],
  ['STARTED', { state: 'pending', canCancel: false }],
  ['SUCCESS', { state: 'deleted' }],
  ['FAILURE', { state: 'failed', canSubmitAgain: true, canBisect: true }],
  ['REVOKED', { state: 'cancelled' }],
  ['NOT_FOUND', { state: 'lost' }],
  ['UNKNOWN', { state: 'pending' }],
] as const;

const documented = new Set<string>(words.map(([word]) => word));

it.each(words)('reads %s', (word, outcome) => {
  expect(mapMixpanelStatus(word)).toEqual({ ...outcome, vendorStatus: word });
});

it('guesses nothing about any other word, and does not repeat it', () => {
  const others = fc.oneof(fc.string(), fc.constantFrom('success', 'DONE', 'PENDING ', 'REVOKE'));
  fc.assert(
    fc.property(
      others.filter((word) => !documented.has(word)),
      (word) => {
        expect(mapMixpanelStatus(word)).toEqual({
          state: 'unknown',
          vendorStatus: 'undocumented-word',
          reason: 'Mixpanel gives the task a status that it does not document. Look the task up at Mixpanel.',
        });
      },
    ),
  );
});
