import { ConnectorError, type Receipt, type SubmitOutcome, type Target } from '@expunge/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timeoutForFault } from '../../../tools/timeout-for-fault.ts';
import { issueChain } from '../test/make-certificates.ts';
import { startProcessor } from '../test/sandbox-processor.ts';
import type { OpenDsrConnector } from './opendsr-connector.ts';

const chain = await issueChain();
const hourMs = 3_600_000;
const ada = [{ type: 'controller_customer_id', value: 'ada-1' }] as const;
const adaFully = [
  { type: 'email', value: 'ada@example.com' },
  { type: 'ios_advertising_id', value: 'ada-phone' },
  { type: 'controller_customer_id', value: 'ada-1' },
  { type: 'ios_advertising_id', value: 'ada-tablet' },
] as const;

let processor: Awaited<ReturnType<typeof startProcessor>>;
let connector: OpenDsrConnector;
beforeEach(async () => {
  processor = await startProcessor(chain);
  connector = processor.connect();
});
afterEach(() => processor.sandbox.close());

function targetsOf(identifiers: readonly { type: string; value: string }[]): readonly Target[] {
  return connector.targetsOf({ identifiers: [...identifiers] });
}

function receiptOf(outcomes: readonly SubmitOutcome[]): Receipt {
  const [outcome] = outcomes;
  if (outcome?.type !== 'accepted' || outcome.receipt === undefined) throw new Error('There is no receipt.');
  return outcome.receipt;
}

async function submitAda(): Promise<Receipt> {
  return receiptOf(await connector.submit(targetsOf(ada)));
}

const check = async (receipt: Receipt) => connector.check?.(receipt, []);
const cancel = async (receipt: Receipt) => connector.cancel?.(receipt, []);
const recover = async (since: number, targets = targetsOf(ada)) =>
  connector.recover?.(targets, new Date(since).toISOString());

