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
      connectorWithWrongCredentials: createCleverTapConnector({ ...options, passcode: 'wrong-passcode' }),
      impatientConnector: createCleverTapConnector({ ...options, timeoutMs: 200 }),
    };
  });
}
