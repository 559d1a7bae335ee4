import { describeConnector, oddIdentifiers } from '@expunge/conformance';
import type { Subject } from '@expunge/core';
import { startSandbox } from '@expunge/vendor-sandbox';
import { createSegmentConnector } from './segment-connector.ts';
import type { SegmentIdentifierOptions, SegmentRegulationOptions } from './segment-options.ts';

const threeDaysMs = 3 * 86_400_000;

function identifierOf(subject: Subject, type: string): string {
  const identifier = subject.identifiers.find((each) => each.type === type);
  if (identifier === undefined) throw new Error(`the subject has no ${type}`);
  return identifier.value;
}

for (const regulationType of ['DELETE_INTERNAL', 'DELETE_ONLY', 'SUPPRESS_WITH_DELETE'] as const) {
  describeConnector(`connector-segment, regulation ${regulationType}`, async () => {
    const sandbox = await startSandbox({ vendors: ['segment'] });
    const { segment: vendor, clock } = sandbox;
    const token = vendor.credentials.publicApiToken;
    const connect = (options: Partial<SegmentRegulationOptions> = {}) =>
      createSegmentConnector({ api: 'regulation', token, baseUrl: vendor.url, regulationType, ...options });
    return {
      connector: connect(),
      vendor,
      clock,
      subjectOf: (value) => ({ identifiers: [{ type: 'userId', value }] }),
      seed: (subject) => {
        vendor.seed([{ userId: identifierOf(subject, 'userId') }]);
      },
      isGone: (subject) => !vendor.hasData(identifierOf(subject, 'userId')),
      settle: () => clock.advance(threeDaysMs),
      close: () => sandbox.close(),
      secrets: [token],
      submitPath: /^\/regulations$/,
      refusals: [{ type: 'status', status: 200, body: { errors: [{ type: 'RequestError', message: 'refused' }] } }],
      connectorWithWrongCredentials: connect({ token: 'wrong-token' }),
      impatientConnector: connect({ timeoutMs: 300 }),
    };
  });
}

describeConnector('connector-segment, identifier', async () => {
  const sandbox = await startSandbox({ vendors: ['segment'] });
  const { segment: vendor, clock } = sandbox;
  const { spaceToken: token, spaceId } = vendor.credentials;
  const connect = (options: Partial<SegmentIdentifierOptions> = {}) =>
    createSegmentConnector({
      api: 'identifier',
      token,
      spaceId,
      baseUrl: vendor.url,
      identifierTypes: ['email'],
      ...options,
    });
  return {
    connector: connect(),
    vendor,
    clock,
    // Profiles are looked up in lower case.
    subjectOf: (value) => ({
      identifiers: [
        { type: 'user_id', value: value.toLowerCase() },
        { type: 'email', value },
      ],
    }),
    seed: (subject) => {
      const externalIds = [`email:${identifierOf(subject, 'email')}`];
      vendor.seed([{ userId: identifierOf(subject, 'user_id'), externalIds }]);
    },
    isGone: (subject) =>
      !vendor.hasExternalId(identifierOf(subject, 'user_id'), 'email', identifierOf(subject, 'email')),
    settle: () => clock.advance(threeDaysMs),
    close: () => sandbox.close(),
    secrets: [token, Buffer.from(`${token}:`).toString('base64')],
    // Segment looks profiles up without regard to case (docs/vendors/segment.md).
    oddIdentifiers: oddIdentifiers.filter(({ label }) => label !== 'a capital letter'),
    submitPath: /\/external_ids\/delete$/,
    refusals: [
      { type: 'status', status: 200, body: { error: { code: 'bad_request', message: 'refused' } } },
      { type: 'status', status: 200, body: { code: 'forbidden' } },
    ],
    connectorWithWrongCredentials: connect({ token: 'wrong-token' }),
    impatientConnector: connect({ timeoutMs: 300 }),
  };
});
