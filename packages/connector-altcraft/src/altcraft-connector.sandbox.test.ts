import { ConnectorError, type Target } from '@expunge/core';
import { type Fault, type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timeoutForFault } from '../../../tools/timeout-for-fault.ts';
import { createAltcraftConnector } from './altcraft-connector.ts';
import type { AltcraftOptions } from './altcraft-options.ts';

const ids = { ada: 'a'.repeat(24), grace: 'b'.repeat(24), alan: 'c'.repeat(24) };
const deletePath = /profiles\/delete/;
const getPath = /profiles\/get/;
const email = (value: string): Target => ({ type: 'email', value });
const byEmail = email('ada@example.com');

let sandbox: Sandbox<'altcraft'>;
beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft'] });
  sandbox.altcraft.seed([
    { id: ids.ada, email: 'ada@example.com', phones: ['+79000000001'], fields: { CRM_ID: 'ada-1', number: 41 } },
    { id: ids.grace, email: 'grace@example.com', phones: ['+79000000002'], fields: { CRM_ID: 'grace-1', number: 42 } },
    { id: ids.alan, email: 'alan@example.com', phones: ['+79000000003'], fields: { CRM_ID: 'alan-1', number: 43 } },
  ]);
});
afterEach(async () => {
  // Whatever a test did: no call may ever have gone to another place, or have shown the token outside the body.
  for (const { path, query, headers, body } of sandbox.altcraft.requests) {
    expect(path.replace(/^\/wrong/, '')).toMatch(
      /^\/api\/v1\.1\/(profiles\/delete|profiles\/get\/|databases\/list\/)$/,
    );
    expect(`${query}${JSON.stringify(headers)}`).not.toContain(sandbox.altcraft.credentials.token);
    expect(body).not.toContain('wipe');
  }
  await sandbox.close();
});

function connect(options: Partial<AltcraftOptions> = {}) {
  const { token, databaseId } = sandbox.altcraft.credentials;
  return createAltcraftConnector({ baseUrl: sandbox.altcraft.url, token, databaseId, ...options });
}

function people(): Record<string, boolean> {
  return Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, sandbox.altcraft.hasProfile(id)]));
}
const everybody = { ada: true, grace: true, alan: true };
const everybodyButAda = { ada: false, grace: true, alan: true };