describe('submit', () => {
  it('sends one request a person, with every identity in its format, and only the company’s own words beside it', async () => {
    const targets = targetsOf(adaFully);
    expect(targets).toHaveLength(1);
    const [outcome] = await connector.submit(targets);
    expect(processor.sent()).toEqual([
      {
        regulation: 'gdpr',
        subject_request_id: receiptOf([outcome ?? never()]).subjectRequestId,
        subject_request_type: 'erasure',
        submitted_time: '2026-01-05T10:00:00.000Z',
        api_version: '2.0',
        subject_identities: [
          { identity_type: 'controller_customer_id', identity_value: 'ada-1', identity_format: 'raw' },
          {
            identity_type: 'email',
            identity_value: 'b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72',
            identity_format: 'sha256',
          },
          { identity_type: 'ios_advertising_id', identity_value: 'ada-phone', identity_format: 'raw' },
          { identity_type: 'ios_advertising_id', identity_value: 'ada-tablet', identity_format: 'raw' },
        ],
      },
    ]);
    expect(outcome).toMatchObject({ type: 'accepted', expectedBy: '2026-01-07T10:00:00.000Z' });
  });

  it('is carried out by the processor, step by step, and touches nobody else', async () => {
    const receipt = await submitAda();
    expect(await check(receipt)).toEqual({ state: 'pending', vendorStatus: 'pending', canCancel: true });
    processor.clock.advance(24 * hourMs);
    expect(await check(receipt)).toEqual({ state: 'pending', vendorStatus: 'in_progress', canCancel: false });
    expect(processor.people()).toEqual(['ada-1', 'grace-2', 'alan-3']);
    processor.clock.advance(24 * hourMs);
    expect(await check(receipt)).toEqual({ state: 'deleted', vendorStatus: 'completed' });
    expect(processor.people()).toEqual(['grace-2', 'alan-3']);
  });

  it('finds the person by a hash of the value as it is', async () => {
    await connector.submit(targetsOf([{ type: 'email', value: 'ada@example.com' }]));
    await connector.submit(targetsOf([{ type: 'email', value: 'Grace@example.com' }]));
    processor.clock.advance(48 * hourMs);
    expect(processor.people()).toEqual(['grace-2', 'alan-3']);
  });

  it('reads discovery and certificate once', async () => {
    await submitAda();
    await connector.submit(targetsOf([{ type: 'controller_customer_id', value: 'grace-2' }]));
    expect(processor.calls()).toEqual([
      'GET /v2/discovery',
      'GET /certificate.pem',
      'POST /v2/requests',
      'POST /v2/requests',
    ]);
  });

  it('sends callback addresses, fields and extensions of the configuration', async () => {
    connector = processor.connect({
      statusCallbackUrls: ['https://company.example.com/opendsr'],
      fields: { property_id: 'id123' },
      extensions: { 'opendsr.sandbox.test': { skip_waiting_period: true } },
      apiVersion: '2.1',
      regulation: 'ccpa',
    });
    await submitAda();
    expect(processor.sent()[0]).toMatchObject({
      regulation: 'ccpa',
      property_id: 'id123',
      extensions: { 'opendsr.sandbox.test': { skip_waiting_period: true } },
      api_version: '2.1',
      status_callback_urls: ['https://company.example.com/opendsr'],
    });
  });

  it.each([
    ['a type', [{ identity_type: 'controller_customer_id', identity_format: 'raw' }]],
    [
      'a format',
      [
        { identity_type: 'controller_customer_id', identity_format: 'raw' },
        { identity_type: 'ios_advertising_id', identity_format: 'raw' },
        { identity_type: 'email', identity_format: 'raw' },
      ],
    ],
  ])(
    'refuses a person up front where the processor does not take %s, and drops no identity',
    async (_what, supported) => {
      processor.opendsr.settings.supportedIdentities = supported;
      const [outcome] = await connector.submit(targetsOf(adaFully));
      expect(outcome).toMatchObject({ type: 'rejected', reason: 'unsupported' });
      const message = outcome?.type === 'rejected' ? outcome.message : '';
      expect(message).toContain('email (sha256)');
      expect(message).toContain('controller_customer_id (raw)');
      expect(message).not.toContain('ada');
      expect(processor.sent()).toEqual([]);
      // Somebody else, of whom all is taken, goes through.
      expect(await connector.submit(targetsOf(ada))).toMatchObject([{ type: 'accepted' }]);
    },
  );

  it('refuses a target of a type that the options do not name', async () => {
    const [target = never()] = targetsOf(adaFully);
    connector = processor.connect({ identities: { controller_customer_id: 'raw' } });
    expect(await connector.submit([target])).toMatchObject([{ type: 'rejected', reason: 'unsupported' }]);
    expect(processor.opendsr.requests).toEqual([]);
  });

  it('refuses half a character, which JSON would carry as something else', async () => {
    const targets = targetsOf([{ type: 'controller_customer_id', value: 'ada-\ud800' }]);
    expect(await connector.submit(targets)).toMatchObject([{ type: 'rejected', reason: 'not-addressable' }]);
    expect(processor.opendsr.requests).toEqual([]);
  });

  it('stops where the processor takes no erasures', async () => {
    processor.opendsr.settings.supportedRequestTypes = ['access'];
    await expect(submitAda()).rejects.toMatchObject({ code: 'setup-wrong', effect: 'nothing' });
    expect(processor.sent()).toEqual([]);
  });

  it('waits where the processor works on another request for the same identities', async () => {
    processor.opendsr.settings.sameIdentities = 'refuse-409';
    await submitAda();
    processor.clock.advance(hourMs);
    expect(await connector.submit(targetsOf(ada))).toEqual([
      { type: 'deferred', reason: 'conflict', retryAfterMs: 24 * hourMs },
    ]);
    processor.clock.advance(48 * hourMs);
    expect(await connector.submit(targetsOf(ada))).toMatchObject([{ type: 'accepted' }]);
  });

  it('says what a refusal means and repeats none of its words', async () => {
    const body = { error: { code: 400, message: 'No such person: ada-1' } };
    processor.opendsr.faults.add({ fault: { type: 'status', status: 400, body }, method: 'POST' });
    const error = await failureOf(submitAda());
    expect(error).toMatchObject({ code: 'request-rejected', effect: 'nothing' });
    expect(error.message).not.toContain('ada');
  });
});

