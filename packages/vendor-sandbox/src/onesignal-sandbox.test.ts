import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type SandboxClock } from './kit/sandbox-clock.ts';
import { type OneSignalSandbox, oneSignalSandboxCredentials, startOneSignalSandbox } from './onesignal-sandbox.ts';

const { appId, apiKey } = oneSignalSandboxCredentials;
let clock: SandboxClock;
let onesignal: OneSignalSandbox;

beforeEach(async () => {
  clock = createManualClock();
  const options = { clock, limitClock: clock, limits: 'documented', latencyMs: 0, port: 0, keptRequests: 100 } as const;
  onesignal = await startOneSignalSandbox({ ...options, host: '127.0.0.1' });
  onesignal.seed(['ada', { externalId: 'bob', email: 'bob@example.com', aliases: { crm_id: 'crm-2' } }]);
});
afterEach(() => onesignal.close());

interface Ask {
  readonly method?: string;
  readonly authorization?: string | null;
  readonly app?: string;
}

async function ask(label: string, value: string, { method = 'DELETE', authorization, app = appId }: Ask = {}) {
  const url = `${onesignal.url}/apps/${app}/users/by/${label}/${encodeURIComponent(value)}`;
  const headers: Record<string, string> =
    authorization === null ? {} : { Authorization: authorization ?? `Key ${apiKey}` };
  const response = await fetch(url, { method, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

describe('the deletion of a user', () => {
  it('is accepted with the id that OneSignal gave, and done some time later', async () => {
    expect(await ask('external_id', 'ada')).toMatchObject({
      status: 202,
      body: { identity: { onesignal_id: expect.stringMatching(/^[0-9a-f-]{36}$/) } },
    });
    expect([onesignal.hasUser('ada'), onesignal.isBeingDeleted('ada')]).toEqual([true, true]);
    expect(onesignal.count()).toEqual({ users: 2, leaving: 1 });
    clock.advance(300_000);
    expect(onesignal.lookup(['ada', 'bob'])).toMatchObject([{ hasProfile: false }, { hasProfile: true }]);
    expect(await ask('external_id', 'ada')).toMatchObject({
      status: 404,
      body: { errors: [{ code: expect.any(String) }] },
    });
  });

  it.each(['external_id', 'onesignal_id', 'crm_id'])('is known by %s, and takes all aliases along', async (label) => {
    const value = onesignal.find('external_id', 'bob')?.aliases.get(label) ?? '';
    await ask(label, value);
    clock.advance(300_000);
    expect(onesignal.hasUser('bob')).toBe(false);
    expect(onesignal.find('crm_id', 'crm-2')).toBeUndefined();
    expect(onesignal.hasUser('ada')).toBe(true);
  });

  it('leaves somebody alone who came back under the same name', async () => {
    await ask('external_id', 'ada');
    onesignal.seed(['ada']);
    clock.advance(300_000);
    expect(onesignal.hasUser('ada')).toBe(true);
  });

  it('is answered in other forms where told', async () => {
    onesignal.settings.deleteReply = 'errors-in-202';
    expect(await ask('external_id', 'bob')).toMatchObject({ status: 202, body: { errors: [expect.any(String)] } });
    expect(onesignal.isBeingDeleted('bob')).toBe(false);
    onesignal.settings.deleteReply = 'ok-200';
    expect(await ask('external_id', 'ada')).toMatchObject({ status: 200, body: undefined });
    expect(onesignal.isBeingDeleted('ada')).toBe(true);
    onesignal.settings.userNotFound = 'texts';
    expect((await ask('external_id', 'nobody')).body).toEqual({ errors: ['User not found'] });
  });
});

describe('the view of a user', () => {
  it('shows the aliases, or nobody', async () => {
    expect(await ask('crm_id', 'crm-2', { method: 'GET' })).toMatchObject({
      status: 200,
      body: { identity: { external_id: 'bob', crm_id: 'crm-2' }, subscriptions: [{ token: 'bob@example.com' }] },
    });
    clock.advance(1000);
    expect((await ask('external_id', 'BOB', { method: 'GET' })).status).toBe(404);
  });
});

describe('credentials', () => {
  it.each<[string, Ask, number]>([
    ['none', { authorization: null }, 401],
    ['a wrong key', { authorization: 'Key wrong' }, 401],
    ['another scheme', { authorization: `Basic ${apiKey}` }, 401],
    ['the scheme in lower case', { authorization: `key ${apiKey}` }, 202],
    ['another app', { app: '00000000-0000-4000-8000-000000000000' }, 401],
  ])('%s', async (_what, options, status) => {
    expect((await ask('external_id', 'ada', options)).status).toBe(status);
    expect(onesignal.isBeingDeleted('ada')).toBe(status === 202);
  });

  it('can be shown by viewing the app', async () => {
    const view = (key: string) =>
      fetch(`${onesignal.url}/apps/${appId}?view=config`, { headers: { Authorization: `Key ${key}` } });
    expect(await (await view(apiKey)).json()).toMatchObject({ id: appId });
    expect((await view('wrong')).status).toBe(401);
    onesignal.settings.appUnknown = 'not-found-texts';
    expect(await ask('external_id', 'ada', { app: 'x' })).toMatchObject({
      status: 404,
      body: { errors: ['App not found'] },
    });
  });
});

describe('limits', () => {
  it('are one deletion of the same user and one view a second', async () => {
    expect((await ask('external_id', 'ada')).status).toBe(202);
    const { status, headers } = await ask('external_id', 'ada');
    expect([status, headers.get('retry-after')]).toEqual([429, '1']);
    expect((await ask('external_id', 'bob')).status).toBe(202);
    expect((await ask('external_id', 'bob', { method: 'GET' })).status).toBe(200);
    expect((await ask('external_id', 'ada', { method: 'GET' })).status).toBe(429);
    clock.advance(1000);
    expect((await ask('external_id', 'ada', { method: 'GET' })).status).toBe(200);
  });
});

it('names what is wrong with a person', () => {
  expect(() => onesignal.seed([{ email: 'x@example.com' } as never])).toThrow('Person 0: "externalId" is missing');
  expect(() => onesignal.seed([{ externalId: 'x', aliases: { crm: 1 } } as never])).toThrow('"aliases" must be texts');
  expect(() => onesignal.seed([{ externalId: 'x', aliases: 'y' } as never])).toThrow('"aliases" must be texts');
  expect(() => onesignal.seed([{ externalId: 'x', phone: '1' } as never])).toThrow('"phone" that means nothing');
  expect(() => onesignal.seed([7 as never])).toThrow('Person 0 must be an object');
});
