import { describe, expect, it, onTestFinished } from 'vitest';
import { type BrazeSettings, startBrazeSandbox } from './braze-sandbox.ts';

// A fake vendor is only worth something if it does what docs/vendors/braze.md says.

const minuteMs = 60_000;

async function startBraze(settings: Partial<BrazeSettings> = {}) {
  const braze = await startBrazeSandbox({ settings });
  onTestFinished(() => braze.close());
  const post = async (path: string, body: unknown, key: string = braze.credentials.apiKey) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(`${braze.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
  };
  const show = async (body: object) => (await post('/users/export/ids', body)).body;
  return { braze, post, show };
}

it('lets in only who has the credentials', async () => {
  const { post } = await startBraze();
  expect(await post('/users/delete', { external_ids: ['ada'] }, 'wrong')).toMatchObject({
    status: 401,
    body: { message: 'Unauthorized' },
  });
});

describe('a deletion', () => {
  it('is queued at once and done after five minutes, for exactly these ids', async () => {
    const { braze, post } = await startBraze();
    braze.seed(['ada', 'Ada', 'bob']);
    const taken = await post('/users/delete', { external_ids: ['ada', 'nobody'] });
    expect(taken).toMatchObject({ status: 201, body: { deleted: 2 } });
    braze.clock.advance(5 * minuteMs - 1);
    expect(braze.has('ada')).toBe(true);
    braze.clock.advance(1);
    expect(['ada', 'Ada', 'bob'].filter(braze.has)).toEqual(['Ada', 'bob']);
  });

  it('may count only the ids that somebody has', async () => {
    const { braze, post } = await startBraze({ countsUnknownIds: false, successStatus: 200 });
    braze.seed(['ada']);
    const taken = await post('/users/delete', { external_ids: ['ada', 'nobody'] });
    expect(taken).toMatchObject({ status: 200, body: { deleted: 1 } });
  });

  it('goes by Braze id and by alias too', async () => {
    const { braze, post } = await startBraze({ deletionAfterMs: 0 });
    braze.seed([
      { brazeId: 'b1' },
      { externalId: 'ada', aliasName: 'a1', aliasLabel: 'crm' },
      { externalId: 'bob', aliasName: 'a1', aliasLabel: 'shop' },
    ]);
    await post('/users/delete', { braze_ids: ['b1'] });
    await post('/users/delete', { user_aliases: [{ alias_name: 'a1', alias_label: 'crm' }] });
    expect(braze.find({ kind: 'braze_id', value: 'b1' })).toBeUndefined();
    expect([braze.has('ada'), braze.has('bob')]).toEqual([false, true]);
    expect(braze.count()).toEqual({ profiles: 1 });
  });

  it.each([
    ['nobody', { external_ids: [] }],
    ['two kinds of ids', { external_ids: ['ada'], braze_ids: ['b1'] }],
    ['ids that are no texts', { external_ids: [7] }],
    ['an alias without a label', { user_aliases: [{ alias_name: 'a1' }] }],
    ['an address', { email_addresses: [{ email: 'ada@example.com', prioritization: ['identified'] }] }],
    ['a list', []],
  ])('is refused with %s', async (_name, body) => {
    const { braze, post } = await startBraze({ deletionAfterMs: 0 });
    braze.seed(['ada']);
    expect(await post('/users/delete', body)).toMatchObject({ status: 400, body: { message: 'Bad Request' } });
    expect(braze.has('ada')).toBe(true);
  });

  it('takes fifty ids', async () => {
    const { post } = await startBraze();
    const ids = Array.from({ length: 51 }, (_, index) => `id-${index}`);
    expect((await post('/users/delete', { external_ids: ids.slice(1) })).status).toBe(201);
    expect(await post('/users/delete', { external_ids: ids })).toMatchObject({
      status: 400,
      body: { message: 'The max number of ids per request was exceeded' },
    });
  });
});

describe('an export', () => {
  it('shows the fields that were asked for, and names who is unknown', async () => {
    const { braze, show } = await startBraze();
    braze.seed([{ externalId: 'ada', brazeId: 'b1', aliasName: 'a1', aliasLabel: 'crm' }]);
    expect(await show({ external_ids: ['ada', 'nobody'], fields_to_export: ['external_id'] })).toEqual({
      message: 'success',
      users: [{ external_id: 'ada' }],
      invalid_user_ids: ['nobody'],
    });
    expect(await show({ braze_id: 'b1', fields_to_export: ['braze_id', 'email'] })).toEqual({
      message: 'success',
      users: [{ braze_id: 'b1' }],
    });
    const alias = { alias_name: 'a1', alias_label: 'crm' };
    expect(await show({ user_aliases: [alias], fields_to_export: ['user_aliases'] })).toEqual({
      message: 'success',
      users: [{ user_aliases: [alias] }],
    });
  });

  it('may leave out who is unknown', async () => {
    const { show } = await startBraze({ namesUnknownIds: false });
    expect(await show({ external_ids: ['nobody'], fields_to_export: ['external_id'] })).toEqual({
      message: 'success',
      users: [],
    });
  });

  it('is refused without fields, without ids and with more than fifty', async () => {
    const { post } = await startBraze();
    const fields_to_export = ['external_id'];
    const external_ids = Array.from({ length: 51 }, (_, index) => `id-${index}`);
    expect((await post('/users/export/ids', { external_ids: ['ada'] })).status).toBe(400);
    expect((await post('/users/export/ids', { fields_to_export })).status).toBe(400);
    expect((await post('/users/export/ids', { user_aliases: [7], fields_to_export })).status).toBe(400);
    expect((await post('/users/export/ids', { external_ids, fields_to_export })).body).toMatchObject({
      message: 'The max number of external_ids and aliases per request was exceeded',
    });
  });
});

it('refuses what the key may not do, and other paths', async () => {
  const { post } = await startBraze({ mayDelete: false, mayExport: false });
  const denied = { status: 403, body: { message: 'Access Denied' } };
  expect(await post('/users/delete', { external_ids: ['ada'] })).toMatchObject(denied);
  expect(await post('/users/export/ids', {})).toMatchObject(denied);
  expect(await post('/users', {})).toMatchObject({ status: 404, body: { message: 'Not Found' } });
});

it('says how many calls are left, and refuses more for a minute', async () => {
  const { braze, post } = await startBraze({ exportsPerMinute: 2 });
  const read = () => post('/users/export/ids', { external_ids: ['ada'], fields_to_export: ['external_id'] });
  expect((await read()).headers.get('x-ratelimit-remaining')).toBe('1');
  await read();
  const refused = await read();
  expect(refused).toMatchObject({ status: 429, body: { message: 'Rate Limited' } });
  expect(refused.headers.get('x-ratelimit-reset')).toBe(`${(braze.clock.now() + minuteMs) / 1000}`);
  braze.clock.advance(minuteMs);
  expect((await read()).status).toBe(201);
});

it('says which seeded person is no use', async () => {
  const { braze } = await startBraze();
  expect(() => braze.seed(['ada', { aliasName: 'a1' }])).toThrow('Person 1: an alias has');
  braze.seed([{ externalId: 'ada', brazeId: 'b1' }]);
  expect(braze.seed(['ada'])).toBe(1);
  expect(braze.lookup(['ada', 'bob'])).toMatchObject([{ hasProfile: true }, { hasProfile: false }]);
  expect(braze.count()).toEqual({ profiles: 1 });
});
