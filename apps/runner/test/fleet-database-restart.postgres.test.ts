import { setTimeout as sleep } from 'node:timers/promises';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type PostgresServer, startPostgresServer } from '../../../tools/postgres-server.ts';
import { type FleetWorkplace, openFleetWorkplace, readiness, untilReadiness } from './fleet-workplace.ts';

let server: PostgresServer;
let sandbox: Sandbox<'altcraft'>;
let workplace: FleetWorkplace;

const people = Array.from({ length: 30 }, (_, index) => `leaver.${index}@example.com`);

beforeEach(async () => {
  // A server of its own: the other tests go on.
  server = await startPostgresServer();
  sandbox = await startSandbox({ vendors: ['altcraft'], limits: 'off' });
  sandbox.altcraft.seed([...people, 'stayer@example.com']);
  workplace = openFleetWorkplace(server.url);
  workplace.write('people.csv', `email\n${people.join('\n')}\n`);
  workplace.configure(sandbox, ['altcraft']);
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
  await server.stop();
});

const stillThere = () => people.filter((email) => sandbox.altcraft.profileIdsOf(email).length > 0).length;

it('sends nothing while the database is away, and goes on when it is back', async () => {
  sandbox.altcraft.faults.add({ fault: { type: 'slow', chunkDelayMs: 2 }, path: /delete/ });
  await workplace.run(['delete', 'people.csv', '--detach']);
  const worker = await workplace.startWorker('one');
  await expect.poll(() => stillThere()).toBeLessThan(people.length - 3);
  expect(await readiness(worker)).toBe('200 ready');

  await server.halt('immediate');
  await untilReadiness(worker, '503 database-unreachable');
  // The call in flight ends, and no other begins: a second is many calls here.
  await sleep(1000);
  const sent = sandbox.altcraft.requests.length;
  expect(stillThere()).toBeGreaterThan(0);
  await sleep(1000);
  expect(sandbox.altcraft.requests).toHaveLength(sent);
  expect(worker.child.exitCode).toBe(null);

  await server.start();
  await untilReadiness(worker, '200 ready');
  await expect.poll(() => stillThere()).toBe(0);
  await expect.poll(async () => (await workplace.run(['status', '--json'])).output).toContain('"result": "settled"');
  expect(sandbox.altcraft.profileIdsOf('stayer@example.com')).toHaveLength(1);
  expect((await workplace.run(['audit', 'verify'])).code).toBe(0);
  worker.child.kill('SIGTERM');
  const { code, messages } = await worker.ended;
  expect(code).toBe(0);
  expect(messages).not.toMatch(/postgres:\/\//);
});

it('waits for a database that is not there yet, and drains without it', async () => {
  await server.halt();
  const worker = await workplace.startWorker('one');
  expect(await readiness(worker)).toBe('503 database-unreachable');
  await expect.poll(() => worker.messages()).toContain("can't be reached");
  worker.child.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);
  await server.start();
});
