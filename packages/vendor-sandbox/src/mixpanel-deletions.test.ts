import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mixpanelSandboxCredentials } from './mixpanel-access.ts';
import { type Sandbox, startSandbox } from './start-sandbox.ts';

const { projectToken, oauthToken, strangerOauthToken } = mixpanelSandboxCredentials;
const base = '/api/app/data-deletions/v3.0';
const firstId = '1700000000000000001';
const hourMs = 3_600_000;

let sandbox: Sandbox<'mixpanel'>;
beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['mixpanel'] });
});
afterEach(() => sandbox.close());

interface CallOptions {
  bearer?: string;
  token?: string;
  body?: unknown;
  /** By default every call comes a second after the one before. */
  atOnce?: boolean;
}

async function call(method: string, path: string, options: CallOptions = {}) {
  const { bearer = oauthToken, token = projectToken, body, atOnce = false } = options;
  if (!atOnce) sandbox.clock.advance(1000);
  const response = await fetch(`${sandbox.mixpanel.url}${base}${path}?token=${token}`, {
    method,
    headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text === '' ? undefined : JSON.parse(text) };
}

const create = (ids: readonly unknown[], options: CallOptions = {}) =>
  call('POST', '/', { body: { distinct_ids: ids, compliance_type: 'GDPR' }, ...options });
const statusWord = async (id: string = firstId) => (await call('GET', `/${id}/`)).body.results.status;

describe('Mixpanel deletion task: its life', () => {
  it('goes from PENDING to SUCCESS by the clock, and removes profile and events only then', async () => {
    const { mixpanel, clock } = sandbox;
    mixpanel.seed(['ada', 'bob']);
    expect(await create(['ada'])).toMatchObject({ status: 201, body: { status: 'ok', results: { task_id: firstId } } });
    expect(await statusWord()).toBe('PENDING');
    clock.advance(hourMs);
    expect(await statusWord()).toBe('STAGING');
    clock.advance(23 * hourMs);
    expect(await statusWord()).toBe('STARTED');
    clock.advance(47 * hourMs);
    expect(await statusWord()).toBe('STARTED');
    expect(mixpanel.hasProfile('ada')).toBe(true);
    expect(mixpanel.hasEvents('ada')).toBe(true);
    clock.advance(hourMs);
    expect(mixpanel.hasProfile('ada')).toBe(false);
    expect(mixpanel.hasEvents('ada')).toBe(false);
    expect(await statusWord()).toBe('SUCCESS');
    expect(mixpanel.count()).toEqual({ profiles: 1, events: 1 });
    expect(mixpanel.hasProfile('bob')).toBe(true);
  });

  it('describes the task as documented, with or without a slash at the end', async () => {
    await call('POST', '', { body: { distinct_ids: ['ada', 'bob'], compliance_type: 'CCPA' } });
    const described = {
      status: 'ok',
      results: {
        tracking_id: firstId,
        status: 'PENDING',
        requesting_user: 'ops@example.test',
        compliance_type: 'CCPA',
        project_id: mixpanelSandboxCredentials.projectId,
        date_requested: '2026-01-05T10:00:01',
        distinct_ids: ['ada', 'bob'],
      },
    };
    expect((await call('GET', `/${firstId}`)).body).toEqual(described);
    expect((await call('GET', `/${firstId}/`)).body).toEqual(described);
    expect(sandbox.mixpanel.tasks).toMatchObject([{ id: firstId, distinctIds: ['ada', 'bob'], status: 'PENDING' }]);
  });

  it('follows an alias, and removes what stands under either id', async () => {
    const { mixpanel, clock } = sandbox;
    mixpanel.seed([{ distinctId: 'original', aliases: ['alias'] }, 'alias', 'bob']);
    await create(['alias']);
    clock.advance(72 * hourMs);
    expect(mixpanel.count()).toEqual({ profiles: 1, events: 1 });
  });

  it('can take other times', async () => {
    sandbox.mixpanel.settings.taskTimes = { stagingAfterMs: 0, startedAfterMs: 0, successAfterMs: 500 };
    sandbox.mixpanel.seed(['ada']);
    await create(['ada']);
    expect(sandbox.mixpanel.tasks[0]?.status).toBe('STARTED');
    sandbox.clock.advance(500);
    expect(sandbox.mixpanel.hasProfile('ada')).toBe(false);
  });

  it.each(['FAILURE', 'REVOKED', 'NOT_FOUND'] as const)(
    'can be forced to %s, and then deletes nothing',
    async (word) => {
      const { mixpanel, clock } = sandbox;
      mixpanel.seed(['ada']);
      await create(['ada']);
      mixpanel.forceTaskStatus(firstId, word);
      expect(await statusWord()).toBe(word);
      clock.advance(100 * hourMs);
      expect(mixpanel.hasProfile('ada')).toBe(true);
      expect((await create(['ada'])).status).toBe(201);
    },
  );

  it('can be UNKNOWN for a while, and can be done at once', async () => {
    const { mixpanel } = sandbox;
    mixpanel.seed(['ada']);
    await create(['ada']);
    mixpanel.forceTaskStatus(firstId, 'UNKNOWN');
    expect(await statusWord()).toBe('UNKNOWN');
    mixpanel.forceTaskStatus(firstId, undefined);
    expect(await statusWord()).toBe('PENDING');
    mixpanel.forceTaskStatus(firstId, 'SUCCESS');
    expect(mixpanel.hasEvents('ada')).toBe(false);
    expect(() => mixpanel.forceTaskStatus('5', 'SUCCESS')).toThrow('no task');
  });

  it('can fail because of an id without data', async () => {
    const { mixpanel, clock } = sandbox;
    mixpanel.settings.unknownIdsFailTask = true;
    mixpanel.seed(['ada']);
    await create(['ada', 'nobody']);
    clock.advance(72 * hourMs);
    expect(await statusWord()).toBe('FAILURE');
    expect(mixpanel.hasProfile('ada')).toBe(true);
  });
});

describe('Mixpanel deletion task: the replies', () => {
  it('promise no id twice, also where the task is never made', async () => {
    sandbox.mixpanel.seed(['ada', 'bob']);
    sandbox.mixpanel.faults.add({ fault: { type: 'lie' }, times: 1 });
    const promised = (await create(['ada'])).body.results.task_id;
    const made = (await create(['bob'])).body.results.task_id;
    expect([await statusWord(promised), await statusWord(made)]).toEqual(['NOT_FOUND', 'PENDING']);
  });

  it('can name the task as tracking_id in a list', async () => {
    sandbox.mixpanel.settings.createReply = 'array';
    expect(await create(['ada', 'bob'])).toMatchObject({
      status: 200,
      body: {
        status: 'ok',
        results: [
          {
            status: 'PENDING',
            disclosure_type: 'DATA',
            date_requested: '2026-01-05T10:00:01.000001',
            tracking_id: firstId,
            project_id: mixpanelSandboxCredentials.projectId,
            compliance_type: 'gdpr',
            destination_url: null,
            requesting_user: 'ops@example.test',
            distinct_id_count: 2,
          },
        ],
      },
    });
  });

  it('can name the task as a bare number of 19 digits', async () => {
    sandbox.mixpanel.settings.createReply = 'bare-number';
    expect((await create(['ada'])).text).toBe(`{"status":"ok","results":{"task_id":${firstId}}}`);
    expect(await statusWord()).toBe('PENDING');
  });

  it('can name no task, and still make one', async () => {
    sandbox.mixpanel.settings.createReply = 'no-id';
    expect((await create(['ada'])).body).toEqual({ status: 'ok', results: {} });
    expect(sandbox.mixpanel.tasks).toHaveLength(1);
  });

  it('answers NOT_FOUND for a task of nobody or of another project', async () => {
    sandbox.mixpanel.addProject({ projectId: 12, projectToken: 'other', oauthToken });
    await create(['ada']);
    const foreign = await call('GET', `/${firstId}/`, { token: 'other' });
    expect(foreign).toMatchObject({ status: 200, body: { results: { status: 'NOT_FOUND', distinct_ids: [] } } });
    expect(await statusWord('42')).toBe('NOT_FOUND');
    sandbox.mixpanel.settings.taskNotFound = 'error-404';
    expect(await call('GET', '/42/')).toMatchObject({ status: 404, body: { status: 'error' } });
  });

  it('refuses a whole request that names ids of an unfinished task, and names them and the tasks', async () => {
    const { mixpanel, clock } = sandbox;
    await create(['ada', 'bob']);
    await create(['cleo']);
    expect(await create(['dora', 'bob', 'cleo'])).toMatchObject({
      status: 409,
      body: {
        status: 'error',
        error: {
          conflicting_distinct_ids: ['bob', 'cleo'],
          conflicting_task_ids: [firstId, '1700000000000000002'],
          error: expect.any(String),
        },
      },
    });
    expect(mixpanel.tasks).toHaveLength(2);
    clock.advance(72 * hourMs);
    expect((await create(['dora', 'bob', 'cleo'])).status).toBe(201);
  });

  it('reveals the first task when a create is repeated whose answer was lost', async () => {
    const { mixpanel } = sandbox;
    mixpanel.faults.add({ fault: { type: 'reset-after' }, method: 'POST' });
    await expect(create(['ada'])).rejects.toThrow();
    expect((await create(['ada'])).body.error.conflicting_task_ids).toEqual([firstId]);
  });

  it.each([
    [{}],
    [[]],
    [{ distinct_ids: [] }],
    [{ distinct_ids: 'ada' }],
    [{ distinct_ids: [5] }],
    [{ distinct_ids: [''] }],
    [{ distinct_ids: ['ada'], compliance_type: 'LGPD' }],
  ])('refuses %j', async (body) => {
    expect(await call('POST', '/', { body })).toMatchObject({ status: 400, body: { status: 'error' } });
    expect(sandbox.mixpanel.tasks).toEqual([]);
  });

  it('takes 1,999 ids, and fewer with group keys', async () => {
    const ids = Array.from({ length: 2000 }, (_, index) => `person-${index}`);
    expect((await create(ids)).status).toBe(400);
    expect((await create(ids.slice(1))).status).toBe(201);
    sandbox.mixpanel.settings.groupKeys = 3;
    expect((await create(ids.slice(0, 501))).status).toBe(400);
    sandbox.clock.advance(72 * hourMs);
    expect((await create(ids.slice(0, 500))).status).toBe(201);
  });

  it('answers one call a second', async () => {
    expect((await create(['ada'])).status).toBe(201);
    expect(await create(['bob'], { atOnce: true })).toMatchObject({ status: 429, body: { status: 'error' } });
    expect((await call('GET', `/${firstId}/`, { atOnce: true })).status).toBe(429);
    sandbox.clock.advance(999);
    expect((await create(['bob'], { atOnce: true })).status).toBe(429);
    sandbox.clock.advance(1);
    expect((await create(['bob'], { atOnce: true })).status).toBe(201);
  });

  it.each(['POST', 'GET', 'DELETE'])('refuses bad and foreign tokens on %s', async (method) => {
    await create(['ada']);
    const path = method === 'POST' ? '/' : `/${firstId}`;
    const body = method === 'POST' ? { distinct_ids: ['bob'] } : undefined;
    expect(await call(method, path, { bearer: 'wrong', body })).toMatchObject({
      status: 401,
      body: { status: 'error', error: expect.any(String) },
    });
    expect((await call(method, path, { bearer: strangerOauthToken, body })).status).toBe(403);
    expect((await call(method, path, { token: 'no-such-project', body })).status).toBe(403);
    expect(sandbox.mixpanel.tasks).toMatchObject([{ status: 'PENDING' }]);
  });
});

describe('Mixpanel deletion task: calling it back', () => {
  it.each([0, hourMs])('works %d ms after its creation', async (age) => {
    const { mixpanel, clock } = sandbox;
    mixpanel.seed(['ada']);
    await create(['ada']);
    clock.advance(age);
    expect(await call('DELETE', `/${firstId}`)).toMatchObject({ status: 204, text: '' });
    expect(await statusWord()).toBe('REVOKED');
    clock.advance(100 * hourMs);
    expect(mixpanel.hasProfile('ada')).toBe(true);
  });

  it('comes too late once the task has started or ended', async () => {
    const { mixpanel, clock } = sandbox;
    mixpanel.seed(['ada']);
    await create(['ada']);
    clock.advance(24 * hourMs);
    expect(await call('DELETE', `/${firstId}`)).toMatchObject({ status: 405, body: { status: 'error' } });
    expect(await statusWord()).toBe('STARTED');
    clock.advance(48 * hourMs);
    expect((await call('DELETE', `/${firstId}/`)).status).toBe(405);
    expect(mixpanel.hasProfile('ada')).toBe(false);
  });

  it('cannot call back what does not exist, and knows no other method', async () => {
    expect((await call('DELETE', '/42')).status).toBe(404);
    expect((await call('GET', '/')).status).toBe(405);
    expect((await call('PUT', '/42', { body: {} })).status).toBe(405);
  });
});