function calls(): string[] {
  return sandbox.altcraft.requests.map(({ path }) => path.replace('/api/v1.1/', ''));
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

describe.each(['json', 'xml'] as const)('submit in %s', (format) => {
  const matching = ['email' as const, 'phone' as const, 'profile_id' as const];
  const text = [{ fieldName: 'CRM_ID', fieldType: 'string' as const }];
  const number = [{ fieldName: 'number', fieldType: 'number' as const }];

  it('resolves an email to a profile id, deletes by that id, and looks once more by the email', async () => {
    expect(await connect({ format }).submit([byEmail])).toEqual([{ type: 'deleted' }]);
    expect(people()).toEqual(everybodyButAda);
    expect(calls()).toEqual(['profiles/get/', 'profiles/delete', 'profiles/get/']);
    const [lookUp, deletion, lastLook] = sandbox.altcraft.requests.map(({ body }) => body);
    expect(lookUp).toContain('ada@example.com');
    expect(lastLook).toBe(lookUp);
    expect(deletion).toContain(ids.ada);
    expect(deletion).not.toContain('ada@example.com');
  });

  it.each<[string, Target]>([
    ['phone', { type: 'phone', value: '+79000000001' }],
    ['a text field', { type: 'CRM_ID', value: 'ada-1' }],
    ['a number field', { type: 'number', value: '41' }],
  ])('deletes exactly one person by %s', async (_what, target) => {
    const connector = connect({ format, matching, customFields: [...text, ...number], absentCodes: [404] });
    expect(await connector.verify?.([target])).toEqual([{ type: 'present' }]);
    expect(await connector.submit([target])).toEqual([{ type: 'deleted' }]);
    expect(people()).toEqual(everybodyButAda);
    expect(await connector.verify?.([target])).toEqual([{ type: 'absent' }]);
  });

  it('needs no look-up for a profile id', async () => {
    const target: Target = { type: 'profile_id', value: ids.ada };
    const connector = connect({ format, matching, absentCodes: [404] });
    expect(await connector.submit([target])).toEqual([{ type: 'deleted' }]);
    expect(calls()).toEqual(['profiles/delete', 'profiles/get/']);
    expect(people()).toEqual(everybodyButAda);
    expect(await connector.verify?.([target])).toEqual([{ type: 'absent' }]);
  });

  it('deletes by the identifier itself where the look-up is off', async () => {
    const connector = connect({ format, lookUp: false, readBackById: false });
    expect(await connector.submit([byEmail])).toEqual([{ type: 'deleted' }]);
    expect(calls()).toEqual(['profiles/delete']);
    expect(people()).toEqual(everybodyButAda);
  });

  it('deletes nobody else, whatever an identifier looks like', async () => {
    // White space around a value does not survive XML.
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((item) => item === item.trim());
    const connector = connect({ format, customFields: text });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(value, { minLength: 2, maxLength: 2 }), async ([named = '', spared = '']) => {
        const kept = sandbox.altcraft.profileIdsOf(spared).length;
        sandbox.altcraft.seed([{ fields: { CRM_ID: named } }, { fields: { CRM_ID: spared } }]);
        expect(await connector.submit([{ type: 'CRM_ID', value: named }])).toEqual([{ type: 'deleted' }]);
        expect(sandbox.altcraft.profileIdsOf(named)).toEqual([]);
        expect(sandbox.altcraft.profileIdsOf(spared).length).toBeGreaterThan(kept);
        await connector.submit([{ type: 'CRM_ID', value: spared }]);
      }),
      { numRuns: 25 },
    );
    expect(people()).toEqual(everybody);
  });

  it('fails for somebody unknown, and names the option that would make it an absence', async () => {
    const error = await failureOf(connect({ format }).submit([email('nobody@example.com')]));
    expect(error).toMatchObject({ code: 'request-rejected', vendorStatus: '404' });
    expect(error.message).toContain('absentCodes');
    expect(error.message).not.toContain('nobody');
  });

  it.each([404, 440])('takes a code for absence where the option lists it (%i)', async (code) => {
    sandbox.altcraft.settings.codes.profileUnknown = code;
    const connector = connect({ format, matching, absentCodes: [code] });
    const absent = [{ type: 'absent', vendorStatus: String(code) }];
    expect(await connector.submit([email('nobody@example.com')])).toEqual(absent);
    expect(await connector.submit([{ type: 'profile_id', value: 'd'.repeat(24) }])).toEqual(absent);
    expect(await connector.verify?.([email('nobody@example.com')])).toEqual([{ type: 'absent' }]);
    expect(people()).toEqual(everybody);
  });

  it('takes a refusal for a refusal, inside an HTTP 200 and mirrored by the HTTP status', async () => {
    for (const isMirrored of [false, true]) {
      sandbox.altcraft.settings.mirrorHttpStatus = isMirrored;
      sandbox.altcraft.settings.mayDeleteProfiles = false;
      expect(await failureOf(connect({ format }).submit([byEmail]))).toMatchObject({ code: 'permission-missing' });
      sandbox.altcraft.settings.mayDeleteProfiles = true;
      sandbox.altcraft.settings.tariffLimitReached = true;
      expect(await failureOf(connect({ format }).submit([byEmail]))).toMatchObject({ code: 'quota-spent' });
      sandbox.altcraft.settings.tariffLimitReached = false;
      const stranger = connect({ format, token: 'wrong-token' });
      expect(await failureOf(stranger.submit([byEmail]))).toMatchObject({ code: 'permission-missing' });
      expect(await failureOf(Promise.resolve(stranger.verify?.([byEmail])))).toMatchObject({
        code: 'permission-missing',
      });
    }
    expect(people()).toEqual(everybody);
  });

  it('narrows an email to one resource', async () => {
    const subscriptions = [{ resourceId: 24, channel: 'email', email: 'joan@example.com' }];
    sandbox.altcraft.seed([
      { id: 'd'.repeat(24), email: 'joan@example.com' },
      { id: 'e'.repeat(24), email: 'joan@example.com', subscriptions },
    ]);
    expect(await connect({ format, resourceId: 24 }).submit([email('joan@example.com')])).toEqual([
      { type: 'deleted' },
    ]);
    expect(sandbox.altcraft.profileIdsOf('joan@example.com')).toEqual(['d'.repeat(24)]);
  });
});

