import { type Asked, describeConnector, oddIdentifiers } from '@expunge/conformance';
import type { Subject } from '@expunge/core';
import { startBrazeSandbox } from '@expunge/vendor-sandbox';
import { createBrazeConnector } from './braze-connector.ts';
import type { BrazeOptions } from './braze-options.ts';

const aliasLabel = 'crm_id';

// Each kind of identifier has requests and answers of its own.
const kinds = [
  { identifier: 'external_id', fields: {} },
  { identifier: 'braze_id', fields: {} },
  { identifier: 'user_alias', fields: { aliasLabel } },
] as const;

for (const { identifier, fields } of kinds) {
  describeConnector(`connector-braze, by ${identifier}`, async () => {
    const sandbox = await startBrazeSandbox();
    const options: BrazeOptions = {
      restEndpoint: 'https://rest.iad-01.braze.com',
      baseUrl: sandbox.url,
      ...sandbox.credentials,
      identifier,
      ...fields,
    };
    const idOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
    const known = (value: string) =>
      identifier === 'user_alias' ? { kind: identifier, label: aliasLabel, value } : { kind: identifier, value };
    return {
      connector: createBrazeConnector(options),
      vendor: sandbox,
      clock: sandbox.clock,
      subjectOf: (value) => ({ identifiers: [{ type: identifier, value }] }),
      seed(subject) {
        sandbox.seed([personWith(identifier, idOf(subject))]);
      },
      isGone: (subject) => sandbox.find(known(idOf(subject))) === undefined,
      settle: () => sandbox.clock.advance(5 * 60_000),
      close: () => sandbox.close(),
      secrets: Object.values(sandbox.credentials),

      submitPath: /^\/users\/delete$/,
      refusals: [
        { type: 'status', status: 201, body: { message: 'Bad Request', errors: [] } },
        { type: 'status', status: 201, body: { message: 'Bad Request', deleted: 1 } },
        { type: 'status', status: 201, body: { message: 'success', deleted: 1, errors: ['some error'] } },
      ],
      documentedAnswers: [
        { call: 'submit', status: 201, body: { message: 'success', deleted: 1 }, means: 'accepted' },
        // No page says which 2xx is the success.
        { call: 'submit', status: 200, body: { deleted: 1 }, means: 'accepted' },
        { call: 'submit', status: 299, body: { deleted: 1 }, means: 'accepted' },
        {
          call: 'submit',
          status: 201,
          body: { deleted: 0 },
          means: 'deferred',
          reason: 'not-taken',
          retryAfterMs: 300_000,
        },
        { call: 'submit', status: 201, body: { deleted: 2 }, means: 'answer-contradictory' },
        { call: 'submit', status: 201, body: { deleted: 2 }, people: 2, means: 'accepted' },
        { call: 'submit', status: 201, body: { deleted: 1 }, people: 2, means: 'response-unexpected' },
        {
          call: 'submit',
          status: 400,
          body: { message: 'The max number of ids per request was exceeded' },
          means: 'request-too-large',
        },
        { call: 'submit', status: 400, body: { message: 'Bad Request' }, means: 'request-rejected' },
        { call: 'submit', status: 404, body: { message: 'Not Found' }, means: 'setup-wrong' },
        {
          call: 'verify',
          status: 201,
          body: ({ targets }: Asked) => ({
            message: 'success',
            users: [],
            invalid_user_ids: targets.map(({ value }) => value),
          }),
          means: 'absent',
        },
        { call: 'verify', status: 201, body: { message: 'success', users: [] }, means: 'absent' },
        {
          call: 'verify',
          status: 201,
          body: { message: 'success', users: [], invalid_user_ids: ['somebody-else'] },
          means: 'unknown',
        },
      ],
      // An alias's name is at most 236 bytes long.
      oddIdentifiers: oddIdentifiers.filter(({ value }) => identifier !== 'user_alias' || value.length <= 236),
      // `users` is empty where there is nobody; the list of ids that nobody has is optional.
      readsMayBeNameless: true,
      connectorThrough: (dispatcher) => createBrazeConnector(options, { dispatcher }),
      connectorWithWrongCredentials: createBrazeConnector({ ...options, apiKey: 'wrong-key' }),
      impatientConnector: createBrazeConnector({ ...options, timeoutMs: 200 }),
    };
  });
}

function personWith(identifier: string, value: string): object {
  if (identifier === 'external_id') return { externalId: value };
  return identifier === 'braze_id' ? { brazeId: value } : { aliasName: value, aliasLabel };
}
