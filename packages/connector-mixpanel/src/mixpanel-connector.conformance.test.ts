import { type Asked, type DocumentedAnswer, describeConnector } from '@expunge/conformance';
import type { DeletionConnector, Subject } from '@expunge/core';
import { mixpanelSandboxCredentials, startSandbox } from '@expunge/vendor-sandbox';
import { connectGdpr, connectProfile, dayMs, type MixpanelOnly, reader } from '../test/sandbox-account.ts';
import { createMixpanelConnector } from './index.ts';

interface Way {
  readonly name: string;
  readonly connect: (sandbox: MixpanelOnly, timeoutMs?: number, dispatcher?: never) => DeletionConnector;
  readonly connectWithWrongCredentials: (sandbox: MixpanelOnly) => DeletionConnector;
  readonly submitPath: RegExp;
  /** Bodies that are no success although they come with HTTP 200. */
  readonly refusals: readonly unknown[];
  readonly documentedAnswers: readonly DocumentedAnswer[];
  /** Whether what the deletion promises to erase of a person is still there. */
  readonly isKnown: (sandbox: MixpanelOnly, distinctId: string) => boolean;
}

const wrongReader = { ...reader, serviceAccount: { username: 'wrong-account', secret: 'wrong-secret' } };

const { projectToken, oauthToken } = mixpanelSandboxCredentials;
const collaborators = (dispatcher?: never) => (dispatcher === undefined ? {} : { dispatcher });

/** An answer about a task, and what it means. */
function state(status: string, means: DocumentedAnswer['means'], httpStatus = 200): DocumentedAnswer {
  return { call: 'check', status: httpStatus, body: { status: 'ok', results: { status } }, means };
}

const ways: readonly Way[] = [
  {
    name: 'profile',
    connect: ({ mixpanel }, timeoutMs, dispatcher) =>
      createMixpanelConnector(
        { api: 'profile', projectToken, baseUrl: mixpanel.url, ...reader, timeoutMs },
        collaborators(dispatcher),
      ),
    // The profile API has no credentials but the project token; the read-back has.
    connectWithWrongCredentials: (sandbox) => connectProfile(sandbox, wrongReader),
    submitPath: /\/engage$/,
    refusals: [
      0,
      { status: 0, error: 'refused' },
      { status: 1, error: null, errors: {}, num_good_events: 0 },
      { status: 1, error: 'refused', num_good_events: 1 },
    ],
    documentedAnswers: [
      { call: 'submit', status: 200, body: 1, means: 'accepted' },
      { call: 'submit', status: 200, body: { status: 1, error: null, num_good_events: 1 }, means: 'accepted' },
      { call: 'submit', status: 200, body: 1, people: 2, means: 'request-rejected' },
      { call: 'submit', status: 200, body: { status: 1, num_good_events: 1 }, people: 2, means: 'request-rejected' },
      { call: 'submit', status: 200, body: { status: 1, num_good_events: 2 }, means: 'response-unexpected' },
      {
        call: 'submit',
        status: 200,
        body: { status: 1, errors: { a: 'b' }, num_good_events: 1 },
        means: 'request-rejected',
      },
      { call: 'submit', status: 400, body: { error: 'x', status: 0 }, means: 'request-rejected' },
      { call: 'submit', status: 401, body: { error: 'x', status: 0 }, means: 'credentials-rejected' },
      { call: 'verify', status: 402, body: { error: 'x' }, means: 'quota-spent' },
    ],
    isKnown: ({ mixpanel }, distinctId) => mixpanel.hasProfile(distinctId),
  },
  {
    name: 'gdpr',
    connect: ({ mixpanel }, timeoutMs, dispatcher) =>
      createMixpanelConnector(
        { api: 'gdpr', projectToken, oauthToken, baseUrl: mixpanel.url, ...reader, timeoutMs },
        collaborators(dispatcher),
      ),
    connectWithWrongCredentials: (sandbox) => connectGdpr(sandbox, { ...wrongReader, oauthToken: 'wrong-token' }),
    submitPath: /data-deletions/,
    refusals: [{ status: 'error', error: 'refused' }],
    documentedAnswers: [
      ...(['PENDING', 'STAGING', 'STARTED', 'UNKNOWN'] as const).map((word) => state(word, 'pending')),
      state('SUCCESS', 'deleted'),
      state('FAILURE', 'failed'),
      state('REVOKED', 'cancelled'),
      state('NOT_FOUND', 'lost'),
      state('DONE', 'unknown'),
      state('NOT_FOUND', 'lost', 404),
      state('NOT_FOUND', 'lost', 400),
      { call: 'check', status: 404, body: { status: 'error', error: 'x' }, means: 'unknown' },
      { call: 'cancel', status: 405, body: { status: 'error', error: 'x' }, means: 'too-late' },
      { call: 'submit', status: 200, body: { status: 'ok', results: [{ tracking_id: '17' }] }, means: 'accepted' },
      { call: 'submit', status: 200, body: { status: 'ok', results: { task_id: '17' } }, means: 'accepted' },
      { call: 'submit', status: 409, body: {}, means: 'deferred', reason: 'conflict', retryAfterMs: 21_600_000 },
      { call: 'submit', status: 409, body: {}, people: 2, means: 'request-rejected' },
      {
        call: 'submit',
        status: 409,
        body: ({ targets }: Asked) => ({
          error: { conflicting_distinct_ids: targets.map(({ value }) => value), conflicting_task_ids: ['17'] },
        }),
        means: 'accepted',
      },
      { call: 'submit', status: 404, body: { status: 'error', error: 'x' }, means: 'setup-wrong' },
    ],
    isKnown: ({ mixpanel }, distinctId) => mixpanel.hasProfile(distinctId) || mixpanel.hasEvents(distinctId),
  },
];

for (const { name, connect, connectWithWrongCredentials, submitPath, refusals, documentedAnswers, isKnown } of ways) {
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
      documentedAnswers,
      connectorThrough: (dispatcher) => connect(sandbox, undefined, dispatcher),
      connectorWithWrongCredentials: connectWithWrongCredentials(sandbox),
      impatientConnector: connect(sandbox, 300),
    };
  });
}
