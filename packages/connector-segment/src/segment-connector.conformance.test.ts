import { type Asked, type DocumentedAnswer, describeConnector, oddIdentifiers } from '@expunge/conformance';
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

const refusal = (type: string) => ({ errors: [{ type, message: 'refused' }] });

/** An answer about a regulation, with the state of one destination where there is one, and what it means. */
function stateOf(overallStatus: string, means: DocumentedAnswer['means'], destination?: string): DocumentedAnswer {
  const streamStatus =
    destination === undefined
      ? []
      : [{ id: 'source-1', destinationStatus: [{ name: 'Amplitude', id: 'destination-1', status: destination }] }];
  const body = ({ receipt }: Asked) => ({
    data: { regulation: { id: receipt?.regulateId, overallStatus, finishedAt: null, streamStatus } },
  });
  return { call: 'check', status: 200, body, means };
}

for (const regulationType of ['DELETE_INTERNAL', 'DELETE_ONLY', 'SUPPRESS_WITH_DELETE'] as const) {
  describeConnector(`connector-segment, regulation ${regulationType}`, async () => {
    const sandbox = await startSandbox({ vendors: ['segment'] });
    const { segment: vendor, clock } = sandbox;
    const token = vendor.credentials.publicApiToken;
    const connect = (options: Partial<SegmentRegulationOptions> = {}, dispatcher?: never) =>
      createSegmentConnector(
        { api: 'regulation', token, baseUrl: vendor.url, regulationType, ...options },
        dispatcher === undefined ? {} : { dispatcher },
      );
    const isForwarded = regulationType !== 'DELETE_INTERNAL';
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
      documentedAnswers: [
        stateOf('INITIALIZED', 'pending'),
        stateOf('RUNNING', 'pending'),
        stateOf('FINISHED', 'deleted'),
        stateOf('FINISHED', 'pending', 'RUNNING'),
        stateOf('FINISHED', 'partial', 'FAILED'),
        stateOf('FINISHED', 'partial', 'NOT_SUPPORTED'),
        stateOf('FINISHED', 'partial', 'PARTIAL_SUCCESS'),
        stateOf('FINISHED', 'partial', 'INVALID'),
        stateOf('FINISHED', 'deleted', 'FINISHED'),
        stateOf('PARTIAL_SUCCESS', 'partial'),
        stateOf('FAILED', isForwarded ? 'partial' : 'failed'),
        stateOf('FAILED', 'pending', 'INITIALIZED'),
        stateOf('FAILED', 'partial', 'NOT_SUPPORTED'),
        stateOf('NOT_SUPPORTED', 'failed'),
        stateOf('NOT_SUPPORTED', 'partial', 'FINISHED'),
        stateOf('INVALID', 'failed'),
        { call: 'check', status: 404, body: refusal('RequestError'), means: 'lost' },
        { call: 'check', status: 404, body: '', means: 'setup-wrong' },
        { call: 'submit', status: 404, body: refusal('RequestError'), means: 'setup-wrong' },
        { call: 'submit', status: 413, body: refusal('RequestError'), means: 'request-too-large' },
        { call: 'submit', status: 422, body: refusal('input-validation'), means: 'request-rejected' },
        {
          call: 'submit',
          status: 429,
          body: {},
          headers: { 'retry-after': '3' },
          means: 'rate-limited',
          retryAfterMs: 3000,
        },
        {
          call: 'submit',
          status: 429,
          body: {},
          headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'Sun, 01 Feb 2026 00:00:00 GMT' },
          means: 'quota-spent',
        },
        { call: 'recover', status: 200, body: { data: { regulations: [], pagination: {} } }, means: 'not-found' },
        // The same status says that the role may not do this, once the token is seen to be good.
        {
          call: 'checkAccess',
          path: /^\/suppressions/,
          status: 401,
          body: refusal('unauthorized'),
          means: 'permission-missing',
        },
      ],
      connectorThrough: (dispatcher) => connect({}, dispatcher),
      connectorWithWrongCredentials: connect({ token: 'wrong-token' }),
      impatientConnector: connect({ timeoutMs: 300 }),
    };
  });
}