describe('what fails before the request is sent', () => {
  const cases = [
    ['a reset of the discovery', { type: 'reset-before' }, /discovery/, 'connection-failed'],
    ['silence of the discovery', { type: 'hang-before' }, /discovery/, 'connection-failed'],
    ['trouble of the discovery', { type: 'status', status: 503, body: {} }, /discovery/, 'connection-failed'],
    ['a web page for a discovery', { type: 'html' }, /discovery/, 'connection-failed'],
    [
      'a limit on the discovery',
      { type: 'status', status: 429, headers: { 'retry-after': '7' }, body: {} },
      /discovery/,
      'rate-limited',
    ],
    ['a reset of the certificate', { type: 'reset-after' }, /certificate/, 'connection-failed'],
    ['no certificate', { type: 'status', status: 404, body: 'Not Found' }, /certificate/, 'setup-wrong'],
    ['a web page for a certificate', { type: 'html' }, /certificate/, 'setup-wrong'],
  ] as const;
  it.each(cases)('%s is certain to have done nothing', async (_what, fault, path, code) => {
    processor.opendsr.faults.add({ fault, path });
    connector = processor.connect({ timeoutMs: timeoutForFault(fault) });
    expect(await failureOf(submitAda())).toMatchObject({ code, effect: 'nothing' });
    expect(processor.sent()).toEqual([]);
  });

  it('ends with the caller’s signal', async () => {
    processor.opendsr.faults.add({ fault: { type: 'hang-before' }, path: /discovery/ });
    const call = connector.submit(targetsOf(ada), { signal: AbortSignal.timeout(100) });
    await expect(call).rejects.toMatchObject({ code: 'not-sent', effect: 'nothing' });
  });
});

describe('a repeat', () => {
  it('is recognised within the minute, and makes no second request', async () => {
    const receipt = await submitAda();
    processor.clock.advance(59_999);
    expect(await connector.submit(targetsOf(ada))).toEqual([{ type: 'accepted', receipt }]);
    expect(processor.opendsr.subjectRequests()).toHaveLength(1);
  });

  it('a minute later is a request of its own', async () => {
    const receipt = await submitAda();
    processor.clock.advance(60_000);
    expect(await submitAda()).not.toEqual(receipt);
    expect(processor.opendsr.subjectRequests()).toHaveLength(2);
  });

  it.each(['completed', 'cancelled'] as const)(
    'never takes an older request that is %s for the new one',
    async (ending) => {
      if (ending === 'completed') Object.assign(processor.opendsr.settings, { beginsAfterMs: 0, finishesAfterMs: 0 });
      const receipt = await submitAda();
      if (ending === 'cancelled') await cancel(receipt);
      // Within the same minute, the person has come back.
      processor.opendsr.seed([{ controller_customer_id: 'ada-1' }]);
      expect(await connector.submit(targetsOf(ada))).toEqual([
        { type: 'deferred', reason: 'conflict', retryAfterMs: 60_000 },
      ]);
      processor.clock.advance(60_000);
      const again = await submitAda();
      processor.clock.advance(48 * hourMs);
      expect(await check(again)).toMatchObject({ state: 'deleted' });
      expect(processor.people()).toEqual(['grace-2', 'alan-3']);
    },
  );
});

