import { describeConnector } from '@expunge/conformance';
import type { Subject } from '@expunge/core';
import { startSandbox } from '@expunge/vendor-sandbox';
import { createAltcraftConnector } from './altcraft-connector.ts';
import type { AltcraftOptions } from './altcraft-options.ts';

const ways: readonly Pick<AltcraftOptions, 'format' | 'lookUp' | 'customFields'>[] = [
  { format: 'json' },
  { format: 'json', lookUp: false },
  { format: 'xml', customFields: [{ fieldName: 'CRM_ID', fieldType: 'string' }] },
];

for (const way of ways) {
  const type = way.customFields === undefined ? 'email' : 'CRM_ID';
  describeConnector(`connector-altcraft by ${type}, ${JSON.stringify(way)}`, async () => {
    const { altcraft, clock, close } = await startSandbox({ vendors: ['altcraft'] });
    // With the read-back by id a vendor's lie would end in submit() already, and verify() would not be asked.
    const quiet = { absentCodes: [404], readBackById: false };
    const options = { baseUrl: altcraft.url, ...altcraft.credentials, ...way, ...quiet };
    const identifierOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
    return {
      connector: createAltcraftConnector(options),
      vendor: altcraft,
      clock,
      subjectOf: (value) => ({ identifiers: [{ type, value }] }),
      seed(subject) {
        const value = identifierOf(subject);
        altcraft.seed([type === 'email' ? { email: value } : { fields: { CRM_ID: value } }]);
      },
      isGone: (subject) => altcraft.profileIdsOf(identifierOf(subject)).length === 0,
      settle() {},
      close,
      secrets: [options.token],
      submitPath: /profiles\/delete/,
      refusals: [400, 401, 402, 403, 440, 500].map((error) => ({ type: 'status', status: 200, body: { error } })),
      connectorWithWrongCredentials: createAltcraftConnector({ ...options, token: 'wrong-token' }),
      impatientConnector: createAltcraftConnector({ ...options, timeoutMs: 200 }),
    };
  });
}