// Segment lists no regulations of a cloud source: a lost reply can not be recovered there.
describeConnector('connector-segment, objects of a cloud source', async () => {
  const sandbox = await startSandbox({ vendors: ['segment'] });
  const { segment: vendor, clock } = sandbox;
  const token = vendor.credentials.publicApiToken;
  const scope = { type: 'cloud-source', sourceId: 'src_crm', collection: 'contacts' } as const;
  const connect = (options: Partial<SegmentRegulationOptions> = {}, dispatcher?: never) =>
    createSegmentConnector(
      { api: 'regulation', token, baseUrl: vendor.url, regulationType: 'DELETE_ONLY', scope, ...options },
      dispatcher === undefined ? {} : { dispatcher },
    );
  return {
    connector: connect(),
    vendor,
    clock,
    subjectOf: (value) => ({ identifiers: [{ type: 'objectId', value }] }),
    seed: (subject) => {
      const objectId = identifierOf(subject, 'objectId');
      vendor.seedRecords([{ sourceId: 'src_crm', collection: 'contacts', objectId }]);
    },
    isGone: (subject) => !vendor.hasRecords('OBJECT_ID', identifierOf(subject, 'objectId')),
    settle: () => clock.advance(threeDaysMs),
    close: () => sandbox.close(),
    secrets: [token],
    submitPath: /^\/regulations\/cloudsources\/src_crm$/,
    refusals: [{ type: 'status', status: 200, body: { errors: [{ type: 'RequestError', message: 'refused' }] } }],
    documentedAnswers: [
      stateOf('RUNNING', 'pending'),
      { call: 'submit', status: 404, body: refusal('RequestError'), means: 'setup-wrong' },
    ],
    connectorThrough: (dispatcher) => connect({}, dispatcher),
    connectorWithWrongCredentials: connect({ token: 'wrong-token' }),
    impatientConnector: connect({ timeoutMs: 300 }),
  };
});

describeConnector('connector-segment, identifier', async () => {
  const sandbox = await startSandbox({ vendors: ['segment'] });
  const { segment: vendor, clock } = sandbox;
  const { spaceToken: token, spaceId } = vendor.credentials;
  const connect = (options: Partial<SegmentIdentifierOptions> = {}, dispatcher?: never) =>
    createSegmentConnector(
      { api: 'identifier', token, spaceId, baseUrl: vendor.url, identifierTypes: ['email'], ...options },
      dispatcher === undefined ? {} : { dispatcher },
    );
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
    documentedAnswers: [
      { call: 'submit', status: 200, body: { code: 'success' }, means: 'deleted' },
      { call: 'submit', status: 200, body: { data: { code: 'success' } }, means: 'deleted' },
      { call: 'submit', status: 404, body: { error: { code: 'eid_not_found' } }, means: 'absent' },
      { call: 'submit', status: 404, body: { error: { code: 'not_found' } }, means: 'absent' },
      { call: 'submit', status: 404, body: { error: { code: 'source_id_not_found' } }, means: 'setup-wrong' },
      {
        call: 'submit',
        status: 400,
        body: { error: { code: 'unsupported_eid_type' } },
        means: 'rejected',
        reason: 'unsupported',
      },
      { call: 'submit', status: 400, body: { error: { code: 'bad_request' } }, means: 'rejected', reason: 'refused' },
      {
        call: 'submit',
        status: 400,
        body: { error: { code: 'bad_request', message: 'a valid `user_id` is required' } },
        means: 'rejected',
        reason: 'not-addressable',
      },
      {
        call: 'submit',
        status: 400,
        body: { error: { code: 'bad_request', message: 'missing required parameters' } },
        means: 'request-rejected',
      },
      { call: 'submit', status: 403, body: { error: { code: 'forbidden' } }, means: 'permission-missing' },
      { call: 'verify', status: 404, body: { error: { code: 'not_found' } }, means: 'absent' },
      { call: 'verify', status: 404, body: { error: { code: 'source_id_not_found' } }, means: 'setup-wrong' },
      { call: 'checkAccess', status: 200, body: { data: [], cursor: { has_more: false } }, means: 'proven' },
      { call: 'checkAccess', status: 404, body: { error: { code: 'not_found' } }, means: 'proven' },
      { call: 'checkAccess', status: 404, body: { error: { code: 'source_id_not_found' } }, means: 'setup-wrong' },
    ],
    connectorThrough: (dispatcher) => connect({}, dispatcher),
    connectorWithWrongCredentials: connect({ token: 'wrong-token' }),
    impatientConnector: connect({ timeoutMs: 300 }),
  };
});
