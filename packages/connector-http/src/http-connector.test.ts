import { type ConnectorError, connectorIssues, type DeletionConnector, OptionsError, type Target } from '@expunge/core';
import { createManualClock, type Fault } from '@expunge/vendor-sandbox';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formOptions, startFormVendor } from '../test/form-vendor.ts';
import { jobsOptions, startJobsVendor } from '../test/jobs-vendor.ts';
import { resultsOptions, startResultsVendor } from '../test/results-vendor.ts';
import { startUsersVendor, usersOptions } from '../test/users-vendor.ts';
import factory, { createHttpConnector } from './index.ts';

// Nothing listens there: a call that is made although it must not be fails as `connection-failed`.
const nowhere = 'http://127.0.0.1:9';
const hourMs = 3_600_000;

async function started<Vendor extends { close(): Promise<void> }>(
  start: (clock: ReturnType<typeof createManualClock>) => Promise<Vendor>,
) {
  const clock = createManualClock();
  const vendor = await start(clock);
  onTestFinished(() => vendor.close());
  return { clock, vendor };
}

const user = (value: string): Target => ({ type: 'user', value });
const person = (value: string): Target => ({ type: 'person', value });

function verifyOne(connector: DeletionConnector, target: Target) {
  return connector.verify?.([target]);
}

describe('createHttpConnector', () => {
  it('makes a connector by the contract, and is the default export', () => {
    expect(factory).toBe(createHttpConnector);
    for (const options of [
      usersOptions(nowhere),
      jobsOptions(nowhere),
      formOptions(nowhere),
      resultsOptions(nowhere),
    ]) {
      expect(connectorIssues(createHttpConnector(options))).toEqual([]);
    }
    expect(createHttpConnector(usersOptions(nowhere))).toMatchObject({
      specVersion: 'v1',
      vendor: 'users',
      operation: 'user',
    });
  });

  it('has the methods that are described, and no others', () => {
    const users = createHttpConnector(usersOptions(nowhere));
    expect([users.check, users.cancel, users.recover]).toEqual([undefined, undefined, undefined]);
    expect(users.verify).toBeDefined();
    const { verify: _verify, ...options } = usersOptions(nowhere);
    expect(createHttpConnector(options).verify).toBeUndefined();
    expect(createHttpConnector(options).capabilities.readBack).toBeUndefined();
  });

  it('states what the description says, as plain data', () => {
    const { capabilities } = createHttpConnector(jobsOptions(nowhere));
    expect(JSON.parse(JSON.stringify(capabilities))).toEqual(capabilities);
    expect(capabilities).toMatchObject({
      title: 'Jobs deletion',
      reach: 'person',
      identifiers: [{ type: 'person', from: ['user_id'] }],
      completion: { type: 'polled' },
      readBack: { covers: 'profile', identifiers: ['person'], afterMs: 0 },
      repeat: 'costly',
      limits: {
        submit: { maxTargets: 3, maxBytes: 3000 },
        verify: { maxTargets: 1 },
        rates: [],
        inFlight: [{ calls: 4 }],
      },
    });
  });

  it('refuses a wrong description', () => {
    expect(() => createHttpConnector({ ...usersOptions(nowhere), regoin: 'eu' } as never)).toThrow(OptionsError);
  });
});

describe('targetsOf', () => {
  it('names each usable identifier once, unchanged, in order', () => {
    const connector = createHttpConnector(resultsOptions(nowhere));
    const identifiers = [
      { type: 'mails', value: ' Ada@Example.com' },
      { type: 'phone', value: '1' },
      { type: 'ids', value: '7' },
      { type: 'mails', value: ' Ada@Example.com' },
      { type: 'mails', value: 'ada@example.com' },
    ];
    expect(connector.targetsOf({ identifiers })).toEqual([identifiers[0], identifiers[2], identifiers[4]]);
  });
});

