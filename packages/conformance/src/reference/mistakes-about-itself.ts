import type { DeletionConnector, SubmitOutcome } from '@expunge/core';
import { referenceToken } from './reference-vendor.ts';
import type { Mistake } from './spoil.ts';

const withCapabilities = (change: (capabilities: DeletionConnector['capabilities']) => object) => {
  return (connector: DeletionConnector): DeletionConnector => ({
    ...connector,
    capabilities: { ...connector.capabilities, ...change(connector.capabilities) },
  });
};

/** What a connector says, and what is not so. */
export const mistakesAboutItself: readonly Mistake[] = [
  {
    mistake: 'calls a repeat harmless and refuses it',
    spoil: (connector) => {
      const taken = new Set<string>();
      const refused: SubmitOutcome = { type: 'rejected', reason: 'refused', message: 'It was sent before.' };
      return {
        ...connector,
        async submit(targets, options) {
          const isRepeat = targets.map(({ value }) => taken.has(value));
          for (const { value } of targets) taken.add(value);
          const outcomes = await connector.submit(targets, options);
          return outcomes.map((outcome, index) => (isRepeat[index] ? refused : outcome));
        },
      };
    },
    check: 'submitting the same person twice does what capabilities.repeat says',
    advice: /is 'harmless', and submitting the same target again is 'rejected'/,
  },
  {
    mistake: 'states an identifier type that it does nothing with',
    spoil: withCapabilities(({ identifiers }) => ({
      identifiers: [...identifiers, { type: 'email', from: ['email'] }],
    })),
    check: 'makes use of every identifier type that it states',
    advice: /states 'email', and targetsOf\(\) makes nothing of it/,
  },
  {
    mistake: 'promises more speed than the vendor',
    spoil: withCapabilities(({ completion }) => ({ completion: { ...completion, expectedWithinMs: 1000 } })),
    check: 'is done in the time that capabilities.completion states',
    advice: /states 1000 ms, and after that the person is still in the vendor's memory/,
  },
  {
    mistake: 'is done at once, it says',
    spoil: withCapabilities(() => ({ completion: { type: 'immediate' } })),
    check: 'completion becomes known as capabilities.completion says',
    advice: /is 'immediate', and submit\(\) reports 'accepted'/,
  },
  {
    mistake: 'prints a credential in its title',
    spoil: withCapabilities(() => ({ title: `Deletion with ${referenceToken}` })),
    check: 'shows no credential in what it says about itself',
    advice: /capabilities show a credential/,
  },
  {
    mistake: 'prints a credential when its access is checked',
    spoil: (connector) => ({
      ...connector,
      checkAccess: async () => ({ proven: [`The token ${referenceToken} works.`], unproven: [] }),
    }),
    check: 'checkAccess() says what it has proven, and touches nobody',
    advice: /shows a credential in its report/,
  },
  {
    mistake: 'names the person in an outcome',
    spoil: (connector) => ({
      ...connector,
      async submit(targets, options) {
        await connector.submit(targets, options);
        return targets.map(({ value }) => ({ type: 'absent', vendorStatus: value }));
      },
    }),
    check: 'outcomes have the shape of the contract',
    advice: /'absent'\) that shows the person/,
  },
  {
    mistake: 'calls back what is done, it says',
    spoil: (connector) => ({ ...connector, cancel: async () => ({ type: 'cancelled' }) }),
    check: 'cancels nothing that is done',
    advice: /of a submission that is done: the person is gone/,
  },
  {
    mistake: 'recovers an older submission',
    spoil: (connector) => ({
      ...connector,
      recover: async (targets, _since, options) => connector.recover?.(targets, '1970-01-01T00:00:00.000Z', options),
    }),
    check: 'recovers the receipt of a submission whose reply was lost',
    advice: /made before `since`/,
  },
];