describe('a profile that holds the identifier as somebody else’s', () => {
  const bob = 'd'.repeat(24);
  const subscriptions = [
    { resourceId: 1, channel: 'email', email: 'joan@example.com' },
    { resourceId: 1, channel: 'sms', phone: '+79000000009' },
  ];
  beforeEach(() => {
    sandbox.altcraft.seed([{ id: bob, email: 'bob@example.com', phones: ['+79000000004'], subscriptions }]);
  });

  it.each<Target>([email('joan@example.com'), { type: 'phone', value: '+79000000009' }])(
    'is not deleted (%o)',
    async (target) => {
      for (const format of ['json', 'xml'] as const) {
        const [outcome] = await connect({ format, matching: ['email', 'phone'] }).submit([target]);
        expect(outcome).toMatchObject({ type: 'rejected', reason: 'mismatch' });
        expect(JSON.stringify(outcome)).not.toContain(target.value);
      }
      expect(sandbox.altcraft.hasProfile(bob)).toBe(true);
      expect(calls()).not.toContain('profiles/delete');
    },
  );

  it('is not deleted instead of the person’s own profile', async () => {
    sandbox.altcraft.seed([{ id: 'e'.repeat(24), email: 'joan@example.com' }]);
    expect(await connect().submit([email('joan@example.com')])).toMatchObject([
      { type: 'rejected', reason: 'mismatch' },
    ]);
    expect(sandbox.altcraft.hasProfile(bob)).toBe(true);
    expect(sandbox.altcraft.hasProfile('e'.repeat(24))).toBe(true);
  });

  it('is deleted where the options allow it', async () => {
    const connector = connect({ allowSubscriptionMatch: true });
    expect(await connector.submit([email('joan@example.com')])).toEqual([{ type: 'deleted' }]);
    expect(sandbox.altcraft.hasProfile(bob)).toBe(false);
    expect(people()).toEqual(everybody);
  });

  it('is not the person whom a read asks for, before the deletion and after it', async () => {
    const joan = email('joan@example.com');
    // Before: nobody was seen, though somebody was shown.
    expect(await connect().verify?.([joan])).toMatchObject([{ type: 'unknown', reason: expect.any(String) }]);
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 200, body: { error: 404 } }, path: getPath });
    // After: a correct deletion is not called one that did not happen.
    sandbox.altcraft.seed([{ id: ids.ada, email: 'ada@example.com' }]);
    sandbox.altcraft.seed([{ id: 'f'.repeat(24), email: 'bill@example.com', subscriptions: [adasAddress] }]);
    sandbox.altcraft.faults.clear();
    expect(await connect().verify?.([byEmail])).toEqual([{ type: 'present' }]);
    expect(await connect().submit([byEmail])).toEqual([{ type: 'deleted' }]);
    expect(await connect().verify?.([byEmail])).toMatchObject([{ type: 'unknown' }]);
    expect(people()).toEqual(everybodyButAda);
  });

  it('is who the person is where the options count a subscription as the person’s', async () => {
    const connector = connect({ allowSubscriptionMatch: true });
    expect(await connector.verify?.([email('joan@example.com')])).toEqual([{ type: 'present' }]);
  });

  it('is not deleted for a custom field that shows another value', async () => {
    const body = { error: 0, data: { id: ids.grace, CRM_ID: 'grace-1' } };
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 200, body }, path: getPath });
    const customFields = [{ fieldName: 'CRM_ID', fieldType: 'string' as const }];
    const [outcome] = await connect({ customFields, allowSubscriptionMatch: true }).submit([
      { type: 'CRM_ID', value: 'ada-1' },
    ]);
    expect(outcome).toMatchObject({ type: 'rejected', reason: 'mismatch' });
    expect(people()).toEqual(everybody);
  });
});

const adasAddress = { resourceId: 1, channel: 'email', email: 'ada@example.com' };
const twoProfiles = 'Altcraft had 2 profiles of this person under the identifier; all of them are deleted.';

