import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from './kit/sandbox-clock.ts';
import { type SegmentSandbox, startSegmentSandbox } from './segment-sandbox.ts';
import { type SegmentSettings, segmentSandboxCredentials } from './segment-settings.ts';

const { spaceToken, spaceId } = segmentSandboxCredentials;
const running: SegmentSandbox[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

async function start(settings: Partial<SegmentSettings> = {}) {
  const clock = createManualClock();
  const sandbox = await startSegmentSandbox({
    clock,
    limitClock: clock,
    limits: 'documented',
    latencyMs: 0,
    port: 0,
    host: '127.0.0.1',
    keptRequests: 1000,
    settings,
  });
  running.push(sandbox);
  sandbox.seed([
    { userId: 'ada', externalIds: ['email:ada@example.com', 'user_id:ada-2', 'group_id:g-1', 'anonymous_id:a-1'] },
    { userId: 'Grace', externalIds: ['email:grace@example.com'] },
  ]);
  const authorization = `Basic ${Buffer.from(`${spaceToken}:`).toString('base64')}`;
  async function call(method: string, profile: string, rest: string, body?: unknown) {
    const url = `${sandbox.url}/v1/spaces/${spaceId}/collections/users/profiles/${profile}/external_ids${rest}`;
    const response = await fetch(url, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const parsed: unknown = await response.json();
    return { status: response.status, body: parsed };
  }
  const detach = (profile: string, ...externalIds: { type: string; id: string }[]) =>
    call('POST', profile, '/delete', { delete_external_ids: externalIds });
  const read = (profile: string, query = '') => call('GET', profile, query);
  return { clock, sandbox, detach, read, authorization };
}

const email = { type: 'email', id: 'ada@example.com' };

function failure(status: number, code: string) {
  return { status, body: { error: { code, message: expect.any(String) } } };
}

describe('detaching an identifier', () => {
  it('takes one off one profile; the Profile API shows it for five more minutes', async () => {
    const { clock, sandbox, detach, read } = await start();
    expect(await detach('user_id:ada', email)).toMatchObject({ status: 200 });
    expect(sandbox.hasExternalId('ada', 'email', 'ada@example.com')).toBe(false);
    expect(sandbox.hasExternalId('ada', 'anonymous_id', 'a-1')).toBe(true);
    expect(sandbox.hasExternalId('Grace', 'email', 'grace@example.com')).toBe(true);
    expect(sandbox.hasData('ada')).toBe(true);
    const listed = { data: expect.arrayContaining([expect.objectContaining(email)]) };
    expect((await read('user_id:ada')).body).toMatchObject(listed);
    clock.advance(300_000);
    expect((await read('user_id:ada')).body).not.toMatchObject(listed);
  });

  it.each([
    ['an unknown profile', 'user_id:joan', email, 404, 'not_found'],
    ['a mixed-case key', 'user_id:Grace', { type: 'email', id: 'grace@example.com' }, 404, 'not_found'],
    ['an identifier of somebody else', 'user_id:ada', { type: 'email', id: 'grace@example.com' }, 404, 'eid_not_found'],
    ['an unknown type', 'user_id:ada', { type: 'shoe_size', id: '42' }, 400, 'unsupported_eid_type'],
    ['a group_id', 'user_id:ada', { type: 'group_id', id: 'g-1' }, 400, 'bad_request'],
    ['the key itself', 'user_id:ada', { type: 'user_id', id: 'ada' }, 400, 'bad_request'],
    ['the last user_id', 'user_id:grace', { type: 'user_id', id: 'Grace' }, 400, 'bad_request'],
    ['another look-up type', 'email:ada', email, 400, 'bad_request'],
  ])('is refused for %s', async (_case, profile, externalId, status, code) => {
    const { sandbox, detach } = await start();
    expect(await detach(profile, externalId)).toMatchObject(failure(status, code));
    expect(sandbox.requests.filter(({ acted }) => acted)).toEqual([]);
  });

  it('takes exactly one identifier a call, and the second user_id', async () => {
    const { sandbox, detach } = await start();
    const second = { type: 'user_id', id: 'ada-2' };
    expect(await detach('user_id:ada', email, second)).toMatchObject(failure(400, 'bad_request'));
    expect(await detach('user_id:ada')).toMatchObject(failure(400, 'bad_request'));
    expect(await detach('user_id:ada', second)).toMatchObject({ status: 200 });
    expect(await detach('user_id:ada', second)).toMatchObject(failure(404, 'eid_not_found'));
    expect(sandbox.hasExternalId('ada', 'user_id', 'ada-2')).toBe(false);
  });

  it.each([
    [{ identifierDeletionEnabled: false }, 403, 'forbidden'],
    [{ spaceHasSource: false }, 404, 'source_id_not_found'],
  ] as const)('is refused by a space with %o', async (settings, status, code) => {
    const { detach } = await start(settings);
    expect(await detach('user_id:ada', email)).toMatchObject(failure(status, code));
  });

  it('can answer errors without the envelope', async () => {
    const { detach } = await start({ profileErrorShape: 'flat' });
    expect(await detach('user_id:joan', email)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('is limited to 100 a second', async () => {
    const { clock, detach } = await start({ profileCallsPerSecond: 1 });
    await detach('user_id:ada', email);
    expect(await detach('user_id:ada', email)).toMatchObject(failure(429, 'rate_limit_error'));
    clock.advance(1000);
    expect(await detach('user_id:ada', email)).toMatchObject(failure(404, 'eid_not_found'));
  });
});

describe('paths', () => {
  it('must be percent-encoded', async () => {
    const { sandbox, detach } = await start();
    const odd = "a+b/c d'é";
    sandbox.seed([{ userId: odd, externalIds: ['email:odd@example.com'] }]);
    const oddEmail = { type: 'email', id: 'odd@example.com' };
    expect(await detach('user_id:a+b/c', oddEmail)).toMatchObject({ status: 500 });
    expect(await detach("user_id:it's", oddEmail)).toMatchObject({ status: 500 });
    expect(sandbox.hasExternalId(odd, 'email', 'odd@example.com')).toBe(true);
    const encoded = encodeURIComponent(odd).replaceAll("'", '%27');
    expect(await detach(`user_id:${encoded}`, oddEmail)).toMatchObject({ status: 200 });
    expect(sandbox.hasExternalId(odd, 'email', 'odd@example.com')).toBe(false);
  });

  it('lead to one space and one collection', async () => {
    const { sandbox, authorization } = await start();
    const get = async (path: string) => {
      const response = await fetch(`${sandbox.url}${path}`, { headers: { authorization } });
      return { status: response.status, body: await response.json() };
    };
    const other = '/v1/spaces/other/collections/users/profiles/user_id:ada/external_ids';
    expect(await get(other)).toMatchObject(failure(404, 'not_found'));
    const accounts = `/v1/spaces/${spaceId}/collections/accounts/profiles/user_id:ada/external_ids`;
    expect(await get(accounts)).toMatchObject(failure(400, 'bad_request'));
    const response = await fetch(`${sandbox.url}${other}`, { headers: { authorization: 'Basic dGVzdDo=' } });
    expect(response.status).toBe(401);
  });
});

it('is read page by page', async () => {
  const { read } = await start();
  const first = await read('user_id:ada', '?limit=3');
  expect(first.body).toMatchObject({ data: [{ type: 'user_id', id: 'ada' }, {}, {}], cursor: { has_more: true } });
  const { cursor } = first.body as { cursor: { next: string } };
  const second = await read('user_id:ada', `?limit=3&next=${encodeURIComponent(cursor.next)}`);
  expect(second.body).toMatchObject({ data: [{}, {}], cursor: { has_more: false, next: '' } });
  expect(await read('user_id:ada', '?limit=101')).toMatchObject({ status: 400 });
  expect(await read('user_id:joan')).toMatchObject(failure(404, 'not_found'));
});

it('can be filled and read from another process', async () => {
  const { sandbox } = await start();
  const post = async (path: string, body: unknown) =>
    (await fetch(`${sandbox.url}/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) })).json();
  await post('people', [{ userId: 'joan', externalIds: ['email:joan@example.com'] }]);
  expect(await post('lookup', { ids: ['joan', 'mary'] })).toEqual({
    results: [
      {
        id: 'joan',
        hasProfile: true,
        hasEvents: true,
        isSuppressed: false,
        externalIds: ['user_id:joan', 'email:joan@example.com'],
      },
      { id: 'mary', hasProfile: false, hasEvents: false, isSuppressed: false, externalIds: [] },
    ],
  });
});
