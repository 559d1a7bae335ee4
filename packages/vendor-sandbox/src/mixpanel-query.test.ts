import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mixpanelSandboxCredentials, type ServiceAccount } from './mixpanel-access.ts';
import { type Sandbox, startSandbox } from './start-sandbox.ts';

const { projectId, serviceAccount, strangerServiceAccount } = mixpanelSandboxCredentials;
const hourMs = 3_600_000;

let sandbox: Sandbox<'mixpanel'>;
beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['mixpanel'] });
});
afterEach(() => sandbox.close());

const basic = ({ username, secret }: ServiceAccount) => ({
  Authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`,
});

async function query(form: Record<string, string>, account: ServiceAccount = serviceAccount, project = `${projectId}`) {
  const response = await fetch(`${sandbox.mixpanel.url}/api/query/engage?project_id=${project}`, {
    method: 'POST',
    headers: basic(account),
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

async function get(path: string, account: ServiceAccount = serviceAccount) {
  const response = await fetch(`${sandbox.mixpanel.url}${path}`, { headers: basic(account) });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe('Mixpanel profile query', () => {
  it('gives those of the asked profiles that exist', async () => {
    const { mixpanel } = sandbox;
    mixpanel.seed([{ distinctId: 'ada', email: 'ada@example.test' }, 'bob', { distinctId: 'cleo', hasProfile: false }]);
    expect(await query({ distinct_ids: '["ada","cleo","nobody"]' })).toEqual({
      status: 200,
      body: {
        results: [{ $distinct_id: 'ada', $properties: { $email: 'ada@example.test' } }],
        page: 0,
        page_size: 1000,
        session_id: expect.any(String),
        status: 'ok',
        total: 1,
        computed_at: '2026-01-05T10:00:00.000000+00:00',
      },
    });
    const one = await query({ distinct_id: 'bob', output_properties: '[]' });
    expect(one.body.results).toEqual([{ $distinct_id: 'bob', $properties: {} }]);
  });

  it('gives an empty result for somebody absent', async () => {
    const reply = await query({ distinct_ids: '["nobody"]' });
    expect(reply).toMatchObject({ status: 200, body: { results: [], total: 0, status: 'ok' } });
  });

  it('gives only the asked properties', async () => {
    sandbox.mixpanel.seed([{ distinctId: 'ada', email: 'ada@example.test' }]);
    const reply = await query({ distinct_ids: '["ada"]', output_properties: '["$name"]' });
    expect(reply.body.results).toEqual([{ $distinct_id: 'ada', $properties: {} }]);
  });

  it('can give ids made of digits as numbers, and is asked with either', async () => {
    sandbox.mixpanel.seed(['13793', '007-james']);
    sandbox.mixpanel.settings.numericDistinctIds = true;
    const reply = await query({ distinct_ids: '[13793,"007-james"]' });
    expect(reply.body.results.map((result: { $distinct_id: unknown }) => result.$distinct_id)).toEqual([
      13793,
      '007-james',
    ]);
  });

  it('pages through everybody when nobody is named', async () => {
    sandbox.mixpanel.seed(Array.from({ length: 1001 }, (_, index) => `person-${index}`));
    const first = await query({});
    const second = await query({ page: '1' });
    expect([first.body.results.length, first.body.total, second.body.results.length]).toEqual([1000, 1001, 1]);
  });

  it('refuses unknown accounts, strangers, and questions it cannot read', async () => {
    expect((await query({}, { username: 'nobody', secret: 'wrong' })).status).toBe(401);
    expect((await query({}, { ...serviceAccount, secret: 'wrong' })).status).toBe(401);
    const notAMember = {
      status: 403,
      body: { request: '/api/query/engage', error: 'User is not a member of this project' },
    };
    expect(await query({}, strangerServiceAccount)).toEqual(notAMember);
    expect(await query({}, serviceAccount, '999')).toEqual(notAMember);
    expect((await query({}, serviceAccount, 'not-a-number')).status).toBe(400);
    expect((await query({ distinct_ids: 'ada' })).status).toBe(400);
  });

  it('keeps projects apart', async () => {
    const account = { username: 'other-account', secret: 'other-secret' };
    const other = sandbox.mixpanel.addProject({ projectId: 12, projectToken: 'other', serviceAccount: account });
    other.seed(['ada']);
    expect((await query({ distinct_ids: '["ada"]' })).body.total).toBe(0);
    expect((await query({ distinct_ids: '["ada"]' }, account, '12')).body.total).toBe(1);
    expect((await query({ distinct_ids: '["ada"]' }, account)).status).toBe(403);
  });

  it('answers 60 queries an hour', async () => {
    for (let index = 0; index < 60; index += 1) expect((await query({ distinct_id: 'ada' })).status).toBe(200);
    expect((await query({ distinct_id: 'ada' })).status).toBe(429);
    sandbox.clock.advance(hourMs);
    expect((await query({ distinct_id: 'ada' })).status).toBe(200);
  });

  it('lets five queries run at once', async () => {
    await sandbox.close();
    sandbox = await startSandbox({ vendors: ['mixpanel'], latencyMs: 1500 });
    const replies = await Promise.all(Array.from({ length: 7 }, () => query({ distinct_id: 'ada' })));
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(2);
    expect((await query({ distinct_id: 'ada' })).status).toBe(200);
  });
});

describe('Mixpanel event query', () => {
  const path = (ids: string) =>
    `/api/query/stream/query?project_id=${projectId}&distinct_ids=${encodeURIComponent(ids)}&from_date=2026-01-01&to_date=2026-01-05`;

  it('gives the events of the asked ids', async () => {
    sandbox.mixpanel.seed(['ada', { distinctId: 'bob', hasEvents: false }]);
    const reply = await get(path('["ada","bob"]'));
    expect(reply).toMatchObject({
      status: 200,
      body: { status: 'ok', results: { events: [{ properties: { distinct_id: 'ada' } }] } },
    });
    expect((await get(path('["bob"]'))).body.results).toEqual({ events: [] });
    expect((await get(path('bob'))).status).toBe(400);
  });

  it('refuses strangers in the recorded form', async () => {
    expect(await get(path('["ada"]'), strangerServiceAccount)).toEqual({
      status: 403,
      body: { request: '/api/query/stream/query', error: 'User is not a member of this project' },
    });
  });
});

describe('Mixpanel /api/app/me', () => {
  it('names the projects of the service account', async () => {
    expect(await get('/api/app/me')).toMatchObject({
      status: 200,
      body: { status: 'ok', results: { projects: { [projectId]: { id: projectId } } } },
    });
    expect((await get('/api/app/me/', strangerServiceAccount)).body.results.projects).toEqual({});
    expect(await get('/api/app/me', { username: 'nobody', secret: 'wrong' })).toMatchObject({
      status: 401,
      body: { status: 'error' },
    });
  });

  it('is one of few paths', async () => {
    expect((await get('/api/app/you')).status).toBe(404);
  });
});