describe('a person with two profiles', () => {
  const second = 'd'.repeat(24);
  const seedSecond = () =>
    sandbox.altcraft.seed([
      { id: second, email: 'ada@example.com', phones: ['+79000000001'], fields: { CRM_ID: 'ada-1' } },
    ]);
  const customFields = [{ fieldName: 'CRM_ID', fieldType: 'string' as const }];

  it.each<Target>([byEmail, { type: 'phone', value: '+79000000001' }, { type: 'CRM_ID', value: 'ada-1' }])(
    'is reported as deleted when both are, and says that there were two (%o)',
    async (target) => {
      for (const options of [{}, { format: 'xml' as const }, { readBackById: false }]) {
        sandbox.altcraft.seed([
          { id: ids.ada, email: 'ada@example.com', phones: ['+79000000001'], fields: { CRM_ID: 'ada-1' } },
        ]);
        seedSecond();
        const connector = connect({ ...options, matching: ['email', 'phone'], customFields });
        expect(await connector.submit([target])).toEqual([{ type: 'deleted', message: twoProfiles }]);
        expect(sandbox.altcraft.profileIdsOf(target.value)).toEqual([]);
        expect(people()).toEqual(everybodyButAda);
      }
    },
  );

  it('keeps the second one where the options refuse it, and says so', async () => {
    seedSecond();
    const [outcome] = await connect({ severalProfiles: 'refuse' }).submit([byEmail]);
    expect(outcome).toMatchObject({
      type: 'rejected',
      reason: 'refused',
      message: expect.stringContaining('second one'),
    });
    expect(sandbox.altcraft.hasProfile(second)).toBe(true);
    expect(people()).toEqual(everybodyButAda);
  });

  it('is not deleted more than ten times in one submission', async () => {
    const many = Array.from({ length: 12 }, (_, index) => ({
      id: `${index + 10}`.repeat(12),
      email: 'ada@example.com',
    }));
    sandbox.altcraft.seed(many);
    expect(await connect().submit([byEmail])).toEqual([{ type: 'deferred', reason: 'not-taken' }]);
    expect(sandbox.altcraft.profileIdsOf('ada@example.com')).toHaveLength(3);
    expect(await connect().submit([byEmail])).toMatchObject([{ type: 'deleted' }]);
    expect(sandbox.altcraft.profileIdsOf('ada@example.com')).toEqual([]);
  });

  it('is not reported as absent either, where somebody else deleted the first meanwhile', async () => {
    seedSecond();
    sandbox.altcraft.faults.add({
      fault: { type: 'status', status: 200, body: { error: 404 }, acted: true },
      path: deletePath,
    });
    const connector = connect({ absentCodes: [404] });
    expect(await connector.submit([byEmail])).toEqual([{ type: 'deleted' }]);
    expect(sandbox.altcraft.profileIdsOf('ada@example.com')).toEqual([]);
  });

  it('is deleted by profile id without a look at the other one', async () => {
    seedSecond();
    const connector = connect({ matching: ['profile_id'] });
    expect(await connector.submit([{ type: 'profile_id', value: second }])).toEqual([{ type: 'deleted' }]);
    expect(calls()).toEqual(['profiles/delete', 'profiles/get/']);
    expect(people()).toEqual(everybody);
  });

  it('is deleted where the profile that is left is another person’s with a subscription', async () => {
    const subscriptions = [{ resourceId: 1, channel: 'email', email: 'ada@example.com' }];
    sandbox.altcraft.seed([{ id: second, email: 'bob@example.com', subscriptions }]);
    expect(await connect().submit([byEmail])).toEqual([{ type: 'deleted' }]);
    expect(sandbox.altcraft.hasProfile(second)).toBe(true);
    expect(people()).toEqual(everybodyButAda);
  });

  it('is deleted with it where the options count that subscription as the person’s', async () => {
    const subscriptions = [{ resourceId: 1, channel: 'email', email: 'ada@example.com' }];
    sandbox.altcraft.seed([{ id: second, email: 'bob@example.com', subscriptions }]);
    const connector = connect({ allowSubscriptionMatch: true });
    expect(await connector.submit([byEmail])).toEqual([{ type: 'deleted', message: twoProfiles }]);
    expect(sandbox.altcraft.hasProfile(second)).toBe(false);
  });

  it.each<[string, Fault, Partial<ConnectorError>]>([
    ['is lost', { type: 'reset-before' }, { code: 'connection-lost' }],
    [
      'is limited',
      { type: 'status', status: 429, headers: { 'retry-after': '5' } },
      { code: 'response-unexpected', retryAfterMs: 5_000 },
    ],
    ['is forbidden', { type: 'status', status: 200, body: { error: 403 } }, { code: 'response-unexpected' }],
    ['is a web page', { type: 'html' }, { code: 'response-unexpected' }],
  ])('is in doubt where the last read %s, and a repeat finds out', async (_what, fault, expected) => {
    const connector = connect({ readBackById: false, absentCodes: [404] });
    for (const isSecond of [true, false]) {
      if (!sandbox.altcraft.hasProfile(ids.ada)) sandbox.altcraft.seed([{ id: ids.ada, email: 'ada@example.com' }]);
      if (isSecond) seedSecond();
      sandbox.altcraft.faults.add({ fault, path: getPath, skip: 1 });
      const error = await failureOf(connector.submit([byEmail]));
      // Something was deleted: it must not look like a call that came to nothing.
      expect(error).toMatchObject({ effect: 'in-doubt', isRetryable: true, ...expected });
      expect(error.message).not.toMatch(/ada|aaaa/);
      expect(await connector.submit([byEmail])).toMatchObject([{ type: isSecond ? 'deleted' : 'absent' }]);
      expect(sandbox.altcraft.profileIdsOf('ada@example.com')).toEqual([]);
    }
  });
});

