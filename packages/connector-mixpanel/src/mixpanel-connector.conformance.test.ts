import { describeConnector } from '@expunge/conformance';
import type { DeletionConnector, Subject } from '@expunge/core';
import { startSandbox } from '@expunge/vendor-sandbox';
import { connectGdpr, connectProfile, dayMs, type MixpanelOnly, reader } from '../test/sandbox-account.ts';

interface Way {
  readonly name: string;
  readonly connect: (sandbox: MixpanelOnly, timeoutMs?: number) => DeletionConnector;
  readonly connectWithWrongCredentials: (sandbox: MixpanelOnly) => DeletionConnector;
  readonly submitPath: RegExp;
  /** Bodies that are no success although they come with HTTP 200. */
  readonly refusals: readonly unknown[];
  /** Whether what the deletion promises to erase of a person is still there. */
  readonly isKnown: (sandbox: MixpanelOnly, distinctId: string) => boolean;
}

const wrongReader = { ...reader, serviceAccount: { username: 'wrong-account', secret: 'wrong-secret' } };

const ways: readonly Way[] = [
  {
    name: 'profile',
    connect: (sandbox, timeoutMs) => connectProfile(sandbox, { ...reader, timeoutMs }),
    // The profile API has no credentials but the project token; the read-back has.
    connectWithWrongCredentials: (sandbox) => connectProfile(sandbox, wrongReader),
    submitPath: /\/engage$/,
    refusals: [
      0,
      { status: 0, error: 'refused' },
      { status: 1, error: null, errors: {}, num_good_events: 0 },
      { status: 1, error: 'refused', num_good_events: 1 },
    ],
    isKnown: ({ mixpanel }, distinctId) => mixpanel.hasProfile(distinctId),
  },
  {
    name: 'gdpr',
    connect: (sandbox, timeoutMs) => connectGdpr(sandbox, { ...reader, timeoutMs }),
    connectWithWrongCredentials: (sandbox) => connectGdpr(sandbox, { ...wrongReader, oauthToken: 'wrong-token' }),
    submitPath: /data-deletions/,
    refusals: [{ status: 'error', error: 'refused' }],
    isKnown: ({ mixpanel }, distinctId) => mixpanel.hasProfile(distinctId) || mixpanel.hasEvents(distinctId),
  },
];

for (const { name, connect, connectWithWrongCredentials, submitPath, refusals, isKnown } of ways) {
  describeConnector(`connector-mixpanel, ${name}`, async () => {
    const sandbox = await startSandbox({ vendors: ['mixpanel'] });
    const { mixpanel, clock } = sandbox;
    const { oauthToken, serviceAccount } = mixpanel.credentials;
    const distinctIdOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
    return {
      connector: connect(sandbox),
      vendor: mixpanel,
      clock,
      subjectOf: (value) => ({ identifiers: [{ type: 'distinct_id', value }] }),
      seed: (subject) => {
        mixpanel.seed([{ distinctId: distinctIdOf(subject) }]);
      },
      isGone: (subject) => !isKnown(sandbox, distinctIdOf(subject)),
      // Mixpanel promises a task's end within 30 days.
      settle: () => clock.advance(31 * dayMs),
      close: () => sandbox.close(),
      secrets: [oauthToken, serviceAccount.secret],
      submitPath,
      refusals: refusals.map((body) => ({ type: 'status', status: 200, body })),
      connectorWithWrongCredentials: connectWithWrongCredentials(sandbox),
      impatientConnector: connect(sandbox, 300),
    };
  });
}
