import {
  type Asked,
  conformanceChecks,
  type DocumentedAnswer,
  describeConnector,
  identifierForms,
  oddIdentifiers,
} from '@expunge/conformance';
import type { Subject } from '@expunge/core';
import { createManualClock, type VendorServer } from '@expunge/vendor-sandbox';
import { expect, it } from 'vitest';
import { formOptions, startFormVendor } from '../test/form-vendor.ts';
import { jobsOptions, startJobsVendor } from '../test/jobs-vendor.ts';
import { resultsOptions, startResultsVendor } from '../test/results-vendor.ts';
import { startUsersVendor, usersOptions } from '../test/users-vendor.ts';
import { startWordsVendor, wordsOptions } from '../test/words-vendor.ts';
import { createHttpConnector } from './http-connector.ts';

const idOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
const status = (body: unknown) => ({ type: 'status', status: 200, body }) as const;
const sent = (vendor: VendorServer) => ({ vendor, close: () => vendor.close() });

describeConnector('connector-http, one user a call and done at once', async () => {
  const clock = createManualClock();
  const vendor = await startUsersVendor(clock);
  const options = usersOptions(vendor.url);
  return {
    ...sent(vendor),
    clock,
    connector: createHttpConnector(options),
    subjectOf: (value) => ({ identifiers: [{ type: 'user', value }] }),
    seed: (subject) => void vendor.users.add(idOf(subject)),
    isGone: (subject) => !vendor.users.has(idOf(subject)),
    settle: () => undefined,
    secrets: [vendor.token],
    submitPath: /users/,
    refusals: [
      status({ user: { id: 'somebody-else', deleted: true } }),
      status({ user: { id: 'ada-4711', deleted: false } }),
      status({ user: { id: 'ada-4711', deleted: 'true' } }),
      status(''),
    ],
    documentedAnswers: [
      { call: 'submit', status: 404, body: { error: { code: 'no_such_route' } }, means: 'setup-wrong' },
      { call: 'submit', status: 404, body: { error: { code: 'user_not_found' } }, means: 'absent' },
      { call: 'verify', status: 404, body: { error: { code: 'no_such_route' } }, means: 'setup-wrong' },
    ],
    connectorWithWrongCredentials: createHttpConnector(usersOptions(vendor.url, 'wrong-token')),
    connectorThrough: (dispatcher) => createHttpConnector(options, { dispatcher }),
    impatientConnector: createHttpConnector({ ...options, timeoutMs: 200 }),
  };
});

describeConnector('connector-http, jobs that are polled and called back', async () => {
  const clock = createManualClock();
  const vendor = await startJobsVendor(clock);
  const options = jobsOptions(vendor.url);
  return {
    ...sent(vendor),
    clock,
    connector: createHttpConnector(options),
    subjectOf: (value) => ({ identifiers: [{ type: 'person', value }] }),
    seed: (subject) => void vendor.people.add(idOf(subject)),
    isGone(subject) {
      vendor.runDue();
      return !vendor.people.has(idOf(subject));
    },
    settle: () => clock.advance(3 * 3_600_000),
    secrets: [vendor.apiKey],
    submitPath: /^\/jobs$/,
    refusals: [status({ job: { id: 1, status: 'queued' } }), status({ message: 'later' })],
    documentedAnswers: [
      ...(
        [
          ['queued', 'pending'],
          ['running', 'pending'],
          ['done', 'deleted'],
          ['partly done', 'partial'],
          ['cancelled', 'cancelled'],
          ['failed', 'failed'],
        ] as const
      ).map(([word, means]): DocumentedAnswer => {
        const body = ({ receipt }: Asked) => ({ job: { id: receipt?.job, status: word } });
        return { call: 'check', status: 200, body, means };
      }),
      { call: 'check', status: 404, body: { message: 'no such job' }, means: 'lost' },
      { call: 'cancel', status: 409, body: { message: 'too late' }, means: 'too-late' },
    ],
    connectorWithWrongCredentials: createHttpConnector(jobsOptions(vendor.url, 'wrong-key')),
    connectorThrough: (dispatcher) => createHttpConnector(options, { dispatcher }),
    impatientConnector: createHttpConnector({ ...options, timeoutMs: 200 }),
  };
});

describeConnector('connector-http, forms that are always answered with HTTP 200', async () => {
  const clock = createManualClock();
  const vendor = await startFormVendor(clock);
  const options = formOptions(vendor.url);
  return {
    ...sent(vendor),
    clock,
    connector: createHttpConnector(options),
    subjectOf: (value) => ({ identifiers: [{ type: 'email', value }] }),
    seed: (subject) => void vendor.contacts.add(idOf(subject)),
    isGone: (subject) => !vendor.contacts.has(idOf(subject)),
    settle: () => undefined,
    secrets: [vendor.password],
    refusals: [status({ result: 'error', code: 9 }), status({ result: 'ok', removed: 0 }), status({ result: 'ok' })],
    connectorWithWrongCredentials: createHttpConnector(formOptions(vendor.url, 'wrong-password')),
    connectorThrough: (dispatcher) => createHttpConnector(options, { dispatcher }),
    impatientConnector: createHttpConnector({ ...options, timeoutMs: 200 }),
  };
});