describe('an answer that contradicts itself', () => {
  it('is in doubt where another profile is reported as deleted', async () => {
    const body = { error: 0, error_text: 'Successful operation', data: { profile_id: ids.grace } };
    for (const target of [byEmail, { type: 'profile_id', value: ids.ada }]) {
      sandbox.altcraft.faults.add({ fault: { type: 'status', status: 200, body }, path: deletePath });
      const connector = connect({ matching: ['email', 'profile_id'], readBackById: false });
      const error = await failureOf(connector.submit([target]));
      expect(error).toMatchObject({ code: 'answer-contradictory', effect: 'in-doubt', isRetryable: false });
      expect(error.message).toContain('its profile_id differs');
      expect(error.message).not.toContain(ids.grace);
    }
  });

  it('is no contradiction where the profile id is only written in capitals', async () => {
    const connector = connect({ matching: ['profile_id'], readBackById: false });
    const body = { error: 0, data: { profile_id: ids.ada } };
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 200, body }, path: deletePath });
    const target = { type: 'profile_id', value: ids.ada.toUpperCase() };
    expect(await connector.submit([target])).toEqual([{ type: 'deleted' }]);
    sandbox.altcraft.faults.add({
      fault: { type: 'status', status: 200, body: { error: 0, data: { id: ids.ada } } },
      path: getPath,
    });
    expect(await connector.verify?.([target])).toEqual([{ type: 'present' }]);
  });

  it.each<[string, Partial<AltcraftOptions>, Target, ConnectorError['code']]>([
    ['found by email, to be repeated', {}, byEmail, 'response-unexpected'],
    [
      'named by id, to be repeated',
      { matching: ['profile_id'] },
      { type: 'profile_id', value: ids.ada },
      'response-unexpected',
    ],
    // A repeat by email could mean another profile by then.
    ['not looked up, for a person to look', { lookUp: false }, byEmail, 'answer-contradictory'],
  ])('is in doubt where the deleted profile is still there: %s', async (_what, options, target, code) => {
    sandbox.altcraft.faults.add({ fault: { type: 'lie' }, path: deletePath });
    const error = await failureOf(connect(options).submit([target]));
    expect(error).toMatchObject({ code, effect: 'in-doubt' });
    expect(error.message).toContain('readBackById');
    expect(people()).toEqual(everybody);
  });

  it('is in doubt where the deleted profile hides behind another one that the identifier leads to', async () => {
    const subscriptions = [{ resourceId: 1, channel: 'email', email: 'ada@example.com' }];
    const body = { error: 0, data: { id: ids.grace, email: 'grace@example.com', subscriptions } };
    sandbox.altcraft.faults.add({ fault: { type: 'lie' }, path: deletePath });
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 200, body }, path: getPath, skip: 1 });
    expect(await failureOf(connect().submit([byEmail]))).toMatchObject({ code: 'response-unexpected' });
    expect(people()).toEqual(everybody);
  });

  it('leaves it to verify where this installation needs time', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'lie' }, path: deletePath });
    const connector = connect({ readBackById: false });
    expect(await connector.submit([byEmail])).toEqual([{ type: 'deleted' }]);
    expect(await connector.verify?.([byEmail])).toEqual([{ type: 'present' }]);
  });

  it('keeps the vendor’s word where the read-back by id fails', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'reset-before' }, path: getPath });
    const target = { type: 'profile_id', value: ids.ada };
    expect(await connect({ matching: ['profile_id'] }).submit([target])).toEqual([{ type: 'deleted' }]);
    expect(people()).toEqual(everybodyButAda);
  });

  it('is in doubt where a read by profile id shows another profile', async () => {
    const body = { error: 0, data: { id: ids.grace } };
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 200, body }, path: getPath });
    const connector = connect({ matching: ['profile_id'] });
    await expect(connector.verify?.([{ type: 'profile_id', value: ids.ada }])).rejects.toMatchObject({
      code: 'answer-contradictory',
    });
  });

  it.each<[string, number, unknown]>([
    ['a success without an id', 200, { error: 0, data: {} }],
    ['a success without data', 200, { error: 0 }],
    ['an id that is no text', 200, { error: 0, data: { profile_id: 7 } }],
    ['an error that is text', 200, { error: '0', data: { profile_id: ids.ada } }],
    ['a success with HTTP 404', 404, { error: 0, data: { profile_id: ids.ada } }],
    ['an empty body', 200, ''],
  ])('is in doubt with %s', async (_what, status, body) => {
    sandbox.altcraft.faults.add({ fault: { type: 'status', status, body }, path: deletePath });
    expect(await failureOf(connect({ readBackById: false }).submit([byEmail]))).toMatchObject({
      code: 'response-unexpected',
      effect: 'in-doubt',
    });
  });
});

