import { ConnectorError, readCoversReach, type Subject, type Target } from '@expunge/core';
import { type Fault, type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timeoutForFault } from '../../../tools/timeout-for-fault.ts';
import { createCleverTapConnector } from './clevertap-connector.ts';

const dayMs = 24 * 60 * 60 * 1000;
const deletePath = /\/1\/delete\/profiles\.json/;
const profilePath = /\/1\/profile\.json/;
const absentForms = ['null-record', 'fail-with-200', 'fail-without-code', 'not-found'] as const;
const identity = (value: string): Target => ({ type: 'identity', value });
const guid = (value: string): Target => ({ type: 'guid', value });

let sandbox: Sandbox<'clevertap'>;
beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['clevertap'] });
  sandbox.clevertap.seed([
    { identity: 'ada', email: 'ada@example.com', guids: ['ctid-ada-1', 'ctid-ada-2'] },
    { identity: 'grace', email: 'grace@example.com', guids: ['ctid-grace'] },
    { identity: 'alan', email: 'alan@example.com', guids: ['ctid-alan'] },
  ]);
});
afterEach(() => sandbox.close());

function connect(options: { passcode?: string; timeoutMs?: number } = {}) {
  const { accountId, passcode } = sandbox.clevertap.credentials;
  return createCleverTapConnector({ baseUrl: sandbox.clevertap.url, accountId, passcode, ...options });
}

function people(): Record<string, boolean> {
  return Object.fromEntries(['ada', 'grace', 'alan'].map((name) => [name, sandbox.clevertap.hasProfile(name)]));
}