describeConnector('connector-http, an answer for each person of a batch', async () => {
  const clock = createManualClock();
  const vendor = await startResultsVendor(clock);
  const options = resultsOptions(vendor.url);
  return {
    ...sent(vendor),
    clock,
    connector: createHttpConnector(options),
    subjectOf: (value) => ({ identifiers: [{ type: 'mails', value }] }),
    seed: (subject) => void vendor.people.mails.add(idOf(subject)),
    isGone: (subject) => !vendor.people.mails.has(idOf(subject)),
    settle: () => undefined,
    secrets: [],
    refusals: [status({ outcome: [] }), status({ outcome: [{ who: 'ada-4711', what: 'busy' }] })],
    connectorThrough: (dispatcher) => createHttpConnector(options, { dispatcher }),
    impatientConnector: createHttpConnector({ ...options, timeoutMs: 200 }),
  };
});

describeConnector('connector-http, those alone whom the vendor knew, in lower case', async () => {
  const clock = createManualClock();
  const vendor = await startResultsVendor(clock);
  Object.assign(vendor.settings, { foldsNames: true, namesKnown: true });
  const { submit, ...base } = resultsOptions(vendor.url);
  const results = submit.results.map((list) => ({ ...list, ignoreCase: true }));
  const options = { ...base, submit: { ...submit, results, missing: 'absent' as const } };
  return {
    ...sent(vendor),
    clock,
    connector: createHttpConnector(options),
    subjectOf: (value) => ({ identifiers: [{ type: 'mails', value }] }),
    seed: (subject) => void vendor.people.mails.add(idOf(subject).toLowerCase()),
    isGone: (subject) => !vendor.people.mails.has(idOf(subject).toLowerCase()),
    settle: () => undefined,
    secrets: [],
    // Whoever differs in capitals alone is one person there.
    oddIdentifiers: oddIdentifiers.filter(({ label }) => label !== 'a capital letter'),
    refusals: [status({ outcome: [{ who: 'ada-4711', what: 'busy' }] })],
    connectorThrough: (dispatcher) => createHttpConnector(options, { dispatcher }),
    impatientConnector: createHttpConnector({ ...options, timeoutMs: 200 }),
  };
});

async function wordsHarness(separators?: string[]) {
  const clock = createManualClock();
  const vendor = await startWordsVendor(clock);
  const described = wordsOptions(vendor.url);
  const identifiers = described.identifiers.map((each) => ({ ...each, separators: separators ?? each.separators }));
  const options = { ...described, identifiers };
  return {
    ...sent(vendor),
    clock,
    connector: createHttpConnector(options),
    subjectOf: (value: string) => ({ identifiers: [{ type: 'user', value }] }),
    seed: (subject: Subject) => void vendor.users.add(idOf(subject)),
    isGone(subject: Subject) {
      vendor.runDue();
      return !vendor.users.has(idOf(subject));
    },
    settle: () => clock.advance(2 * 3_600_000),
    secrets: [vendor.token],
    submitPath: /^\/requests$/,
    oddIdentifiers: oddIdentifiers.map((odd) => (odd.value.includes(',') ? { ...odd, isRefused: true } : odd)),
    refusals: [status({ request: 7 }), status('No such user: ada-4711'), status('COMPLETE')],
    connectorThrough: (dispatcher: never) => createHttpConnector(options, { dispatcher }),
    connectorWithWrongCredentials: createHttpConnector(wordsOptions(vendor.url, 'wrong-token')),
    impatientConnector: createHttpConnector({ ...options, timeoutMs: 200 }),
  };
}

describeConnector('connector-http, words and sentences, and a list split at commas', () => wordsHarness());

it('is held to a separator that the description does not name', async () => {
  const { oddIdentifiers: _odd, ...harness } = await wordsHarness([]);
  const check = conformanceChecks.find(({ name }) => name === 'odd identifiers reach the right person');
  await expect(check?.run(harness)).rejects.toThrow(/An identifier with a comma does not reach its person/);
  await harness.close();
});

describeConnector('connector-http, whole numbers', async () => {
  const clock = createManualClock();
  const vendor = await startUsersVendor(clock);
  const options = {
    ...usersOptions(vendor.url),
    identifiers: [{ type: 'user', from: ['user_id'], as: 'integer' as const }],
  };
  return {
    ...sent(vendor),
    clock,
    connector: createHttpConnector(options),
    subjectOf: (value) => ({ identifiers: [{ type: 'user', value }] }),
    identifierFor: identifierForms.number,
    seed: (subject) => void vendor.users.add(idOf(subject)),
    isGone: (subject) => !vendor.users.has(idOf(subject)),
    settle: () => undefined,
    secrets: [vendor.token],
    oddIdentifiers: [
      { label: 'more digits than a number holds', value: '9007199254740993', decoy: '9007199254740992' },
      { label: 'zeros in front', value: '007', decoy: '7', isRefused: true },
    ],
  };
});