describe('a fault', () => {
  const answered = (status: number, headers: Record<string, string> = {}, body: unknown = {}): Fault => ({
    type: 'status',
    status,
    headers,
    body,
  });
  const faults: [string, Fault, Partial<ConnectorError>, boolean][] = [
    ['a reset before acting', { type: 'reset-before' }, { code: 'connection-lost', effect: 'in-doubt' }, false],
    ['a reset after acting', { type: 'reset-after' }, { code: 'connection-lost', effect: 'in-doubt' }, true],
    ['silence before acting', { type: 'hang-before' }, { code: 'timed-out', effect: 'in-doubt' }, false],
    ['silence after acting', { type: 'hang-after' }, { code: 'timed-out', effect: 'in-doubt' }, true],
    ['a web page', { type: 'html' }, { code: 'response-unexpected', effect: 'in-doubt' }, false],
    ['half a body', { type: 'truncated' }, { effect: 'in-doubt' }, true],
    ['an enormous body', { type: 'enormous', bytes: 9 * 1024 * 1024 }, { code: 'response-unexpected' }, true],
    [
      'a 429 with seconds',
      answered(429, { 'retry-after': '60' }),
      { code: 'rate-limited', retryAfterMs: 60_000 },
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
    ['a 429 inside an HTTP 200', answered(200, {}, { error: 429 }), { code: 'rate-limited', effect: 'nothing' }, false],
    ['a 500', answered(500), { code: 'vendor-unavailable', effect: 'in-doubt' }, false],
    ['a 500 inside an HTTP 200', answered(200, {}, { error: 500 }), { code: 'vendor-unavailable' }, false],
    ['a 401 inside an HTTP 200', answered(200, {}, { error: 401 }), { code: 'credentials-rejected' }, false],
    ['a redirect', answered(301, { location: 'http://127.0.0.1:9/' }), { code: 'response-unexpected' }, false],
  ];

  it.each(faults)('of the deletion, %s, is reported as what it is', async (_what, fault, expected, isDeleted) => {
    for (const format of ['json', 'xml'] as const) {
      if (!sandbox.altcraft.hasProfile(ids.ada)) sandbox.altcraft.seed([{ id: ids.ada, email: 'ada@example.com' }]);
      sandbox.altcraft.faults.add({ fault, path: deletePath });
      const error = await failureOf(
        connect({ format, timeoutMs: timeoutForFault(fault), absentCodes: [404] }).submit([byEmail]),
      );
      expect(error).toMatchObject(expected);
      expect(JSON.stringify({ ...error, message: error.message })).not.toMatch(/ada|aaaa/);
      expect(people()).toEqual({ ...everybody, ada: !isDeleted });
    }
  });

  it.each(faults)('of a look-up, %s, deletes nobody and is never an absence', async (_what, fault, { code }) => {
    const connector = connect({ timeoutMs: timeoutForFault(fault), absentCodes: [404] });
    sandbox.altcraft.faults.add({ fault, path: getPath, times: 2 });
    const errors = [
      await failureOf(connector.submit([byEmail])),
      await failureOf(Promise.resolve(connector.verify?.([byEmail]))),
    ];
    for (const error of errors) {
      if (code !== undefined) expect(error.code).toBe(code);
      expect(JSON.stringify({ ...error, message: error.message })).not.toMatch(/ada|aaaa/);
    }
    expect(people()).toEqual(everybody);
    expect(calls()).not.toContain('profiles/delete');
  });

  it('ends with the caller’s signal', async () => {
    await expect(connect().submit([byEmail], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'not-sent',
    });
    expect(calls()).toEqual([]);
  });
});

describe('verify', () => {
  it.each([
    [400, [], 'unknown'],
    [440, [], 'unknown'],
    [404, [], 'unknown'],
    [404, [404], 'absent'],
    [1, [404], 'unknown'],
    [440, [404], 'unknown'],
    [440, [404, 440], 'absent'],
  ])('takes error %i for an absence only where absentCodes names it: %j', async (error, absentCodes, type) => {
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 200, body: { error } }, path: getPath });
    expect(await connect({ absentCodes }).verify?.([byEmail])).toMatchObject([{ type }]);
  });

  it.each([401, 402, 403, 429, 500, 503])('throws at error %i, which says nothing about a person', async (error) => {
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 200, body: { error } }, path: getPath });
    await failureOf(Promise.resolve(connect({ absentCodes: [404] }).verify?.([byEmail])));
  });

  it('takes a 404 that is not Altcraft’s for a wrong address', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 404, body: '<html>' }, path: getPath });
    await expect(connect({ absentCodes: [404] }).verify?.([byEmail])).rejects.toMatchObject({ code: 'setup-wrong' });
  });
});

describe('what Altcraft’s documents leave open', () => {
  const number = { type: 'number', value: '41' };
  const asText = { customFields: [{ fieldName: 'number', fieldType: 'string' as const }] };

  it('several profiles may be refused: then nobody is deleted, and it is no absence', async () => {
    sandbox.altcraft.settings.severalMatches = 'refuse';
    sandbox.altcraft.seed([{ id: 'd'.repeat(24), email: 'ada@example.com' }]);
    const connector = connect({ absentCodes: [404] });
    expect(await failureOf(connector.submit([byEmail]))).toMatchObject({ code: 'request-rejected' });
    expect(await connector.verify?.([byEmail])).toMatchObject([{ type: 'unknown' }]);
    expect(people()).toEqual(everybody);
  });

  it('the text "41" may be another value than the number 41: then the option finds nobody, and says so', async () => {
    expect(await failureOf(connect(asText).submit([number]))).toMatchObject({ code: 'request-rejected' });
    expect(people()).toEqual(everybody);
  });

  it('the text "41" may be the number 41: then the person is found by it', async () => {
    sandbox.altcraft.settings.strictFieldTypes = false;
    expect(await connect(asText).submit([number])).toEqual([{ type: 'deleted' }]);
    expect(people()).toEqual(everybodyButAda);
  });
});

