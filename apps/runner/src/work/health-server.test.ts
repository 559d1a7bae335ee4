import { afterEach, expect, it } from 'vitest';
import { type HealthServer, startHealthServer } from './health-server.ts';
import { createReadiness, type WorkerState } from './readiness.ts';

const open: HealthServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(state: () => WorkerState): Promise<HealthServer> {
  const server = await startHealthServer({ host: '127.0.0.1', port: 0 }, createReadiness(state));
  open.push(server);
  return server;
}

async function ask(server: HealthServer, path: string, method = 'GET') {
  const response = await fetch(`${server.url}${path}`, { method });
  return [response.status, await response.json()];
}

it('is ready while the database answers and the worker is not draining, and alive all the time', async () => {
  let state: WorkerState = { type: 'unreachable' };
  const server = await start(() => state);
  const unreachable = [503, { status: 'not-ready', reason: 'database-unreachable' }];
  expect(await ask(server, '/readyz')).toEqual(unreachable);
  expect(await ask(server, '/healthz')).toEqual([200, { status: 'ok' }]);
  state = { type: 'working', ping: async () => {} };
  expect(await ask(server, '/readyz?verbose')).toEqual([200, { status: 'ready' }]);
  state = { type: 'working', ping: () => Promise.reject(new Error('postgres://user:test-secret@db')) };
  expect(await ask(server, '/readyz')).toEqual(unreachable);
  state = { type: 'draining' };
  expect(await ask(server, '/readyz')).toEqual([503, { status: 'not-ready', reason: 'draining' }]);
  expect(await ask(server, '/healthz')).toEqual([200, { status: 'ok' }]);
});

it('asks the database once for many probes', async () => {
  let pings = 0;
  let answer = () => {};
  const ping = () =>
    new Promise<void>((resolve) => {
      pings += 1;
      answer = resolve;
    });
  const readiness = createReadiness(() => ({ type: 'working', ping }));
  const probes = [readiness(), readiness(), readiness()];
  answer();
  expect(await Promise.all(probes)).toEqual([undefined, undefined, undefined]);
  expect(pings).toBe(1);
});

it('knows two paths, and no way to change anything', async () => {
  const server = await start(() => ({ type: 'draining' }));
  expect((await ask(server, '/metrics'))[0]).toBe(404);
  expect((await ask(server, '/healthz', 'POST'))[0]).toBe(405);
});

it('says what to do where the port is taken', async () => {
  const server = await start(() => ({ type: 'draining' }));
  const port = Number(new URL(server.url).port);
  const second = startHealthServer({ host: '127.0.0.1', port }, async () => undefined);
  await expect(second).rejects.toThrow(/is taken.*--health-port/);
});
