import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleverTapSandboxCredentials } from './clevertap-sandbox.ts';
import { type Sandbox, startSandbox } from './start-sandbox.ts';

const hourMs = 3_600_000;
const goodHeaders = {
  'X-CleverTap-Account-Id': cleverTapSandboxCredentials.accountId,
  'X-CleverTap-Passcode': cleverTapSandboxCredentials.passcode,
  'Content-Type': 'application/json; charset=utf-8',
};

let sandbox: Sandbox<'clevertap'>;
beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['clevertap'] });
});
afterEach(() => sandbox.close());

async function call(method: string, path: string, body?: string, headers: Record<string, string> = goodHeaders) {
  const response = await fetch(`${sandbox.clevertap.url}${path}`, { method, headers, ...(body ? { body } : {}) });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const remove = (payload: unknown) => call('POST', '/1/delete/profiles.json', JSON.stringify(payload));
const read = (query: string) => call('GET', `/1/profile.json?${query}`);
const success = { status: 200, body: { status: 'success' } };

describe('CleverTap: deleting profiles', () => {
  it('queues a deletion and carries it out 24 hours later', async () => {
    const { clevertap, clock } = sandbox;
    clevertap.seed(['ada', 'bob']);
    expect(await remove({ identity: ['ada'] })).toEqual(success);
    expect(clevertap.isQueued('ada')).toBe(true);
    expect(clevertap.isQueued('bob')).toBe(false);
    clock.advance(24 * hourMs - 1);
    expect(clevertap.hasProfile('ada')).toBe(true);
    clock.advance(1);
    expect(clevertap.hasProfile('ada')).toBe(false);
    expect(clevertap.hasEvents('ada')).toBe(false);
    expect(clevertap.isQueued('ada')).toBe(false);
    expect(clevertap.hasProfile('bob')).toBe(true);
    expect(clevertap.hasEvents('bob')).toBe(true);
  });

  it('takes a single text as well, and guids, each of which stands for the whole person', async () => {
    const { clevertap, clock } = sandbox;
    clevertap.seed([{ identity: 'ada', guids: ['phone-1', 'tablet-1'] }, 'bob', 'cleo']);
    expect(await remove({ guid: 'tablet-1' })).toEqual(success);
    expect(await remove({ identity: 'bob' })).toEqual(success);
    expect(clevertap.hasProfileWithGuid('phone-1')).toBe(true);
    clock.advance(24 * hourMs);
    expect(clevertap.hasProfileWithGuid('phone-1')).toBe(false);
    expect(clevertap.count()).toEqual({ profiles: 1, queued: 0 });
    expect(clevertap.hasProfile('cleo')).toBe(true);
  });

  it('does not take a guid for an identity, nor the other way round', async () => {
    const { clevertap, clock } = sandbox;
    clevertap.seed([{ identity: 'ada', guids: ['device-1'] }]);
    await remove({ identity: ['device-1'] });
    await remove({ guid: ['ada'] });
    clock.advance(24 * hourMs);
    expect(clevertap.hasProfile('ada')).toBe(true);
  });

  it('accepts unknown ids without a word', async () => {
    expect(await remove({ identity: ['nobody'] })).toEqual(success);
    expect(sandbox.clevertap.isQueued('nobody')).toBe(true);
  });

  it('deletes a person again who came back while queued', async () => {
    const { clevertap, clock } = sandbox;
    clevertap.seed(['ada']);
    await remove({ identity: ['ada'] });
    clock.advance(12 * hourMs);
    await remove({ identity: ['ada'] });
    clock.advance(12 * hourMs);
    expect(clevertap.hasProfile('ada')).toBe(false);
    clevertap.seed(['ada']);
    expect(clevertap.isQueued('ada')).toBe(true);
    clock.advance(12 * hourMs);
    expect(clevertap.hasProfile('ada')).toBe(false);
  });

  const hundredAndOne = Array.from({ length: 101 }, (_, index) => `person-${index}`);
  it.each([
    ['', 'Payload is mandatory'],
    ['not json', 'Payload is mandatory'],
    ['{}', 'Sending either identities or guids in payload is mandatory'],
    ['{"identity":[],"guid":[]}', 'Invalid payload. Empty payload is not allowed.'],
    ['{"identity":[]}', 'Invalid payload. Empty payload is not allowed.'],
    [
      '{"identity":["a"],"guid":["b"]}',
      'Invalid payload. Received both guid and identity. Only one of them is allowed.',
    ],
    [JSON.stringify({ guid: hundredAndOne }), 'Invalid payload. Max 100 guids allowed per request.'],
    [JSON.stringify({ identity: hundredAndOne }), 'Invalid payload. Max 100 identities allowed per request.'],
    ['{"identity":[5]}', 'Invalid payload. Only texts are allowed.'],
  ])('refuses %.40s', async (body, error) => {
    expect(await call('POST', '/1/delete/profiles.json', body)).toEqual({
      status: 400,
      body: { status: 'fail', error, code: 400 },
    });
    expect(sandbox.clevertap.count().queued).toBe(0);
  });

  it('takes a hundred ids', async () => {
    expect(await remove({ identity: hundredAndOne.slice(1) })).toEqual(success);
    expect(sandbox.clevertap.count().queued).toBe(100);
  });

  it.each([
    ['X-CleverTap-Account-Id', 'Account ID is not valid'],
    ['X-CleverTap-Passcode', 'Invalid Credentials'],
  ])('refuses a wrong %s with 401 on every path', async (header, error) => {
    const headers = { ...goodHeaders, [header]: 'wrong' };
    const refusal = { status: 401, body: { status: 'fail', error, code: 401 } };
    expect(await call('POST', '/1/delete/profiles.json', '{"identity":"ada"}', headers)).toEqual(refusal);
    expect(await call('GET', '/1/profile.json?identity=ada', undefined, headers)).toEqual(refusal);
    expect(await call('GET', '/v1/connect', undefined, headers)).toEqual(refusal);
    expect(sandbox.clevertap.isQueued('ada')).toBe(false);
  });

  it('can answer HTTP 200 with a failure, or with a part', async () => {
    const { clevertap } = sandbox;
    clevertap.settings.deleteReply = 'fail-with-200';
    expect(await remove({ identity: ['ada', 'bob'] })).toMatchObject({ status: 200, body: { status: 'fail' } });
    expect(clevertap.count().queued).toBe(0);
    clevertap.settings.deleteReply = 'partial-with-200';
    expect(await remove({ identity: ['ada', 'bob'] })).toMatchObject({
      status: 200,
      body: { status: 'partial', processed: 1, unprocessed: [{ record: 'bob' }] },
    });
    expect(clevertap.isQueued('ada')).toBe(true);
    expect(clevertap.isQueued('bob')).toBe(false);
  });

  it('can take another time', async () => {
    const { clevertap, clock } = sandbox;
    clevertap.seed(['ada']);
    clevertap.settings.deletionDelayMs = 48 * hourMs;
    await remove({ identity: ['ada'] });
    clock.advance(47 * hourMs);
    expect(clevertap.hasProfile('ada')).toBe(true);
    clock.advance(hourMs);
    expect(clevertap.hasProfile('ada')).toBe(false);
  });
});

describe('CleverTap: reading back', () => {
  beforeEach(() => {
    sandbox.clevertap.seed([{ identity: 'ada', email: 'ada+1@example.test', guids: ['device-1', 'device-2'] }]);
  });

  it.each(['identity=ada', 'email=ada%2B1%40example.test', 'objectId=device-2'])('finds by %s', async (query) => {
    expect(await read(query)).toMatchObject({
      status: 200,
      body: {
        status: 'success',
        record: {
          email: 'ada+1@example.test',
          profileData: {},
          events: { 'App Launched': { count: 1 } },
          platformInfo: [{ objectId: 'device-1' }, { objectId: 'device-2' }],
        },
      },
    });
  });

  it('takes an unescaped + for a blank, and so does not find the person', async () => {
    expect((await read('email=ada+1@example.test')).body).toEqual({ status: 'success', record: null });
  });

  it.each([
    ['null-record', 200, { status: 'success', record: null }],
    ['fail-with-200', 200, { status: 'fail', error: 'Profile not found', code: 404 }],
    ['not-found', 404, { status: 'fail', error: 'Profile not found', code: 404 }],
  ] as const)('says that somebody is absent as %s', async (form, status, body) => {
    sandbox.clevertap.settings.absentProfile = form;
    expect(await read('identity=nobody')).toEqual({ status, body });
  });

  it('no longer finds a person after the deletion, by whatever key', async () => {
    await remove({ identity: 'ada' });
    expect((await read('objectId=device-1')).body.record).not.toBeNull();
    sandbox.clock.advance(24 * hourMs);
    for (const query of ['identity=ada', 'email=ada%2B1%40example.test', 'objectId=device-2']) {
      expect((await read(query)).body).toEqual({ status: 'success', record: null });
    }
  });

  it('refuses a question about nobody', async () => {
    expect((await read('')).status).toBe(400);
  });
});

describe('CleverTap: the rest', () => {
  it('answers the credential check', async () => {
    expect(await call('GET', '/v1/connect?partner=expunge')).toEqual(success);
  });

  it('knows no other methods and paths', async () => {
    expect((await call('GET', '/1/delete/profiles.json')).status).toBe(405);
    expect((await call('POST', '/1/profile.json', '{}')).status).toBe(405);
    expect((await call('POST', '/v1/connect', '{}')).status).toBe(405);
    expect((await call('GET', '/1/delete/profiles')).status).toBe(404);
  });

  it('lets three calls run at once per API and answers 429 to more', async () => {
    await sandbox.close();
    sandbox = await startSandbox({ vendors: ['clevertap'], latencyMs: 1500 });
    const deletions = ['a', 'b', 'c', 'd', 'e'].map((identity) => remove({ identity }));
    const reads = ['a', 'b', 'c'].map((identity) => read(`identity=${identity}`));
    const answers = await Promise.all(deletions);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toEqual(
      Array(2).fill({ status: 429, body: { status: 'fail', error: 'Too many concurrent requests', code: 429 } }),
    );
    expect((await Promise.all(reads)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(sandbox.clevertap.count().queued).toBe(3);
    expect((await remove({ identity: 'f' })).status).toBe(200);
  });

  it('tells other processes what it remembers', async () => {
    const { clevertap } = sandbox;
    expect(() => clevertap.seed(JSON.parse('["bob",{"identity":"ada","emial":"a@example.test"}]'))).toThrow(
      'Person 1 has a field "emial"',
    );
    expect(() => clevertap.seed(JSON.parse('[{"email":"a@example.test"}]'))).toThrow('Person 0: "identity" is missing');
    expect(() => clevertap.seed(JSON.parse('[{"identity":"ada","guids":"device-1"}]'))).toThrow('"guids"');
    expect(() => clevertap.seed(JSON.parse('[5]'))).toThrow('Person 0 must be an object');
    expect(clevertap.count().profiles).toBe(0);
    clevertap.seed([{ identity: 'ada', guids: ['device-1'], hasEvents: false }, 'bob']);
    await remove({ identity: 'bob' });
    expect(clevertap.lookup(['device-1', 'bob', 'nobody'])).toEqual([
      { id: 'device-1', hasProfile: true, hasEvents: false, isQueued: false },
      { id: 'bob', hasProfile: true, hasEvents: true, isQueued: true },
      { id: 'nobody', hasProfile: false, hasEvents: false, isQueued: false },
    ]);
  });
});