describe('an absence', () => {
  const nobody = email('nobody@example.com');

  it('is not believed where the address is wrong, though Altcraft’s own envelope says 404', async () => {
    const connector = connect({ absentCodes: [404], baseUrl: `${sandbox.altcraft.url}/wrong` });
    const errors = [
      await failureOf(connector.submit([byEmail])),
      await failureOf(Promise.resolve(connector.verify?.([byEmail]))),
    ];
    for (const error of errors) expect(error).toMatchObject({ code: 'setup-wrong', effect: 'nothing' });
    expect(people()).toEqual(everybody);
  });

  it('is not believed where the database is unknown, which may get the same number', async () => {
    const connector = connect({ absentCodes: [404], databaseId: 7 });
    expect(await failureOf(connector.submit([byEmail]))).toMatchObject({ code: 'setup-wrong' });
  });

  it('needs one proof in a run', async () => {
    const connector = connect({ absentCodes: [404] });
    for (const _ of [1, 2, 3]) expect(await connector.submit([nobody])).toMatchObject([{ type: 'absent' }]);
    expect(calls()).toEqual(['profiles/get/', 'databases/list/', 'profiles/get/', 'profiles/get/']);
  });

  it('needs none where somebody was seen', async () => {
    const connector = connect({ absentCodes: [404] });
    await connector.verify?.([byEmail]);
    expect(await connector.submit([nobody])).toMatchObject([{ type: 'absent' }]);
    expect(calls()).toEqual(['profiles/get/', 'profiles/get/']);
  });
});

describe('a person known by several identifiers', () => {
  const options = {
    matching: ['email' as const, 'phone' as const, 'profile_id' as const],
    customFields: [{ fieldName: 'CRM_ID', fieldType: 'string' as const }],
  };
  const stranger = 'd'.repeat(24);
  const targets = (...identifiers: { type: string; value: string }[]) => connect(options).targetsOf({ identifiers });
  const adasAddressOf = (person: object) => sandbox.altcraft.seed([{ id: stranger, ...person }]);
  const crmId = { type: 'CRM_ID', value: 'joan-1' };
  const joanMail = { type: 'email', value: 'joan@example.com' };
  const joanPhone = { type: 'phone', value: '+79000000009' };

  it('gives targets that know each other, in whatever order they came', () => {
    expect(targets(joanMail, crmId)).toEqual([
      { ...joanMail, details: { '0.CRM_ID': 'joan-1' } },
      { ...crmId, details: { '0.email': 'joan@example.com' } },
    ]);
    const [mail] = targets(joanMail, crmId, { type: 'CRM_ID', value: 'joan-2' });
    const [, , sameMail] = targets({ type: 'CRM_ID', value: 'joan-2' }, crmId, joanMail);
    expect(mail).toEqual(sameMail);
  });

  it('is not found in a profile with the same address and another id: that is somebody else', async () => {
    adasAddressOf({ email: 'joan@example.com', fields: { CRM_ID: 'bob-1' } });
    const [mail = joanMail] = targets(joanMail, crmId);
    const [outcome] = await connect(options).submit([mail]);
    expect(outcome).toMatchObject({ type: 'rejected', reason: 'mismatch' });
    expect(outcome).toMatchObject({ message: expect.stringContaining('shows another CRM_ID than the request') });
    expect(sandbox.altcraft.hasProfile(stranger)).toBe(true);
    expect(await connect(options).verify?.([mail])).toMatchObject([{ type: 'unknown' }]);
  });

  it.each([joanMail, joanPhone])(
    'is not found in a profile that has one address of two: a number that was passed on (%o)',
    async (named) => {
      const other = named === joanMail ? { phones: ['+79000000008'] } : { email: 'new-owner@example.com' };
      adasAddressOf({ ...(named === joanMail ? { email: named.value } : { phones: [named.value] }), ...other });
      const target = targets(joanMail, joanPhone).find(({ type }) => type === named.type) ?? named;
      expect(await connect(options).submit([target])).toMatchObject([{ type: 'rejected', reason: 'mismatch' }]);
      expect(sandbox.altcraft.hasProfile(stranger)).toBe(true);
    },
  );

  it('is left alone in a second profile that contradicts, while the first one goes', async () => {
    sandbox.altcraft.seed([{ id: 'e'.repeat(24), email: 'joan@example.com', fields: { CRM_ID: 'joan-1' } }]);
    adasAddressOf({ email: 'joan@example.com', fields: { CRM_ID: 'bob-1' } });
    const [mail = joanMail] = targets(joanMail, crmId);
    const message = 'A profile with the same identifier and another CRM_ID is somebody else’s, and was left.';
    expect(await connect(options).submit([mail])).toEqual([{ type: 'deleted', message }]);
    expect(sandbox.altcraft.profileIdsOf('joan@example.com')).toEqual([stranger]);
  });

  it.each<[string, object]>([
    ['shows nothing else', { email: 'joan@example.com' }],
    ['agrees', { email: 'joan@example.com', fields: { CRM_ID: 'joan-1' } }],
    ['has another profile id, as every profile has', { email: 'joan@example.com' }],
  ])('is found in a profile that %s', async (_what, person) => {
    adasAddressOf(person);
    const [mail = joanMail] = targets(joanMail, crmId, { type: 'profile_id', value: 'f'.repeat(24) });
    expect(await connect(options).submit([mail])).toEqual([{ type: 'deleted' }]);
  });

  it('is found by an id of the company’s where only an address has changed', async () => {
    adasAddressOf({ email: 'joans-new-mail@example.com', fields: { CRM_ID: 'joan-1' } });
    const [, byId = crmId] = targets(joanMail, crmId);
    expect(await connect(options).submit([byId])).toEqual([{ type: 'deleted' }]);
  });
});