describe('a call that must not be made', () => {
  it.each(['', '.', '..', 'ada-\ud800'])(
    'is not made for the identifier %j, which would reach somebody else',
    async (value) => {
      const { vendor } = await started(startUsersVendor);
      vendor.users.add(value).add('grace');
      const connector = createHttpConnector(usersOptions(vendor.url));
      expect(await connector.submit([user(value)])).toMatchObject([{ type: 'rejected', reason: 'not-addressable' }]);
      expect(await verifyOne(connector, user(value))).toEqual([{ type: 'unknown', reason: expect.any(String) }]);
      expect(vendor.requests).toEqual([]);
    },
  );

  it('is not made for an identifier of another type', async () => {
    const connector = createHttpConnector(usersOptions(nowhere));
    expect(await connector.submit([person('ada')])).toMatchObject([{ type: 'rejected', reason: 'unsupported' }]);
    expect(await verifyOne(connector, person('ada'))).toMatchObject([{ type: 'unknown' }]);
    expect(await connector.verify?.([])).toEqual([]);
  });

  it.each(['07', '-1', '1.0', '1e3', 'seven', '0x7', '٧', '184467440737095516150'])(
    'is not made for %s where the vendor takes whole numbers',
    async (value) => {
      const options = { ...usersOptions(nowhere), identifiers: [{ type: 'user', from: [], as: 'integer' as const }] };
      expect(await createHttpConnector(options).submit([user(value)])).toMatchObject([{ reason: 'not-addressable' }]);
    },
  );

  it('is not made for too many, too long, or of mixed types', async () => {
    const jobs = createHttpConnector(jobsOptions(nowhere));
    const long = person('x'.repeat(3000));
    const many = ['a', 'b', 'c', 'd'].map(person);
    for (const targets of [[long], many]) {
      await expect(jobs.submit(targets)).rejects.toMatchObject({ code: 'request-too-large', effect: 'nothing' });
    }
    const results = createHttpConnector(resultsOptions(nowhere));
    const mixed = [
      { type: 'ids', value: '1' },
      { type: 'mails', value: 'ada@example.com' },
    ];
    await expect(results.submit(mixed)).rejects.toMatchObject({ code: 'request-rejected', effect: 'nothing' });
    const two = [user('a'), user('b')];
    await expect(createHttpConnector(usersOptions(nowhere)).verify?.(two)).rejects.toMatchObject({
      code: 'request-too-large',
    });
  });

  it('is not made with a receipt of another description', async () => {
    const connector = createHttpConnector(jobsOptions(nowhere));
    for (const receipt of [{}, { job: 7 }, { job: '' }, { task: '1' }, { job: '..' }]) {
      await expect(connector.check?.(receipt, [])).rejects.toMatchObject({
        code: 'request-rejected',
        effect: 'nothing',
      });
      await expect(connector.cancel?.(receipt, [])).rejects.toMatchObject({ code: 'request-rejected' });
    }
  });
});

