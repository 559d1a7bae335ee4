import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from './kit/sandbox-clock.ts';
import { type SegmentSandbox, startSegmentSandbox } from './segment-sandbox.ts';
import { type SegmentSettings, segmentSandboxCredentials } from './segment-settings.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
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
  const authorization = `Bearer ${segmentSandboxCredentials.publicApiToken}`;
  const get = (path: string) => call(`${sandbox.url}${path}`, { headers: { authorization } });
  const post = (path: string, body: unknown) =>
    call(`${sandbox.url}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return { clock, sandbox, get, post };
}

async function call(url: string, init: RequestInit) {
  const response = await fetch(url, init);
  const body: unknown = await response.json();
  return { status: response.status, headers: response.headers, body };
}

function order(regulationType: string, ...subjectIds: string[]) {
  return { regulationType, subjectType: 'USER_ID', subjectIds };
}

function regulation(fields: Record<string, unknown>) {
  return { status: 200, body: { data: { regulation: fields } } };
}

describe('a regulation', () => {
  it('is worked on in time, and deletes at its end and nobody else', async () => {
    const { clock, sandbox, get, post } = await start();
    sandbox.seed(['ada', 'grace']);
    const created = await post('/regulations', order('DELETE_ONLY', 'ada'));
    expect(created).toMatchObject({ status: 200, body: { data: { regulateId: 'reg_1' } } });
    expect(await get('/regulations/reg_1')).toMatchObject(regulation({ id: 'reg_1', overallStatus: 'INITIALIZED' }));

    clock.advance(hourMs);
    const unfinished = await get('/regulations/reg_1');
    expect(unfinished).toMatchObject(regulation({ overallStatus: 'RUNNING', workspaceId: 'ws_1' }));
    expect(unfinished.body).not.toHaveProperty('data.regulation.finishedAt');
    expect(sandbox.hasData('ada')).toBe(true);

    clock.advance(2 * dayMs);
    const part = { id: 'dst_1', name: 'Amplitude', status: 'FINISHED', errString: '' };
    const streamStatus = [{ id: 'src_web', destinationStatus: [part] }, { id: 'src_crm' }];
    const finished = regulation({
      overallStatus: 'FINISHED',
      createdAt: '2026-01-05T10:00:00.000Z',
      finishedAt: '2026-01-07T10:00:00.000Z',
      streamStatus,
    });
    expect(await get('/regulations/reg_1')).toMatchObject(finished);
    expect([sandbox.hasData('ada'), sandbox.hasData('grace')]).toEqual([false, true]);
  });

  it('ends as FAILED because of a destination while the data at Segment is gone', async () => {
    const destinations = [{ id: 'dst_7', name: 'Oldtool', ends: 'NOT_SUPPORTED' as const }];
    const { clock, sandbox, get, post } = await start({ sources: [{ id: 'src_web', kind: 'event', destinations }] });
    sandbox.seed(['ada', 'grace']);
    await post('/regulations', order('DELETE_ONLY', 'ada'));
    await post('/regulations', order('DELETE_INTERNAL', 'grace'));
    clock.advance(3 * dayMs);
    const streamStatus = [{ destinationStatus: [{ name: 'Oldtool', status: 'NOT_SUPPORTED' }] }];
    expect(await get('/regulations/reg_1')).toMatchObject(regulation({ overallStatus: 'FAILED', streamStatus }));
    // Nothing is forwarded of an internal deletion, so no destination can fail it.
    expect(await get('/regulations/reg_2')).toMatchObject(regulation({ overallStatus: 'FINISHED', streamStatus: [] }));
    expect([sandbox.hasData('ada'), sandbox.hasData('grace')]).toEqual([false, false]);
  });

  it.each([
    [{ status: 'PARTIAL_SUCCESS' }, false],
    [{ status: 'FAILED', segmentDeleted: true }, false],
    [{ status: 'FAILED', segmentDeleted: false }, true],
    [{ status: 'NOT_SUPPORTED' }, true],
    [{ status: 'INVALID' }, true],
  ] as const)('can be made to end as %o', async (ending, isStillThere) => {
    const { clock, sandbox, get, post } = await start({ ending });
    sandbox.seed(['ada']);
    await post('/regulations', order('DELETE_INTERNAL', 'ada'));
    clock.advance(3 * dayMs);
    expect(await get('/regulations/reg_1')).toMatchObject(regulation({ overallStatus: ending.status }));
    expect(sandbox.hasData('ada')).toBe(isStillThere);
  });

  it('is forgotten after 90 days', async () => {
    const { clock, get, post } = await start();
    await post('/regulations', order('DELETE_INTERNAL', 'ada'));
    clock.advance(90 * dayMs);
    expect(await get('/regulations/reg_1')).toMatchObject({ status: 404, body: { errors: [{ type: 'not-found' }] } });
    expect(await get('/regulations?pagination[count]=10')).toMatchObject({ body: { data: { regulations: [] } } });
  });

  it('of a source deletes there only', async () => {
    const { clock, sandbox, post } = await start({
      sources: [
        { id: 'src_web', kind: 'event', destinations: [] },
        { id: 'src_app', kind: 'event', destinations: [] },
        { id: 'src_crm', kind: 'cloud', destinations: [] },
      ],
    });
    sandbox.seed([{ userId: 'ada', anonymousId: 'device-1' }]);
    sandbox.seedRecords([
      { sourceId: 'src_app', userId: 'ada' },
      { sourceId: 'src_crm', objectId: 'obj-9', collection: 'contacts' },
      { sourceId: 'src_crm', objectId: 'obj-9', collection: 'leads' },
      { sourceId: 'src_web', anonymousId: 'device-2' },
    ]);
    await post('/regulations/sources/src_app', order('DELETE_INTERNAL', 'ada'));
    const objects = { regulationType: 'DELETE_INTERNAL', subjectType: 'OBJECT_ID', subjectIds: ['obj-9'] };
    await post('/regulations/cloudsources/src_crm', { ...objects, collection: 'contacts' });
    const device = { regulationType: 'DELETE_ARCHIVE_ONLY', subjectType: 'ANONYMOUS_ID', subjectIds: ['device-2'] };
    await post('/regulations/sources/src_web', device);
    clock.advance(3 * dayMs);
    expect([sandbox.hasData('ada', 'src_app'), sandbox.hasData('ada', 'src_web')]).toEqual([false, true]);
    expect(sandbox.hasRecords('OBJECT_ID', 'obj-9')).toBe(true);
    expect(sandbox.hasRecords('ANONYMOUS_ID', 'device-1')).toBe(true);
    expect(sandbox.hasRecords('ANONYMOUS_ID', 'device-2')).toBe(false);
  });
});

describe('suppression', () => {
  it('begins after a day, is listed page by page, and ends by UNSUPPRESS', async () => {
    const { clock, sandbox, get, post } = await start();
    sandbox.seed(['ada']);
    await post('/regulations', order('SUPPRESS_ONLY', 'ada', 'grace'));
    expect(sandbox.isSuppressed('ada')).toBe(false);
    clock.advance(dayMs);
    expect([sandbox.isSuppressed('ada'), sandbox.hasData('ada')]).toEqual([true, true]);

    const first = await get('/suppressions?pagination[count]=1');
    const suppressed = (id: string) => ({ data: { suppressed: [{ subjectType: 'USER_ID', subjectIds: [id] }] } });
    expect(first.body).toMatchObject(suppressed('ada'));
    expect(first.body).toHaveProperty('data.pagination.next');
    const { data } = first.body as { data: { pagination: { next: string } } };
    const next = encodeURIComponent(data.pagination.next);
    const second = await get(`/suppressions?pagination[count]=1&pagination[cursor]=${next}`);
    expect(second.body).toMatchObject(suppressed('grace'));
    expect(second.body).not.toHaveProperty('data.pagination.next');

    await post('/regulations', order('UNSUPPRESS', 'ada'));
    clock.advance(dayMs);
    expect([sandbox.isSuppressed('ada'), sandbox.isSuppressed('grace')]).toEqual([false, true]);
  });

  it('of the workspace is not ended by a source', async () => {
    const { clock, sandbox, get, post } = await start();
    await post('/regulations', order('SUPPRESS_WITH_DELETE', 'ada'));
    clock.advance(dayMs);
    await post('/regulations/sources/src_web', order('UNSUPPRESS', 'ada'));
    clock.advance(dayMs);
    expect(sandbox.isSuppressed('ada')).toBe(true);
    expect(await get('/regulations/reg_2')).toMatchObject(regulation({ overallStatus: 'FAILED' }));
  });
});

describe('lists', () => {
  it('show subjects and status; the one of a source has no pagination', async () => {
    const { get, post } = await start();
    await post('/regulations', order('DELETE_INTERNAL', 'ada', 'grace'));
    await post('/regulations/sources/src_web', order('DELETE_INTERNAL', 'joan'));
    const listed = { id: 'reg_1', subjects: ['ada', 'grace'], subjectType: 'USER_ID', status: 'INITIALIZED' };
    const workspace = await get('/regulations?pagination%5Bcount%5D=100');
    expect(workspace.body).toMatchObject({ data: { regulations: [listed], pagination: { totalEntries: 1 } } });
    const source = await get('/regulations/sources/src_web?pagination[count]=100');
    expect(source.body).toMatchObject({ data: { regulations: [{ id: 'reg_2', subjects: ['joan'] }] } });
    expect(source.body).not.toHaveProperty('data.pagination');
    expect(await get('/regulations?pagination[count]=100&status=FINISHED')).toMatchObject({
      body: { data: { regulations: [] } },
    });
  });

  it.each(['', '?pagination[count]=0', '?pagination[count]=1001', '?pagination[count]=5&pagination[cursor]=x'])(
    'refuse the page %s',
    async (query) => {
      const { get } = await start();
      expect(await get(`/regulations${query}`)).toMatchObject({ status: 422, body: { errors: [{}] } });
    },
  );
});

describe('a create call', () => {
  it.each([
    ['/regulations', {}, 'regulationType'],
    ['/regulations', { ...order('DELETE_ONLY', 'ada'), subjectIds: undefined }, 'subjectIds'],
    ['/regulations', { ...order('DELETE_ONLY'), subjectIds: 'ada' }, 'subjectIds'],
    ['/regulations', { ...order('DELETE_ONLY', 'ada'), subjectType: 'ANONYMOUS_ID' }, 'subjectType'],
    ['/regulations', order('DELETE_ARCHIVE_ONLY', 'ada'), 'regulationType'],
    ['/regulations', { ...order('DELETE_ONLY', 'ada'), collection: 'contacts' }, 'collection'],
    ['/regulations/sources/src_web', { ...order('DELETE_ONLY', 'ada'), subjectType: 'ANONYMOUS_ID' }, 'subjectType'],
    ['/regulations/cloudsources/src_crm', { ...order('DELETE_ONLY', 'ada'), subjectType: 'OBJECT_ID' }, 'collection'],
  ])('at %s with %o is refused for its %s', async (path, body, field) => {
    const { sandbox, post } = await start();
    const reply = await post(path, body);
    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ field })]) });
    expect(sandbox.regulations()).toEqual([]);
  });

  it('takes 5,000 ids and no more', async () => {
    const { sandbox, post } = await start();
    const ids = Array.from({ length: 5001 }, (_, index) => `person-${index}`);
    expect(await post('/regulations', order('DELETE_INTERNAL', ...ids))).toMatchObject({ status: 413 });
    expect(await post('/regulations', order('DELETE_INTERNAL', ...ids.slice(1)))).toMatchObject({ status: 200 });
    expect(sandbox.regulations()).toHaveLength(1);
  });

  it('takes 4 MB and no more, counted in bytes', async () => {
    const { post } = await start();
    const ids = Array.from({ length: 2500 }, (_, index) => `${index}`.padEnd(1000, 'é'));
    expect(await post('/regulations', order('DELETE_INTERNAL', ...ids))).toMatchObject({ status: 413 });
    expect(await post('/regulations', order('DELETE_INTERNAL', ...ids.slice(600)))).toMatchObject({ status: 200 });
  });

  it('may be made 600 times a minute, for each endpoint', async () => {
    const { clock, post } = await start({ createsPerMinute: 2 });
    await post('/regulations', order('DELETE_INTERNAL', 'ada'));
    clock.advance(18_000);
    const second = await post('/regulations', order('DELETE_INTERNAL', 'ada'));
    expect(second.headers.get('x-ratelimit-consumed')).toBe('2');
    const third = await post('/regulations', order('DELETE_INTERNAL', 'ada'));
    const data = { remainingPoints: 0, msBeforeNext: 42_000, consumedPoints: 2 };
    expect(third).toMatchObject({ status: 429, body: { errors: [{ type: 'RequestError', data }] } });
    expect(third.headers.get('x-ratelimit-remaining')).toBe('109998');
    expect(await post('/regulations/sources/src_web', order('DELETE_INTERNAL', 'ada'))).toMatchObject({ status: 200 });
    clock.advance(42_000);
    expect(await post('/regulations', order('DELETE_INTERNAL', 'ada'))).toMatchObject({ status: 200 });
  });

  it('spends the monthly quota of its category, and says until when', async () => {
    const { clock, post } = await start({ subjectsPerMonth: 3 });
    const taken = await post('/regulations', order('DELETE_ONLY', 'ada', 'grace'));
    expect(taken.headers.get('x-ratelimit-remaining')).toBe('1');
    expect(taken.headers.get('x-ratelimit-reset')).toBe('Sat, 31 Jan 2026 23:59:59 GMT');
    expect(taken.headers.get('date')).toBe('Mon, 05 Jan 2026 10:00:00 GMT');
    const refused = await post('/regulations', order('SUPPRESS_WITH_DELETE', 'joan', 'mary'));
    expect(refused).toMatchObject({ status: 429, body: { errors: [{ data: { remainingPoints: 0 } }] } });
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(refused.headers.get('x-ratelimit-reset')).toBe('Sat, 31 Jan 2026 23:59:59 GMT');
    expect(await post('/regulations', order('DELETE_INTERNAL', 'joan', 'mary'))).toMatchObject({ status: 200 });
    clock.advance(27 * dayMs);
    expect(await post('/regulations', order('DELETE_ONLY', 'joan', 'mary'))).toMatchObject({ status: 200 });
  });

  it('makes a second regulation when it is repeated', async () => {
    const { sandbox, post } = await start();
    sandbox.faults.add({ fault: { type: 'reset-after' } });
    await expect(post('/regulations', order('DELETE_ONLY', 'ada'))).rejects.toThrow();
    await post('/regulations', order('DELETE_ONLY', 'ada'));
    expect(sandbox.regulations().map(({ subjectIds }) => subjectIds)).toEqual([['ada'], ['ada']]);
  });
});

it('knows one token, its workspace and no cancelling', async () => {
  const { sandbox, get, post } = await start();
  const wrong = await call(`${sandbox.url}/`, { headers: { authorization: 'Bearer test-token' } });
  expect(wrong).toMatchObject({ status: 401, body: { errors: [{}] } });
  expect(await get('/')).toMatchObject({ status: 200, body: { data: { workspace: { id: 'ws_1' } } } });
  await post('/regulations', order('DELETE_ONLY', 'ada'));
  const authorization = `Bearer ${segmentSandboxCredentials.publicApiToken}`;
  const cancelled = await call(`${sandbox.url}/regulations/reg_1`, { method: 'DELETE', headers: { authorization } });
  expect(cancelled.status).toBe(404);
  expect(await post('/regulations/sources/src_crm', order('DELETE_ONLY', 'ada'))).toMatchObject({ status: 404 });
});

it('limits other calls where a limit is set, with a reset in seconds', async () => {
  const { get } = await start({ otherCallsPerMinute: 1 });
  await get('/');
  const refused = await get('/');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('x-ratelimit-reset')).toBe('60');
});
