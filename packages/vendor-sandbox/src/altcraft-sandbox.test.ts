import { afterEach, describe, expect, it } from 'vitest';
import { type AltcraftSandbox, startAltcraftSandbox } from './altcraft-sandbox.ts';
import { type AltcraftSettings, altcraftSandboxCredentials } from './altcraft-settings.ts';
import { createManualClock } from './kit/sandbox-clock.ts';

const { token, databaseId } = altcraftSandboxCredentials;
const ada = '65a1b2c3d4e5f60718293a4b';
const grace = '65a1b2c3d4e5f60718293a4c';
const running: AltcraftSandbox[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

async function start(settings: Partial<AltcraftSettings> = {}) {
  const clock = createManualClock();
  const sandbox = await startAltcraftSandbox({
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
    {
      id: ada,
      email: 'ada@example.com',
      phones: ['+15550100'],
      fields: { CRM_ID: '123420', number: 5, tags: ['tag-1', 'tag-2', 'tag-3'] },
    },
    {
      id: grace,
      email: 'grace@example.com',
      fields: { CRM_ID: '999', number: 6 },
      subscriptions: [{ resourceId: 24, channel: 'email', email: 'shared@example.com' }],
    },
  ]);
  async function post(method: string, body: object, headers: Record<string, string> = {}) {
    const response = await fetch(`${sandbox.url}/api/v1.1/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const parsed: unknown = await response.json();
    return { status: response.status, body: parsed };
  }
  const remove = (matching: object) => post('profiles/delete', { token, db_id: databaseId, ...matching });
  async function postXml(method: string, xml: string) {
    const response = await fetch(`${sandbox.url}/api/v1.1/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/xml' },
      body: xml,
    });
    return { type: response.headers.get('content-type'), text: await response.text() };
  }
  return { sandbox, post, postXml, remove };
}

function deleted(profileId: string) {
  return { status: 200, body: { data: { profile_id: profileId }, error: 0, error_text: 'Successful operation' } };
}

function failed(error: number, status = 200) {
  return { status, body: { error, error_text: expect.any(String) } };
}

describe('profiles/delete', () => {
  it.each([
    ['email by default', { email: 'ada@example.com' }],
    ['email', { matching: 'email', email: 'ada@example.com' }],
    ['phone', { matching: 'phone', phone: '+15550100' }],
    ['profile_id', { matching: 'profile_id', profile_id: ada }],
    ['a custom text', { matching: 'custom', field_name: 'CRM_ID', field_value: '123420' }],
    ['a custom number', { matching: 'custom', field_name: 'number', field_value: 5 }],
    ['a combination of tags', { matching: 'custom', field_name: 'tags', field_value: 'tag-1, tag-3' }],
  ])('removes at once the one matched by %s', async (_case, matching) => {
    const { sandbox, remove } = await start();
    expect(await remove(matching)).toMatchObject(deleted(ada));
    expect([sandbox.hasProfile(ada), sandbox.hasProfile(grace)]).toEqual([false, true]);
    expect(await remove(matching)).toMatchObject(failed(404));
  });

  it("matches an email also by another person's subscription", async () => {
    const { sandbox, remove } = await start();
    expect(await remove({ email: 'shared@example.com', resource_id: 25 })).toMatchObject(failed(404));
    expect(await remove({ email: 'shared@example.com', resource_id: 24 })).toMatchObject(deleted(grace));
    expect(sandbox.hasProfile(grace)).toBe(false);
  });

  it('takes the oldest of several matches, or refuses', async () => {
    const { sandbox, remove } = await start();
    const second = { id: '65a1b2c3d4e5f60718293a4d', email: 'ada@example.com' };
    sandbox.seed([second]);
    sandbox.settings.severalMatches = 'refuse';
    expect(await remove({ email: 'ada@example.com' })).toMatchObject(failed(400));
    sandbox.settings.severalMatches = 'first';
    expect(await remove({ email: 'ada@example.com' })).toMatchObject(deleted(ada));
    expect(sandbox.hasProfile(second.id)).toBe(true);
  });

  it('tells the string "5" from the number 5, unless told', async () => {
    const { sandbox, remove } = await start();
    const matching = { matching: 'custom', field_name: 'number', field_value: '5' };
    expect(await remove(matching)).toMatchObject(failed(404));
    sandbox.settings.strictFieldTypes = false;
    expect(await remove(matching)).toMatchObject(deleted(ada));
  });

  it.each([
    {},
    { email: 7 },
    { matching: 'phone', email: 'ada@example.com' },
    { matching: 'custom', field_value: '123420' },
    { matching: 'email_profile', email: 'ada@example.com' },
    { email: 'ada@example.com', db_id: '1' },
  ])('refuses %o', async (matching) => {
    const { sandbox, remove } = await start();
    expect(await remove(matching)).toMatchObject(failed(400));
    expect(sandbox.hasProfile(ada)).toBe(true);
  });

  it.each([
    [{ mayDeleteProfiles: false }, 403, 200],
    [{ tariffLimitReached: true }, 402, 200],
    [{ databases: [] }, 404, 200],
    [{ mayDeleteProfiles: false, mirrorHttpStatus: true }, 403, 403],
  ])('is refused by an account with %o', async (settings, error, status) => {
    const { sandbox, remove } = await start(settings);
    expect(await remove({ email: 'ada@example.com' })).toMatchObject(failed(error, status));
    expect(sandbox.hasProfile(ada)).toBe(true);
  });

  it('wants the token in the body or as a bearer', async () => {
    const { sandbox, post } = await start();
    const body = { db_id: databaseId, email: 'ada@example.com' };
    expect(await post('profiles/delete', body)).toMatchObject(failed(401));
    expect(await post('profiles/delete', { ...body, token: 'test-token' })).toMatchObject(failed(403));
    expect(sandbox.hasProfile(ada)).toBe(true);
    expect(await post('profiles/delete/', body, { authorization: `Bearer ${token}` })).toMatchObject(deleted(ada));
  });
});