describe('submit', () => {
  it('sends each person once, leaves out who can’t be sent, and answers for all in order', async () => {
    const { vendor } = await started(startResultsVendor);
    vendor.people.ids.add('1').add('2').add('3');
    const connector = createHttpConnector({ ...resultsOptions(vendor.url) });
    const ids = ['2', 'nobody', '2', '\udc00', '1'].map((value): Target => ({ type: 'ids', value }));
    expect(await connector.submit(ids)).toMatchObject([
      { type: 'deleted' },
      { type: 'absent' },
      { type: 'deleted' },
      { type: 'rejected', reason: 'not-addressable' },
      { type: 'deleted' },
    ]);
    expect(vendor.requests.map(({ body }) => body)).toEqual(['{"ids":["2","nobody","1"]}']);
    expect([...vendor.people.ids]).toEqual(['3']);
  });

  it('is in doubt where the vendor leaves somebody out or adds somebody, and says nothing of who', async () => {
    const { vendor } = await started(startResultsVendor);
    const connector = createHttpConnector(resultsOptions(vendor.url));
    const failure = () =>
      connector.submit([{ type: 'mails', value: 'ada@example.com' }]).then(
        () => undefined,
        (error: ConnectorError) => error,
      );
    vendor.settings.leavesOut = true;
    expect(await failure()).toMatchObject({ code: 'response-unexpected', effect: 'in-doubt' });
    Object.assign(vendor.settings, { leavesOut: false, adds: true });
    const error = await failure();
    expect(error).toMatchObject({ code: 'answer-contradictory', effect: 'in-doubt' });
    expect(error?.message).not.toMatch(/ada|somebody-else/);
  });

  it('does not take an error inside an HTTP 200 for a deletion', async () => {
    const { vendor } = await started(startFormVendor);
    vendor.contacts.add('ada@example.com');
    const wrong = createHttpConnector(formOptions(vendor.url, 'wrong-password'));
    const ada: Target = { type: 'email', value: 'ada@example.com' };
    await expect(wrong.submit([ada])).rejects.toMatchObject({ code: 'credentials-rejected', vendorStatus: '1' });
    expect(vendor.contacts.has('ada@example.com')).toBe(true);
    const connector = createHttpConnector(formOptions(vendor.url));
    expect(await connector.submit([ada])).toEqual([{ type: 'deleted' }]);
    expect(await connector.submit([ada])).toEqual([{ type: 'absent', vendorStatus: '7' }]);
  });

  it('never follows a vendor to another host', async () => {
    const { vendor } = await started(startUsersVendor);
    const other = await started(startUsersVendor);
    other.vendor.users.add('ada');
    const location = `${other.vendor.url}/v1/users/ada`;
    for (const status of [301, 302, 307, 308]) {
      vendor.faults.add({ fault: { type: 'status', status, headers: { location }, body: '' } });
      await expect(createHttpConnector(usersOptions(vendor.url)).submit([user('ada')])).rejects.toMatchObject({
        code: 'response-unexpected',
      });
    }
    expect(other.vendor.requests).toEqual([]);
  });
});

describe('check and cancel', () => {
  async function submitted() {
    const { clock, vendor } = await started(startJobsVendor);
    for (const each of ['ada', 'grace', 'alan']) vendor.people.add(each);
    const connector = createHttpConnector(jobsOptions(vendor.url));
    // Two jobs whose numbers differ in the last of their digits only.
    const receipts: Record<string, string>[] = [];
    for (const each of ['ada', 'grace']) {
      const [outcome] = await connector.submit([person(each)]);
      if (outcome?.type === 'accepted') receipts.push(outcome.receipt as Record<string, string>);
    }
    const [ada = {}, grace = {}] = receipts;
    return { clock, vendor, connector, ada, grace };
  }

  it('ask about the right job, however long its number', async () => {
    const { clock, vendor, connector, ada, grace } = await submitted();
    expect([ada, grace]).toEqual([{ job: '9007199254740993' }, { job: '9007199254740994' }]);
    expect(await connector.cancel?.(ada, [])).toEqual({ type: 'cancelled' });
    expect(await connector.check?.(ada, [])).toEqual({ state: 'cancelled', vendorStatus: 'cancelled' });
    expect(await connector.check?.(grace, [])).toEqual({ state: 'pending', vendorStatus: 'queued', canCancel: true });
    clock.advance(hourMs);
    expect(await connector.cancel?.(grace, [])).toEqual({ type: 'too-late' });
    expect(await connector.check?.(grace, [])).toEqual({ state: 'pending', vendorStatus: 'running', canCancel: false });
    clock.advance(hourMs);
    expect(await connector.check?.(grace, [])).toEqual({ state: 'deleted', vendorStatus: 'done' });
    expect([...vendor.people]).toEqual(['ada', 'alan']);
  });

  it('say that the vendor has lost a job only where the vendor does', async () => {
    const { vendor, connector, ada } = await submitted();
    expect(await connector.check?.({ job: '1' }, [])).toEqual({ state: 'lost', vendorStatus: 'HTTP-404' });
    vendor.faults.add({ fault: { type: 'status', status: 404, body: '<html>' } });
    await expect(connector.check?.(ada, [])).rejects.toMatchObject({ code: 'setup-wrong' });
  });

  it.each<[string, Fault, string]>([
    [
      'a word that is not in the list',
      status({ job: { id: '9007199254740993', status: 'erased' } }),
      'response-unexpected',
    ],
    ['no word', status({ job: { id: '9007199254740993' } }), 'response-unexpected'],
    ['another job', status({ job: { id: '9007199254740994', status: 'done' } }), 'answer-contradictory'],
    ['a rounded job', status({ job: { id: 9_007_199_254_740_992, status: 'done' } }), 'answer-contradictory'],
    ['trouble', { type: 'status', status: 503, body: {} }, 'vendor-unavailable'],
  ])('never take %s for an end', async (_what, fault, code) => {
    const { vendor, connector, ada } = await submitted();
    vendor.faults.add({ fault });
    await expect(connector.check?.(ada, [])).rejects.toMatchObject({ code });
  });

  it.each<[string, Fault, string]>([
    ['another job', status({ job: { id: '9007199254740994', status: 'cancelled' } }), 'answer-contradictory'],
    ['no word', status({ job: { id: '9007199254740993' } }), 'response-unexpected'],
    ['trouble', { type: 'status', status: 503, body: {} }, 'vendor-unavailable'],
  ])('never take %s for a cancellation', async (_what, fault, code) => {
    const { vendor, connector, ada } = await submitted();
    vendor.faults.add({ fault });
    await expect(connector.cancel?.(ada, [])).rejects.toMatchObject({ code });
  });
});

