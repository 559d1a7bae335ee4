import { type DocumentedAnswer, describeConnector, identifierForms } from '@expunge/conformance';
import type { Subject } from '@expunge/core';
import { startSandbox } from '@expunge/vendor-sandbox';
import { createAltcraftConnector } from './altcraft-connector.ts';
import type { AltcraftOptions } from './altcraft-options.ts';

type Way = Pick<AltcraftOptions, 'format' | 'lookUp' | 'customFields' | 'readBackById'>;

const ways: readonly Way[] = [
  { format: 'json' },
  { format: 'json', lookUp: false },
  { format: 'xml', customFields: [{ fieldName: 'CRM_ID', fieldType: 'string' }] },
  // Whole numbers, and each deletion read back at once.
  { format: 'json', readBackById: true, customFields: [{ fieldName: 'CRM_NO', fieldType: 'number' }] },
];

for (const way of ways) {
  const type = way.customFields?.[0]?.fieldName ?? 'email';
  const isNumber = type === 'CRM_NO';
  describeConnector(`connector-altcraft by ${type}, ${JSON.stringify(way)}`, async () => {
    const { altcraft, clock, close } = await startSandbox({ vendors: ['altcraft'] });
    // With the read-back by id a vendor's lie would end in submit() already, and verify() would not be asked.
    const quiet = { absentCodes: [404], readBackById: false };
    const options = { baseUrl: altcraft.url, ...altcraft.credentials, ...quiet, ...way };
    const identifierOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
    return {
      connector: createAltcraftConnector(options),
      vendor: altcraft,
      clock,
      subjectOf: (value) => ({ identifiers: [{ type, value }] }),
      seed(subject) {
        const value = identifierOf(subject);
        altcraft.seed([type === 'email' ? { email: value } : { fields: { [type]: isNumber ? Number(value) : value } }]);
      },
      isGone(subject) {
        const value = identifierOf(subject);
        return altcraft.profileIdsOf(isNumber ? Number(value) : value).length === 0;
      },
      // A custom field need not be shown.
      ...(isNumber ? { identifierFor: identifierForms.number, readsMayBeNameless: true } : {}),
      settle() {},
      close,
      secrets: [options.token],
      submitPath: /profiles\/delete/,
      refusals: [400, 401, 402, 403, 440, 500].map((error) => ({ type: 'status', status: 200, body: { error } })),
      documentedAnswers: ([200, 400] as const).flatMap((status): DocumentedAnswer[] => [
        // The number decides, with whatever HTTP status it comes.
        { call: 'submit', status, body: { error: 401 }, means: 'credentials-rejected' },
        { call: 'submit', status, body: { error: 402 }, means: 'quota-spent' },
        { call: 'submit', status, body: { error: 403 }, means: 'permission-missing' },
        { call: 'submit', status, body: { error: 429 }, means: 'rate-limited' },
        { call: 'submit', status, body: { error: 500 }, means: 'vendor-unavailable' },
        { call: 'submit', status, body: { error: 400 }, means: 'request-rejected' },
        { call: 'submit', status, body: { error: 599 }, means: 'vendor-unavailable' },
        { call: 'submit', status, body: { error: 0 }, means: 'response-unexpected' },
        { call: 'verify', status, body: { error: 401 }, means: 'credentials-rejected' },
        { call: 'verify', status, body: { error: 402 }, means: 'quota-spent' },
        { call: 'verify', status, body: { error: 440 }, means: 'unknown' },
        { call: 'checkAccess', status, body: { error: 403 }, means: 'permission-missing' },
      ]),
      connectorThrough: (dispatcher) => createAltcraftConnector(options, { dispatcher }),
      connectorWithWrongCredentials: createAltcraftConnector({ ...options, token: 'wrong-token' }),
      impatientConnector: createAltcraftConnector({ ...options, timeoutMs: 200 }),
    };
  });
}