describe('profiles/get', () => {
  it('shows the profile under other names, with and without a slash at the end', async () => {
    const { post } = await start();
    const question = { token, db_id: databaseId, matching: 'profile_id', profile_id: grace };
    const subscriptions = [{ channel: 'email', email: 'shared@example.com', is_delete: false }];
    const data = { id: grace, db_id: databaseId, email: 'grace@example.com', CRM_ID: '999', subscriptions };
    expect(await post('profiles/get/', question)).toMatchObject({ body: { data, error: 0 } });
    expect(await post('profiles/get', question)).toMatchObject({ body: { data, error: 0 } });
    expect(await post('profiles/get', { ...question, profile_id: 'f'.repeat(24) })).toMatchObject(failed(404));
  });

  it('can keep subscription addresses out', async () => {
    const { post } = await start();
    const question = { token, db_id: databaseId, email: 'shared@example.com' };
    expect(await post('profiles/get', { ...question, matching: 'email_profile' })).toMatchObject(failed(404));
    expect(await post('profiles/get', { ...question, matching: 'email_sub' })).toMatchObject({
      body: { data: { id: grace } },
    });
  });
});

it('lists databases page by page', async () => {
  const databases = [1, 2, 3].map((id) => ({ id, name: `Database ${id}` }));
  const { post } = await start({ databases });
  expect(await post('databases/list/', { token, limit: 2 })).toMatchObject({
    body: { data: [{ id: 1 }, { id: 2 }], next_from_id: 3, total_count: 3, error: 0 },
  });
  const rest = await post('databases/list', { token, from_id: 3 });
  expect(rest.body).toMatchObject({ data: [{ id: 3, name: 'Database 3' }] });
  expect(rest.body).not.toHaveProperty('next_from_id');
});

describe('XML', () => {
  it('goes both ways, and everything in it is text', async () => {
    const { sandbox, postXml } = await start();
    const { type, text } = await postXml(
      'profiles/delete',
      `<?xml version="1.0" encoding="UTF-8"?>
<xml><token>${token}</token><db_id>1</db_id><matching>custom</matching>
<field_name>number</field_name><field_value>5</field_value></xml>`,
    );
    expect(type).toContain('application/xml');
    const envelope = '<error>0</error><error_text>Successful operation</error_text>';
    expect(text).toBe(`<xml><data><profile_id>${ada}</profile_id></data>${envelope}</xml>`);
    expect([sandbox.hasProfile(ada), sandbox.hasProfile(grace)]).toEqual([false, true]);
  });

  it('is answered in JSON where asked for, and the other way round', async () => {
    const { sandbox, postXml } = await start();
    const json = await postXml('databases/list', `<xml><token>${token}</token><format>json</format></xml>`);
    expect(JSON.parse(json.text)).toMatchObject({ data: [{ id: 1 }] });
    const response = await fetch(`${sandbox.url}/api/v1.1/databases/list`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, format: 'xml' }),
    });
    expect(await response.text()).toContain(
      '<data><id>1</id><name>Customers</name></data><total_count>1</total_count>',
    );
  });

  it('that is broken is a bad request', async () => {
    const { postXml } = await start();
    expect((await postXml('profiles/delete', '<xml><token>')).text).toContain('<error>400</error>');
  });
});
