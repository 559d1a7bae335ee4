import { ConnectorError } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapForeignStatus, mapMixpanelStatus } from './map-mixpanel-status.ts';

const ours = [
  ['PENDING', { state: 'pending', canCancel: true }],
  ['STAGING', { state: 'pending', canCancel: true }],
  ['STARTED', { state: 'pending', canCancel: false }],
  ['SUCCESS', { state: 'deleted' }],
  ['FAILURE', { state: 'failed', canSubmitAgain: true }],
  ['REVOKED', { state: 'cancelled' }],
  ['NOT_FOUND', { state: 'lost' }],
  ['UNKNOWN', { state: 'pending' }],
] as const;

const foreign = [
  ['PENDING', { state: 'pending', canCancel: false }],
  ['STAGING', { state: 'pending', canCancel: false }],
  ['STARTED', { state: 'pending', canCancel: false }],
  ['SUCCESS', { state: 'deleted' }],
  ['FAILURE', { state: 'failed', canSubmitAgain: true }],
  ['REVOKED', { state: 'failed', canSubmitAgain: true }],
  ['NOT_FOUND', { state: 'lost' }],
  ['UNKNOWN', { state: 'pending', canCancel: false }],
] as const;

const documented = new Set<string>(ours.map(([word]) => word));

it.each(ours)('reads %s of a task of our own', (word, outcome) => {
  expect(mapMixpanelStatus(word)).toEqual({ ...outcome, vendorStatus: word });
});

it.each(foreign)("reads %s of somebody else's task", (word, outcome) => {
  expect(mapForeignStatus(word)).toEqual({ ...outcome, vendorStatus: word });
});

describe.each([
  ['mapMixpanelStatus', mapMixpanelStatus],
  ['mapForeignStatus', mapForeignStatus],
])('%s', (_name, map) => {
  it('guesses nothing about any other word, and does not repeat it', () => {
    const words = fc.oneof(fc.string(), fc.constantFrom('success', 'DONE', 'PENDING ', 'REVOKE'));
    fc.assert(
      fc.property(
        words.filter((word) => !documented.has(word)),
        (word) => {
          expect(() => map(word)).toThrow(ConnectorError);
          expect(() => map(word)).toThrow('Mixpanel gave a task status that it does not document.');
        },
      ),
    );
  });
});
