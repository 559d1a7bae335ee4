import { describeConnector } from '@expunge/conformance';
import type { Subject } from '@expunge/core';
import { startSandbox } from '@expunge/vendor-sandbox';
import { createCleverTapConnector } from './clevertap-connector.ts';

for (const type of ['identity', 'guid'] as const) {
  describeConnector(`connector-clevertap by ${type}`, async () => {
    const { clevertap, clock, close } = await startSandbox({ vendors: ['clevertap'] });
    const options = { baseUrl: clevertap.url, ...clevertap.credentials };
    const identifierOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
    return {
      connector: createCleverTapConnector(options),
      vendor: clevertap,
      clock,
      subjectOf: (value) => ({ identifiers: [{ type, value }] }),
      seed(subject) {
        const value = identifierOf(subject);
        clevertap.seed([type === 'identity' ? { identity: value } : { identity: `owner of ${value}`, guids: [value] }]);
      },
      isGone(subject) {
        const value = identifierOf(subject);
        return type === 'identity'
          ? !clevertap.hasProfile(value) && !clevertap.hasEvents(value)
          : !clevertap.hasProfileWithGuid(value) && !clevertap.hasEvents(`owner of ${value}`);
      },
      settle: () => clock.advance(24 * 60 * 60 * 1000),
      close,
      secrets: [options.accountId, options.passcode],
      submitPath: /delete\/profiles/,
      refusals: [
        { type: 'status', status: 200, body: { status: 'fail', error: 'Payload is mandatory', code: 400 } },
        { type: 'status', status: 200, body: { status: 'fail' } },
        { type: 'status', status: 200, body: { status: 'partial', processed: 0, unprocessed: [] } },
      ],
      documentedAnswers: [
        {
          call: 'submit',
          status: 400,
          body: fail('Invalid payload. Max 100 guids allowed per request.', 400),
          means: 'request-too-large',
        },
        {
          call: 'submit',
          status: 400,
          body: fail('Invalid payload. Max 100 identities allowed per request.', 400),
          means: 'request-too-large',
        },
        { call: 'submit', status: 400, body: fail('Payload is mandatory', 400), means: 'request-rejected' },
        {
          call: 'submit',
          status: 400,
          body: fail('Sending either identities or guids in payload is mandatory', 400),
          means: 'request-rejected',
        },
        {
          call: 'submit',
          status: 200,
          body: fail('Invalid payload. Empty payload is not allowed.'),
          means: 'request-rejected',
        },
        {
          call: 'submit',
          status: 400,
          body: fail('Invalid payload. Received both guid and identity. Only one of them is allowed.', 400),
          means: 'request-rejected',
        },
        { call: 'submit', status: 503, body: fail('Payload is mandatory', 400), means: 'vendor-unavailable' },
        { call: 'submit', status: 200, body: fail('Invalid Credentials', 401), means: 'credentials-rejected' },
        { call: 'submit', status: 200, body: fail('Account Id is not valid'), means: 'credentials-rejected' },
        { call: 'submit', status: 200, body: fail('Server Error. Please retry later'), means: 'vendor-unavailable' },
        { call: 'submit', status: 200, body: fail('Too many concurrent requests'), means: 'rate-limited' },
        { call: 'submit', status: 200, body: fail('whatever', 503), means: 'vendor-unavailable' },
        { call: 'submit', status: 200, body: fail('whatever', 4711), means: 'response-unexpected' },
        { call: 'submit', status: 200, body: { status: 'queued' }, means: 'response-unexpected' },
        { call: 'verify', status: 200, body: fail('Server Error. Please retry later'), means: 'vendor-unavailable' },
        { call: 'verify', status: 200, body: fail('whatever', 400), means: 'unknown' },
        { call: 'verify', status: 200, body: { status: 'partial', record: {} }, means: 'response-unexpected' },
        { call: 'verify', status: 200, body: { status: 'success', record: null }, means: 'absent' },
        // An invented identity got another answer, the one above.
        { call: 'verify', status: 200, body: fail('No such profile'), means: 'unknown' },
        { call: 'verify', status: 404, body: fail('No such profile', 404), means: 'unknown' },
      ],
      connectorThrough: (dispatcher) => createCleverTapConnector(options, { dispatcher }),
      connectorWithWrongCredentials: createCleverTapConnector({ ...options, passcode: 'wrong-passcode' }),
      impatientConnector: createCleverTapConnector({ ...options, timeoutMs: 200 }),
    };
  });
}

function fail(error: string, code?: number): object {
  return { status: 'fail', error, ...(code === undefined ? {} : { code }) };
}
