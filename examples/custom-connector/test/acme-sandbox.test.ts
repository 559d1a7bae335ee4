import { expect, it, onTestFinished } from 'vitest';
import { startAcmeSandbox } from './acme-sandbox.ts';

// A fake vendor is only worth something if it does what acme.md says.

async function startAcme() {
  const acme = await startAcmeSandbox();
  onTestFinished(() => acme.close());
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    key: string = acme.credentials.apiKey,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const headers = { authorization: `Bearer ${key}` };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${acme.url}${path}`, init);
    return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
  };
  return { acme, call };
}

it('lets in only who has the credentials', async () => {
  const { call } = await startAcme();
  expect(await call('GET', '/v1/account')).toEqual({ status: 200, ok: true, account: 'acc_1' });
  expect(await call('GET', '/v1/account', undefined, 'wrong')).toEqual({ status: 401, ok: false, error: 'bad_key' });
});

it('takes a deletion, tells how it stands, and is done after a day', async () => {
  const { acme, call } = await startAcme();
  acme.seed(['ada', 'a/b']);
  expect(await call('GET', '/v1/users/a%2Fb')).toMatchObject({ ok: true, user: { id: 'a/b' } });
  const taken = await call('POST', '/v1/deletions', { user_ids: ['ada', 'nobody'] });
  expect(taken).toEqual({ status: 200, ok: true, job: 'job-0', unknown: ['nobody'] });
  const states: unknown[] = [];
  for (const hours of [0, 1, 23]) {
    acme.clock.advance(hours * 3_600_000);
    states.push((await call('GET', '/v1/deletions/job-0')).state);
  }
  expect(states).toEqual(['queued', 'running', 'done']);
  expect(await call('GET', '/v1/users/ada')).toEqual({ status: 404, ok: false, error: 'unknown_user' });
  expect(acme.has('a/b')).toBe(true);
});

it('refuses as its documents say', async () => {
  const { acme, call } = await startAcme();
  const take = (ids: unknown) => call('POST', '/v1/deletions', { user_ids: ids });
  expect(await take([])).toMatchObject({ status: 400, error: 'bad_ids' });
  expect(await take([7])).toMatchObject({ status: 400, error: 'bad_ids' });
  expect(await take(Array(101).fill('ada'))).toMatchObject({ status: 413, error: 'too_many_ids' });
  expect(await call('GET', '/v1/deletions/job-9')).toMatchObject({ status: 404, error: 'unknown_job' });
  expect(await call('GET', '/v2/account')).toMatchObject({ status: 404, error: 'no_such_path' });
  acme.settings.isPlanUsedUp = true;
  expect(await take(['ada'])).toEqual({ status: 200, ok: false, error: 'plan_limit' });
});

it('takes ten calls a second', async () => {
  const { acme, call } = await startAcme();
  for (let index = 0; index < 10; index += 1) await call('GET', '/v1/account');
  expect(await call('GET', '/v1/account')).toEqual({ status: 429, ok: false, error: 'too_fast' });
  acme.clock.advance(1000);
  expect(await call('GET', '/v1/account')).toMatchObject({ status: 200 });
});
