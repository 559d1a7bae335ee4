import { type DocumentedAnswer, describeConnector, identifierForms } from '@expunge/conformance';
import type { Subject } from '@expunge/core';
import { type AltcraftPerson, startSandbox } from '@expunge/vendor-sandbox';
import { createAltcraftConnector } from './altcraft-connector.ts';
import type { AltcraftOptions } from './altcraft-options.ts';

interface Way {
  readonly options: Partial<AltcraftOptions>;
  /** The identifier that a person of the suite is known by. */
  readonly type: string;
  /** How Altcraft's memory holds a person. */
  profiles(value: string): AltcraftPerson[];
  readonly identifierFor?: (name: string) => string;
  /** A custom field need not be shown, and an id is not said again by an absence. */
  readonly readsMayBeNameless?: boolean;
}

const byEmail = { type: 'email', profiles: (value: string) => [{ email: value }] };

const ways: readonly Way[] = [
  { ...byEmail, options: { format: 'json' } },
  { ...byEmail, options: { format: 'json', lookUp: false } },
  // Two profiles of one person, and an installation that is read back by the engine later.
  {
    ...byEmail,
    options: { format: 'json', readBackAfterMs: 1000 },
    profiles: (value) => [{ email: value }, { email: value, phones: ['+999123456789'] }],
  },
  // The resource narrows the match to those who subscribed to it.
  {
    ...byEmail,
    options: { format: 'json', resourceId: 7 },
    profiles: (value) => [{ email: value, subscriptions: [{ resourceId: 7, channel: 'email', email: value }] }],
  },
  {
    type: 'phone',
    options: { format: 'json', matching: ['phone'] },
    profiles: (value) => [{ phones: [value] }],
    identifierFor: identifierForms.phone,
  },
  {
    type: 'profile_id',
    options: { format: 'json', matching: ['profile_id'], readBackById: true },
    profiles: (value) => [{ id: value }],
    identifierFor: (name) => identifierForms.uuid(name).replaceAll('-', '').slice(0, 24),
  },
  {
    type: 'CRM_ID',
    options: { format: 'xml', customFields: [{ fieldName: 'CRM_ID', fieldType: 'string' }] },
    profiles: (value) => [{ fields: { CRM_ID: value } }],
  },
  // Whole numbers, and each deletion read back at once.
  {
    type: 'CRM_NO',
    options: { format: 'json', readBackById: true, customFields: [{ fieldName: 'CRM_NO', fieldType: 'number' }] },
    profiles: (value) => [{ fields: { CRM_NO: Number(value) } }],
    identifierFor: identifierForms.number,
    readsMayBeNameless: true,
  },
];

for (const way of ways) {
  const { type } = way;
  describeConnector(`connector-altcraft by ${type}, ${JSON.stringify(way.options)}`, async () => {
    const { altcraft, clock, close } = await startSandbox({ vendors: ['altcraft'] });
    // With the read-back by id a vendor's lie would end in submit() already, and verify() would not be asked.
    const quiet = { absentCodes: [404], readBackById: false };
    const options = { baseUrl: altcraft.url, ...altcraft.credentials, ...quiet, ...way.options };
    const identifierOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
    return {
      connector: createAltcraftConnector(options, { now: () => clock.now() }),
      vendor: altcraft,
      clock,
      subjectOf: (value) => ({ identifiers: [{ type, value }] }),
      seed(subject) {
        altcraft.seed(way.profiles(identifierOf(subject)));
      },
      isGone: (subject) => altcraft.profileIdsOf(identifierOf(subject)).length === 0,
      ...(way.identifierFor === undefined ? {} : { identifierFor: way.identifierFor }),
      ...(way.readsMayBeNameless === undefined ? {} : { readsMayBeNameless: way.readsMayBeNameless }),
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

describeConnector('connector-altcraft by email and a custom field', async () => {
  const { altcraft, clock, close } = await startSandbox({ vendors: ['altcraft'] });
  const options: AltcraftOptions = {
    baseUrl: altcraft.url,
    ...altcraft.credentials,
    absentCodes: [404],
    readBackById: false,
    matching: ['email'],
    customFields: [{ fieldName: 'CRM_ID', fieldType: 'string' }],
  };
  const crmIdOf = ({ identifiers }: Subject) => identifiers.find(({ type }) => type === 'CRM_ID')?.value ?? '';
  const emailOf = ({ identifiers }: Subject) => identifiers.find(({ type }) => type === 'email')?.value ?? '';
  return {
    connector: createAltcraftConnector(options, { now: () => clock.now() }),
    vendor: altcraft,
    clock,
    subjectOf: (value) => ({
      identifiers: [
        { type: 'CRM_ID', value },
        { type: 'email', value: `${identifierForms.uuid(value)}@example.com` },
      ],
    }),
    seed(subject) {
      altcraft.seed([{ email: emailOf(subject), fields: { CRM_ID: crmIdOf(subject) } }]);
    },
    seedSomebodyElse(subject) {
      altcraft.seed([{ email: emailOf(subject), fields: { CRM_ID: 'another-1' } }]);
      return { identifiers: [{ type: 'CRM_ID', value: 'another-1' }] };
    },
    isGone: (subject) => altcraft.profileIdsOf(crmIdOf(subject)).length === 0,
    readsMayBeNameless: true,
    settle() {},
    close,
    secrets: [altcraft.credentials.token],
    submitPath: /profiles\/delete/,
  };
});