async function failureOf(call: Promise<unknown>): Promise<ConnectorError> {
  try {
    await call;
  } catch (error) {
    if (ConnectorError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('The call succeeded.');
}

describe('submit', () => {
  it('queues the deletion, which CleverTap carries out after 24 hours', async () => {
    expect(await connect().submit([identity('ada')])).toEqual([{ type: 'accepted' }]);
    expect(sandbox.clevertap.isQueued('ada')).toBe(true);
    sandbox.clock.advance(dayMs - 1);
    expect(people()).toEqual({ ada: true, grace: true, alan: true });
    sandbox.clock.advance(1);
    expect(people()).toEqual({ ada: false, grace: true, alan: true });
    expect(sandbox.clevertap.hasEvents('ada')).toBe(false);
  });

  it('deletes by guid', async () => {
    expect(await connect().submit([guid('ctid-grace')])).toEqual([{ type: 'accepted' }]);
    sandbox.clock.advance(dayMs);
    expect(people()).toEqual({ ada: true, grace: false, alan: true });
  });

  it('needs two calls for a person who has both kinds', async () => {
    const connector = connect();
    const subject: Subject = {
      identifiers: [
        { type: 'identity', value: 'ada' },
        { type: 'guid', value: 'ctid-grace' },
      ],
    };
    for (const target of connector.targetsOf(subject)) await connector.submit([target]);
    expect(sandbox.clevertap.requests.map((request) => JSON.parse(request.body))).toEqual([
      { identity: ['ada'] },
      { guid: ['ctid-grace'] },
    ]);
    sandbox.clock.advance(dayMs);
    expect(people()).toEqual({ ada: false, grace: false, alan: true });
  });

  it('takes 100 in one call and gives each its outcome, known to CleverTap or not', async () => {
    const targets = Array.from({ length: 99 }, (_, index) => identity(`stranger-${index}`));
    const outcomes = await connect().submit([...targets, identity('alan')]);
    expect(outcomes).toHaveLength(100);
    expect(outcomes.every((outcome) => outcome.type === 'accepted')).toBe(true);
    expect(sandbox.clevertap.requests).toHaveLength(1);
    sandbox.clock.advance(dayMs);
    expect(people()).toEqual({ ada: true, grace: true, alan: false });
  });

  it('names an id once, and still answers for each target', async () => {
    expect(await connect().submit([identity('ada'), identity('grace'), identity('ada')])).toHaveLength(3);
    expect(JSON.parse(sandbox.clevertap.requests[0]?.body ?? '')).toEqual({ identity: ['ada', 'grace'] });
  });

  it('sends the documented headers', async () => {
    await connect().submit([identity('ada')]);
    expect(sandbox.clevertap.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-clevertap-account-id': sandbox.clevertap.credentials.accountId,
    });
  });

  it('deletes whoever was named and nobody else, whatever the id looks like', async () => {
    const ids = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), {
      minLength: 2,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(ids, async ([spared = '', ...named]) => {
        sandbox.clevertap.seed([spared, ...named]);
        await connect().submit(named.map(identity));
        sandbox.clock.advance(dayMs);
        for (const id of named) expect(sandbox.clevertap.hasProfile(id)).toBe(false);
        expect(sandbox.clevertap.hasProfile(spared)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('is refused with wrong credentials, and says where to look', async () => {
    const error = await failureOf(connect({ passcode: 'wrong-passcode' }).submit([identity('ada')]));
    expect(error.code).toBe('credentials-rejected');
    expect(error.message).toContain('another region');
    sandbox.clock.advance(dayMs);
    expect(people()).toEqual({ ada: true, grace: true, alan: true });
  });

  it('believes no HTTP 200 without "success"', async () => {
    sandbox.clevertap.settings.deleteReply = 'fail-with-200';
    await expect(connect().submit([identity('ada')])).rejects.toMatchObject({ code: 'vendor-unavailable' });
    sandbox.clevertap.settings.deleteReply = 'trouble-without-code';
    await expect(connect().submit([identity('ada')])).rejects.toMatchObject({ code: 'vendor-unavailable' });
    sandbox.clevertap.settings.deleteReply = 'partial-with-200';
    await expect(connect().submit([identity('ada'), identity('grace')])).rejects.toMatchObject({
      code: 'response-unexpected',
      effect: 'in-doubt',
    });
    sandbox.clock.advance(dayMs);
    expect(people()).toEqual({ ada: false, grace: true, alan: true });
  });

  it('is limited to three calls at a time by CleverTap, and says so', async () => {
    await sandbox.close();
    sandbox = await startSandbox({ vendors: ['clevertap'], latencyMs: 1500 });
    sandbox.clevertap.seed([{ identity: 'ada' }]);
    const connector = connect();
    const calls = await Promise.allSettled(Array.from({ length: 5 }, () => connector.submit([identity('ada')])));
    const failures = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason] : []));
    expect(failures).toHaveLength(2);
    for (const failure of failures) expect(failure).toMatchObject({ code: 'rate-limited', effect: 'nothing' });
  });

  it('leaves a repeat harmless', async () => {
    const connector = connect();
    await connector.submit([identity('ada')]);
    await connector.submit([identity('ada')]);
    sandbox.clock.advance(dayMs);
    expect(people()).toEqual({ ada: false, grace: true, alan: true });
  });
});

describe('a fault during submit', () => {
  const answered = (status: number, headers: Record<string, string> = {}, body: unknown = {}): Fault => ({
    type: 'status',
    status,
    headers,
    body,
  });

  it.each<[string, Fault, Partial<ConnectorError>, boolean]>([
    ['a reset before acting', { type: 'reset-before' }, { code: 'connection-lost', effect: 'in-doubt' }, false],
    ['a reset after acting', { type: 'reset-after' }, { code: 'connection-lost', effect: 'in-doubt' }, true],
    ['silence before acting', { type: 'hang-before' }, { code: 'timed-out', effect: 'in-doubt' }, false],
    ['silence after acting', { type: 'hang-after' }, { code: 'timed-out', effect: 'in-doubt' }, true],
    ['a web page', { type: 'html' }, { code: 'response-unexpected', effect: 'in-doubt' }, false],
    ['half a body', { type: 'truncated' }, { effect: 'in-doubt' }, true],
    ['an enormous body', { type: 'enormous', bytes: 9 * 1024 * 1024 }, { code: 'response-unexpected' }, true],
    [
      'a 429 with seconds',
      answered(429, { 'retry-after': '600' }),
      { code: 'rate-limited', retryAfterMs: 600_000 },
      false,
    ],
    [
      'a 429 with a date',
      answered(429, { 'retry-after': 'Mon, 05 Jan 2026 10:00:30 GMT', date: 'Mon, 05 Jan 2026 10:00:00 GMT' }),
      { code: 'rate-limited', retryAfterMs: 30_000 },
      false,
    ],
    [
      'a 429 with a reset time',
      answered(429, { 'x-ratelimit-reset': '45' }),
      { code: 'rate-limited', retryAfterMs: 45_000 },
      false,
    ],
    [
      'a 429 with a hint in its body',
      answered(429, {}, { errors: [{ data: { msBeforeNext: 1500 } }] }),
      { code: 'rate-limited', retryAfterMs: 1500 },
      false,
    ],
    ['a 429 without a hint', answered(429), { code: 'rate-limited', retryAfterMs: undefined }, false],
    ['a 500', answered(500), { code: 'vendor-unavailable', effect: 'in-doubt' }, false],
    [
      'the documented 503',
      answered(503, {}, { status: 'fail', error: 'Server Error. Please retry later', code: 503 }),
      { code: 'vendor-unavailable', vendorStatus: '503' },
      false,
    ],
    ['a redirect', answered(307, { location: 'http://127.0.0.1:9/' }), { code: 'response-unexpected' }, false],
  ])('%s is reported as what it is, and touches nobody else', async (_what, fault, expected, isDeleted) => {
    sandbox.clevertap.faults.add({ fault, path: deletePath });
    const error = await failureOf(connect({ timeoutMs: timeoutForFault(fault) }).submit([identity('ada')]));
    expect(error).toMatchObject(expected);
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('ada');
    sandbox.clock.advance(dayMs);
    expect(people()).toEqual({ ada: !isDeleted, grace: true, alan: true });
  });

  it('ends with the caller’s signal', async () => {
    await expect(connect().submit([identity('ada')], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'not-sent',
    });
    expect(sandbox.clevertap.requests).toHaveLength(0);
  });
});

describe('verify', () => {
  it('sees a profile by identity and by guid, and after the deletion no longer', async () => {
    const connector = connect();
    expect(await connector.verify?.([identity('ada')])).toEqual([{ type: 'present' }]);
    expect(await connector.verify?.([guid('ctid-grace')])).toEqual([{ type: 'present' }]);
    await connector.submit([identity('ada')]);
    expect(await connector.verify?.([identity('ada')])).toEqual([{ type: 'present' }]);
    sandbox.clock.advance(dayMs);
    expect(await connector.verify?.([identity('ada')])).toEqual([{ type: 'absent' }]);
    expect(await connector.verify?.([guid('ctid-ada-2')])).toEqual([{ type: 'absent' }]);
    expect(await connector.verify?.([identity('grace')])).toEqual([{ type: 'present' }]);
  });

  it.each(absentForms)('understands absence told as %s', async (form) => {
    sandbox.clevertap.settings.absentProfile = form;
    const connector = connect();
    expect(await connector.verify?.([identity('ada')])).toEqual([{ type: 'present' }]);
    expect(await connector.verify?.([identity('nobody')])).toEqual([{ type: 'absent' }]);
  });

  it.each(['not-found', 'fail-without-code'] as const)(
    'believes no %s before it has seen anybody: a wrong address and trouble answer like that',
    async (form) => {
      sandbox.clevertap.settings.absentProfile = form;
      expect(await connect().verify?.([identity('nobody')])).toMatchObject([{ type: 'unknown' }]);
    },
  );

  it.each([true, false])(
    'takes a text of trouble that is not documented for no absence (seen before: %s)',
    async (seen) => {
      const connector = connect();
      if (seen) expect(await connector.verify?.([identity('ada')])).toEqual([{ type: 'present' }]);
      const body = { status: 'fail', error: 'The backend is busy' };
      sandbox.clevertap.faults.add({ fault: { type: 'status', status: 200, body }, path: profilePath, times: 9 });
      for (const _again of [1, 2]) {
        expect(await connector.verify?.([identity('ada')])).toMatchObject([{ type: 'unknown' }]);
      }
      sandbox.clevertap.faults.clear();
      expect(await connector.verify?.([identity('ada')])).toEqual([{ type: 'present' }]);
      expect(await connector.verify?.([identity('nobody')])).toEqual([{ type: 'absent' }]);
    },
  );

  it.each(absentForms)(
    'believes no absence that looks otherwise than that of an invented identity: %s',
    async (form) => {
      sandbox.clevertap.settings.absentProfile = form;
      const odd =
        form === 'null-record' ? { status: 'fail', error: 'Gone fishing' } : { status: 'success', record: null };
      sandbox.clevertap.faults.add({ fault: { type: 'status', status: 200, body: odd }, path: profilePath });
      expect(await connect().verify?.([identity('ada')])).toMatchObject([{ type: 'unknown' }]);
    },
  );

  it('asks about an invented identity once in a run, beside the first who is shown', async () => {
    const connector = connect();
    await connector.verify?.([identity('ada')]);
    expect(sandbox.clevertap.requests).toHaveLength(2);
    for (const name of ['nobody-1', 'nobody-2', 'nobody-3']) await connector.verify?.([identity(name)]);
    expect(sandbox.clevertap.requests).toHaveLength(5);
  });

  it('takes the documented text of trouble for trouble, also without its number', async () => {
    sandbox.clevertap.settings.readTrouble = true;
    const error = await failureOf(Promise.resolve(connect().verify?.([identity('ada')])));
    expect(error).toMatchObject({ code: 'vendor-unavailable', isRetryable: true });
  });

  it.each([
    ['Too many concurrent requests', 'rate-limited'],
    ['Invalid credentials or URL', 'credentials-rejected'],
    ['Account ID is not valid', 'credentials-rejected'],
    ['Payload is mandatory', 'request-rejected'],
  ])('takes "%s" without its number for %s, and never for absence', async (error, code) => {
    const body = { status: 'fail', error };
    sandbox.clevertap.faults.add({ fault: { type: 'status', status: 200, body }, path: profilePath, times: 2 });
    expect((await failureOf(Promise.resolve(connect().verify?.([identity('ada')])))).code).toBe(code);
  });

  it('proves nothing where even an invented identity has a profile', async () => {
    sandbox.clevertap.seed(['expunge-access-check-nobody']);
    expect((await failureOf(Promise.resolve(connect().verify?.([identity('nobody')])))).code).toBe(
      'answer-contradictory',
    );
  });

  it('by the guid of one device of several proves nothing about the person', async () => {
    const connector = connect();
    const [before] = (await connector.verify?.([guid('ctid-ada-1')])) ?? [];
    expect(before).toEqual({ type: 'present', covers: 'identifier' });
    sandbox.clevertap.settings.guidDeletion = 'device';
    await connector.submit([guid('ctid-ada-1')]);
    sandbox.clock.advance(dayMs);
    expect(await connector.verify?.([guid('ctid-ada-1')])).toEqual([{ type: 'absent' }]);
    expect(people().ada).toBe(true);
    expect(readCoversReach(connector.capabilities, 'guid', { type: 'present', covers: 'identifier' })).toBe(false);
    // The one device of a profile, and an identity, do.
    expect(readCoversReach(connector.capabilities, 'guid', { type: 'present' })).toBe(true);
    expect(await connector.verify?.([guid('ctid-grace')])).toEqual([{ type: 'present' }]);
    expect(readCoversReach(connector.capabilities, 'identity', { type: 'present' })).toBe(true);
  });

  it('by guid is not answered by the profile of other devices', async () => {
    const body = { status: 'success', record: { platformInfo: [{ platform: 'iOS', objectId: 'ctid-stranger' }] } };
    sandbox.clevertap.faults.add({ fault: { type: 'status', status: 200, body }, path: profilePath });
    expect((await failureOf(Promise.resolve(connect().verify?.([guid('ctid-grace')])))).code).toBe(
      'answer-contradictory',
    );
  });

  it('by guid proves less where the record shows no devices', async () => {
    const body = { status: 'success', record: { email: 'grace@example.com' } };
    sandbox.clevertap.faults.add({ fault: { type: 'status', status: 200, body }, path: profilePath });
    expect(await connect().verify?.([guid('ctid-grace')])).toEqual([{ type: 'present', covers: 'identifier' }]);
  });

  it('asks about exactly the person it was given', async () => {
    sandbox.clevertap.seed([{ identity: 'a+b&identity=grace' }]);
    expect(await connect().verify?.([identity('a+b&identity=grace')])).toEqual([{ type: 'present' }]);
    expect(await connect().verify?.([identity('a b&identity=grace')])).toEqual([{ type: 'absent' }]);
  });

  it.each<[string, number, unknown, string]>([
    ['no record at all', 200, { status: 'success' }, 'absent'],
    ['an empty record', 200, { status: 'success', record: {} }, 'absent'],
    ['a rejection', 400, { status: 'fail', error: 'Bad request', code: 400 }, 'unknown'],
    ['a rejection inside an HTTP 200', 200, { status: 'fail', error: 'Bad request', code: 400 }, 'unknown'],
  ])('takes %s for what it is', async (_what, status, body, type) => {
    sandbox.clevertap.faults.add({ fault: { type: 'status', status, body }, path: profilePath });
    expect(await connect().verify?.([identity('ada')])).toMatchObject([{ type }]);
  });

  it.each<[string, Fault, string]>([
    ['rejected credentials', { type: 'status', status: 401, body: {} }, 'credentials-rejected'],
    ['a limit', { type: 'status', status: 429, body: {} }, 'rate-limited'],
    ['trouble', { type: 'status', status: 503, body: {} }, 'vendor-unavailable'],
    [
      'rejected credentials inside an HTTP 200',
      { type: 'status', status: 200, body: { status: 'fail', error: 'Invalid Credentials', code: 401 } },
      'credentials-rejected',
    ],
    [
      'an undocumented number',
      { type: 'status', status: 200, body: { status: 'fail', code: 512 } },
      'response-unexpected',
    ],
    ['an unknown word', { type: 'status', status: 200, body: { status: 'gone' } }, 'response-unexpected'],
    ['a 404 that is not CleverTap’s', { type: 'status', status: 404, body: '<html>' }, 'setup-wrong'],
    [
      'a record of another shape',
      { type: 'status', status: 200, body: { status: 'success', record: 'x' } },
      'response-unexpected',
    ],
    ['a web page', { type: 'html' }, 'response-unexpected'],
    ['an enormous body', { type: 'enormous', bytes: 9 * 1024 * 1024 }, 'response-unexpected'],
    ['silence', { type: 'hang-before' }, 'timed-out'],
    ['a reset', { type: 'reset-before' }, 'connection-lost'],
  ])('never takes %s for absence', async (_what, fault, code) => {
    sandbox.clevertap.faults.add({ fault, path: profilePath });
    const error = await failureOf(
      Promise.resolve(connect({ timeoutMs: timeoutForFault(fault) }).verify?.([identity('ada')])),
    );
    expect(error.code).toBe(code);
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('ada');
  });

  it('never takes half a body for absence', async () => {
    sandbox.clevertap.faults.add({ fault: { type: 'truncated' }, path: profilePath });
    await failureOf(Promise.resolve(connect().verify?.([identity('ada')])));
  });
});

describe('checkAccess', () => {
  it.each(absentForms)(
    'shows that the credentials work, touches nobody, and says what it can’t show (%s)',
    async (form) => {
      sandbox.clevertap.settings.absentProfile = form;
      const report = await connect().checkAccess();
      expect(report.proven).toHaveLength(1);
      expect(report.unproven.join(' ')).toContain('may delete');
      expect(sandbox.clevertap.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
        'GET /1/profile.json',
      ]);
      sandbox.clock.advance(dayMs);
      expect(people()).toEqual({ ada: true, grace: true, alan: true });
    },
  );

  it('is refused with wrong credentials', async () => {
    await expect(connect({ passcode: 'wrong-passcode' }).checkAccess()).rejects.toMatchObject({
      code: 'credentials-rejected',
    });
  });

  it('is refused where no CleverTap answers', async () => {
    sandbox.clevertap.faults.add({ fault: { type: 'html' } });
    await expect(connect().checkAccess()).rejects.toMatchObject({ code: 'response-unexpected' });
  });
});
