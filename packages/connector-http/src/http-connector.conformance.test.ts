import { describeConnector } from '@expunge/conformance';
import type { Subject } from '@expunge/core';
import { createManualClock, type VendorServer } from '@expunge/vendor-sandbox';
import { formOptions, startFormVendor } from '../test/form-vendor.ts';
import { jobsOptions, startJobsVendor } from '../test/jobs-vendor.ts';
import { resultsOptions, startResultsVendor } from '../test/results-vendor.ts';
import { startUsersVendor, usersOptions } from '../test/users-vendor.ts';
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
    connectorWithWrongCredentials: createHttpConnector(usersOptions(vendor.url, 'wrong-token')),
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
    connectorWithWrongCredentials: createHttpConnector(jobsOptions(vendor.url, 'wrong-key')),
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
    impatientConnector: createHttpConnector({ ...options, timeoutMs: 200 }),
  };
});