describe('the calls of one person', () => {
  const readDeleteRead = async (connector: ReturnType<typeof connect>) => {
    expect(await connector.verify?.([byEmail])).toEqual([{ type: 'present' }]);
    expect(await connector.submit([byEmail])).toEqual([{ type: 'deleted' }]);
    expect(await connector.verify?.([byEmail])).toEqual([{ type: 'absent' }]);
    return calls();
  };
  const connectWithClock = (options: Partial<AltcraftOptions> = {}) => {
    const { token, databaseId } = sandbox.altcraft.credentials;
    const all = { baseUrl: sandbox.altcraft.url, token, databaseId, absentCodes: [404], ...options };
    return createAltcraftConnector(all, { now: () => sandbox.clock.now() });
  };

  it('are three with reads before and after, where there were six: each question is asked once', async () => {
    expect(await readDeleteRead(connectWithClock())).toEqual(['profiles/get/', 'profiles/delete', 'profiles/get/']);
  });

  it('are five without a clock, or where this installation needs time before a read-back', async () => {
    expect(await readDeleteRead(connect({ absentCodes: [404] }))).toHaveLength(5);
    sandbox.altcraft.seed([{ id: ids.ada, email: 'ada@example.com' }]);
    expect(await readDeleteRead(connectWithClock({ readBackAfterMs: 1 }))).toHaveLength(5 + 4);
  });

  it('are made again where the read is old', async () => {
    const connector = connectWithClock();
    await connector.verify?.([byEmail]);
    sandbox.clock.advance(6 * 60_000);
    await connector.submit([byEmail]);
    sandbox.clock.advance(6 * 60_000);
    await connector.verify?.([byEmail]);
    expect(calls()).toEqual(['profiles/get/', 'profiles/get/', 'profiles/delete', 'profiles/get/', 'profiles/get/']);
  });

  it('use a read once: whoever comes back is seen', async () => {
    const connector = connectWithClock();
    await readDeleteRead(connector);
    sandbox.altcraft.seed([{ id: ids.ada, email: 'ada@example.com' }]);
    expect(await connector.verify?.([byEmail])).toEqual([{ type: 'present' }]);
  });

  it('find out where the profile of the read is gone meanwhile, and another one is there', async () => {
    const connector = connectWithClock();
    await connector.verify?.([byEmail]);
    const other = connect();
    await other.submit([byEmail]);
    sandbox.altcraft.seed([{ id: 'd'.repeat(24), email: 'ada@example.com' }]);
    expect(await connector.submit([byEmail])).toEqual([{ type: 'deleted' }]);
    expect(sandbox.altcraft.profileIdsOf('ada@example.com')).toEqual([]);
  });
});

describe.each(['json', 'xml'] as const)('checkAccess in %s', (format) => {
  it('shows that the token sees the database, touches nobody, and says what it can’t show', async () => {
    const report = await connect({ format }).checkAccess();
    expect(report.proven).toEqual(['The token sees database 1.']);
    expect(report.unproven.join(' ')).toContain('may delete');
    // The line can be pasted into the options as it is.
    expect(report.unproven.join(' ')).toMatch(/error 404.*absentCodes: \[404\]$/);
    expect(calls()).toEqual(['databases/list/', 'profiles/get/']);
    expect(people()).toEqual(everybody);
  });

  it('confirms the codes for absence', async () => {
    const report = await connect({ format, absentCodes: [404] }).checkAccess();
    expect(report.proven.join(' ')).toContain('error 404, as absentCodes says');
    expect(report.unproven).toHaveLength(1);
  });

  it('is refused for a database that the token does not see', async () => {
    sandbox.altcraft.settings.databases = [
      { id: 1, name: 'Customers' },
      { id: 2, name: 'Partners' },
    ];
    expect((await connect({ format, databaseId: 2 }).checkAccess()).proven).toContain('The token sees database 2.');
    await expect(connect({ format, databaseId: 3 }).checkAccess()).rejects.toMatchObject({ code: 'setup-wrong' });
  });

  it('is refused for a wrong token', async () => {
    await expect(connect({ format, token: 'wrong-token' }).checkAccess()).rejects.toMatchObject({
      code: 'permission-missing',
    });
  });

  it('does not call a database missing that a longer list may hold', async () => {
    const body = { error: 0, data: [{ id: 1 }], total_count: 2000 };
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 200, body }, path: /databases/ });
    const report = await connect({ format, databaseId: 7 }).checkAccess();
    expect(report.unproven.join(' ')).toContain('Database 7 is not among those');
  });
});