describe('recover', () => {
  it('finds a request whose reply was lost, also over the turn of a minute', async () => {
    processor.clock.advance(59_990);
    const since = processor.clock.now();
    processor.opendsr.faults.add({ fault: { type: 'reset-after' }, method: 'POST' });
    // The caller began in one minute, and the request is made in the next.
    const late = processor.connect({}, () => since + 20);
    await expect(late.submit(targetsOf(ada))).rejects.toMatchObject({ code: 'connection-lost', effect: 'in-doubt' });
    const receipt = await recover(since);
    expect(receipt).toEqual({ subjectRequestId: processor.opendsr.subjectRequests()[0]?.id });
  });

  it('finds none where none arrived, and none of an older day, another person or a cancelled one', async () => {
    const first = processor.clock.now();
    const receipt = await submitAda();
    expect(await recover(first)).toEqual(receipt);
    expect(await recover(first, targetsOf([{ type: 'controller_customer_id', value: 'grace-2' }]))).toBeUndefined();
    expect(await recover(first, targetsOf(adaFully))).toBeUndefined();
    processor.clock.advance(24 * hourMs - 1);
    expect(await recover(processor.clock.now())).toBeUndefined();
    await cancel(receipt);
    expect(await recover(first)).toBeUndefined();
  });

  it('does not take trouble for "there is none"', async () => {
    for (const fault of [
      { type: 'reset-before' },
      { type: 'html' },
      { type: 'status', status: 404, body: '<html>' },
    ] as const) {
      processor.opendsr.faults.add({ fault, path: /requests\// });
      await expect(recover(processor.clock.now())).rejects.toThrow(ConnectorError);
    }
  });

  it('refuses what is no time', async () => {
    await expect(connector.recover?.(targetsOf(ada), 'yesterday')).rejects.toMatchObject({ code: 'request-rejected' });
  });
});

describe('check', () => {
  it('says that a request is lost which the processor no longer knows', async () => {
    expect(await check({ subjectRequestId: '22222222-2222-4222-8222-222222222222' })).toEqual({
      state: 'lost',
      vendorStatus: 'unknown-request',
    });
  });

  it('does not take a 404 from somewhere else for that', async () => {
    const receipt = await submitAda();
    processor.opendsr.faults.add({ fault: { type: 'status', status: 404, body: '<html>' } });
    await expect(check(receipt)).rejects.toMatchObject({ code: 'setup-wrong' });
  });

  it.each(['failed', 'partial', 'done', 'Completed', ''])(
    'takes the word %j for no end, and for nothing that goes on for ever',
    async (word) => {
      const receipt = await submitAda();
      processor.opendsr.settings.statusWord = word;
      expect(await check(receipt)).toMatchObject({ state: 'unknown', vendorStatus: 'undocumented-word' });
    },
  );

  it.each([
    [404, { state: 'lost', vendorStatus: 'unknown-request' }],
    [400, { state: 'unknown', vendorStatus: 'HTTP-400', reason: expect.any(String) }],
  ] as const)(
    'of a request that the processor does not know, which it may say with HTTP %i',
    async (status, outcome) => {
      await submitAda();
      processor.opendsr.settings.unknownRequestStatus = status;
      expect(await check({ subjectRequestId: 'a0000000-0000-4000-8000-000000000009' })).toEqual(outcome);
    },
  );

  it('asks about nothing that is no receipt', async () => {
    for (const receipt of [{}, { subjectRequestId: 7 }, { subjectRequestId: '../discovery' }]) {
      await expect(check(receipt)).rejects.toMatchObject({ code: 'request-rejected', effect: 'nothing' });
    }
    expect(processor.opendsr.requests).toEqual([]);
  });
});

describe('cancel', () => {
  it('calls back what is pending, and sees that it is so', async () => {
    const receipt = await submitAda();
    expect(await cancel(receipt)).toEqual({ type: 'cancelled' });
    expect(await cancel(receipt)).toEqual({ type: 'cancelled' });
    processor.clock.advance(48 * hourMs);
    expect(await check(receipt)).toEqual({ state: 'cancelled', vendorStatus: 'cancelled' });
    expect(processor.people()).toEqual(['ada-1', 'grace-2', 'alan-3']);
  });

  it.each([24, 48])('is too late after %i hours', async (hours) => {
    const receipt = await submitAda();
    processor.clock.advance(hours * hourMs);
    expect(await cancel(receipt)).toEqual({ type: 'too-late' });
  });

  it('does not believe a cancellation that shows no effect', async () => {
    const receipt = await submitAda();
    processor.opendsr.settings.cancels = false;
    await expect(cancel(receipt)).rejects.toMatchObject({ code: 'response-unexpected', effect: 'in-doubt' });
  });

  it('hands on a refusal of the account, and of a request that nobody knows', async () => {
    const receipt = await submitAda();
    processor.opendsr.faults.add({ fault: { type: 'status', status: 403, body: {} }, method: 'DELETE' });
    await expect(cancel(receipt)).rejects.toMatchObject({ code: 'permission-missing' });
    await expect(cancel({ subjectRequestId: '22222222-2222-4222-8222-222222222222' })).rejects.toMatchObject({
      code: 'setup-wrong',
    });
  });
});

describe('AppsFlyer’s dialect', () => {
  beforeEach(() => {
    connector = processor.connect({
      dialect: 'appsflyer',
      signatures: 'off',
      identities: { controller_customer_id: 'raw' },
      fields: { property_id: 'id123' },
    });
  });
  const answer = (status: number, body: unknown, method: string) =>
    processor.opendsr.faults.add({ fault: { type: 'status', status, body }, method, path: /opendsr_requests/ });
  const refusal = (af_gdpr_code: string) => ({ error: { code: 400, message: 'ada-1', af_gdpr_code } });

  it('has routes and fields of its own', async () => {
    answer(200, {}, 'POST');
    await failureOf(submitAda());
    expect(processor.calls()).toContain('POST /v2/opendsr_requests');
    expect(Object.keys(processor.sent()[0] ?? {}).sort()).toEqual(
      ['property_id', 'subject_identities', 'subject_request_id', 'subject_request_type', 'submitted_time'].sort(),
    );
  });

  it.each([
    ['e411', 'setup-wrong'],
    ['e412', 'permission-missing'],
    ['e511', 'vendor-unavailable'],
    ['e312', 'setup-wrong'],
  ])('says with %s what HTTP 400 means', async (word, code) => {
    answer(400, refusal(word), 'POST');
    const error = await failureOf(submitAda());
    expect(error).toMatchObject({ code, vendorStatus: word, httpStatus: 400 });
    expect(error.message).not.toContain('ada');
    if (word === 'e511') expect(error.retryAfterMs).toBe(hourMs);
  });

  it('tells an unknown request and an open one for the same person by their codes', async () => {
    answer(400, refusal('e214'), 'GET');
    expect(await check({ subjectRequestId: '22222222-2222-4222-8222-222222222222' })).toMatchObject({ state: 'lost' });
    answer(400, refusal('e215'), 'POST');
    answer(400, refusal('e214'), 'GET');
    expect(await connector.submit(targetsOf(ada))).toMatchObject([{ type: 'deferred', reason: 'conflict' }]);
  });

  it('cancels by text, and believes the status that follows', async () => {
    const subjectRequestId = '22222222-2222-4222-8222-222222222222';
    answer(202, 'Accepted', 'DELETE');
    answer(200, { subject_request_id: subjectRequestId, request_status: 'canceled' }, 'GET');
    expect(await cancel({ subjectRequestId })).toEqual({ type: 'cancelled' });
    answer(400, refusal('e211'), 'DELETE');
    answer(200, { subject_request_id: subjectRequestId, request_status: 'in-progress' }, 'GET');
    expect(await cancel({ subjectRequestId })).toEqual({ type: 'too-late' });
  });
});

describe('mParticle’s version 3', () => {
  beforeEach(() => {
    connector = processor.connect({
      dialect: 'mparticle-v3',
      baseUrl: processor.opendsr.baseUrlV3,
      identities: { controller_customer_id: 'raw', email: 'raw', ios_advertising_id: 'raw' },
    });
  });

  it('is told identities by type, and takes a request for each further one of a type', async () => {
    const targets = targetsOf(adaFully);
    expect(targets).toHaveLength(2);
    for (const target of targets) expect(await connector.submit([target])).toMatchObject([{ type: 'accepted' }]);
    const [first, second] = processor.sent();
    expect(first).toMatchObject({
      regulation: 'gdpr',
      api_version: '3.0',
      subject_identities: {
        controller_customer_id: { value: 'ada-1', encoding: 'raw' },
        email: { value: 'ada@example.com', encoding: 'raw' },
      },
    });
    expect(second?.subject_identities).toEqual({ ios_advertising_id: { value: 'ada-tablet', encoding: 'raw' } });
    processor.clock.advance(72 * hourMs);
    expect(processor.people()).toEqual(['grace-2', 'alan-3']);
  });

  it('is not told a person in part: a target with two of a type is refused', async () => {
    const target = { type: 'email', value: 'ada@example.com', details: { '2.email': 'ada@work.example.com' } };
    expect(await connector.submit([target])).toMatchObject([{ type: 'rejected', reason: 'not-addressable' }]);
    expect(processor.sent()).toEqual([]);
  });

  it('is not believed where its echo names somebody else', async () => {
    processor.opendsr.settings.forgery = 'echo-foreign';
    expect((await failureOf(connector.submit(targetsOf(ada).slice(0, 1)))).code).toBe('answer-contradictory');
  });

  it.each([
    ['sent', { state: 'deleted', vendorStatus: 'completed' }],
    ['pending', { state: 'deleted', vendorStatus: 'completed' }],
    ['failed', { state: 'partial', vendorStatus: 'completed' }],
    ['skipped', { state: 'partial', vendorStatus: 'completed' }],
  ] as const)('says what became of an erasure that it forwards: %s', async (status, outcome) => {
    processor.opendsr.settings.forwards = [{ domain: 'partner.example.com', status }];
    const receipt = await submitAda();
    expect(await check(receipt)).toMatchObject({ state: 'pending' });
    processor.clock.advance(72 * hourMs);
    const parts = [{ name: 'partner.example.com', state: 'failed', vendorStatus: status }];
    expect(await check(receipt)).toEqual(outcome.state === 'partial' ? { ...outcome, parts } : outcome);
  });

  it('speaks of partners in version 3 alone', async () => {
    processor.opendsr.settings.forwards = [{ domain: 'partner.example.com', status: 'failed' }];
    connector = processor.connect();
    const receipt = await submitAda();
    processor.clock.advance(72 * hourMs);
    expect(await check(receipt)).toEqual({ state: 'deleted', vendorStatus: 'completed' });
  });
});

async function failureOf(call: Promise<unknown>): Promise<ConnectorError> {
  try {
    await call;
  } catch (error) {
    if (ConnectorError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('The call succeeded.');
}

function never(): never {
  throw new Error('There is nothing.');
}