describe('verify', () => {
  it('reads the person who was asked about', async () => {
    const { vendor } = await started(startUsersVendor);
    vendor.users.add('ada');
    const connector = createHttpConnector(usersOptions(vendor.url));
    expect(await verifyOne(connector, user('ada'))).toEqual([{ type: 'present' }]);
    expect(await verifyOne(connector, user('nobody'))).toEqual([{ type: 'absent' }]);
  });

  it.each<[string, Fault]>([
    ['somebody else', status({ user: { id: 'grace' } })],
    ['a 404 of somebody else’s', { type: 'status', status: 404, body: { error: { code: 'no_such_route' } } }],
    ['an empty 404', { type: 'status', status: 404, body: '' }],
  ])('never takes %s for presence or absence', async (_what, fault) => {
    const { vendor } = await started(startUsersVendor);
    vendor.users.add('ada');
    vendor.faults.add({ fault });
    await expect(verifyOne(createHttpConnector(usersOptions(vendor.url)), user('ada'))).rejects.toMatchObject({
      code: expect.stringMatching(/answer-contradictory|setup-wrong/),
    });
  });

  it('can say that a reply says neither', async () => {
    const { vendor } = await started(startUsersVendor);
    const options = usersOptions(vendor.url);
    const replies = [
      ...options.verify.replies,
      { status: 410, body: 'any', means: 'unknown', reason: 'Being moved.' } as const,
    ];
    vendor.faults.add({ fault: { type: 'status', status: 410, body: {} } });
    const connector = createHttpConnector({ ...options, verify: { ...options.verify, replies } });
    expect(await verifyOne(connector, user('ada'))).toEqual([{ type: 'unknown', reason: 'Being moved.' }]);
  });
});

describe('checkAccess', () => {
  it('says what is described, once the call has shown it', async () => {
    const { vendor } = await started(startUsersVendor);
    expect(await createHttpConnector(usersOptions(vendor.url)).checkAccess()).toEqual({
      proven: ['The token is good.'],
      unproven: ['Whether it may delete shows only at the first deletion.'],
    });
    await expect(createHttpConnector(usersOptions(vendor.url, 'wrong')).checkAccess()).rejects.toMatchObject({
      code: 'credentials-rejected',
    });
  });

  it('proves nothing where no call is described', async () => {
    const { access: _access, ...options } = usersOptions(nowhere);
    const report = await createHttpConnector(options).checkAccess();
    expect(report.proven).toEqual([]);
    expect(report.unproven).toHaveLength(1);
  });
});

function status(body: unknown): Fault {
  return { type: 'status', status: 200, body };
}
