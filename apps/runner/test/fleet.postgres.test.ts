import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type FleetWorkplace, openFleetWorkplace, readiness, untilReadiness } from './fleet-workplace.ts';
import { pausesIn } from './pauses.ts';

let sandbox: Sandbox<'altcraft' | 'mixpanel'>;
let workplace: FleetWorkplace;

const people = Array.from({ length: 12 }, (_, index) => `leaver.${index}@example.com`);

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft', 'mixpanel'], limits: 'off' });
  sandbox.altcraft.seed([...people, 'stayer@example.com']);
  workplace = openFleetWorkplace(inject('postgresUrl'));
  workplace.write('people.csv', `email\n${people.join('\n')}\n`);
  workplace.configure(sandbox, ['altcraft']);
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const stillThere = () => people.filter((email) => sandbox.altcraft.profileIdsOf(email).length > 0).length;
const deletions = () => sandbox.altcraft.requests.filter(({ path }) => path.includes('delete'));
const untilDeletions = (count: number) => expect.poll(() => deletions().length).toBeGreaterThanOrEqual(count);
const status = async () => JSON.parse((await workplace.run(['status', '--json'])).output);

it('imports on one machine and deletes on others, each person once', async () => {
  const detached = await workplace.run(['delete', 'people.csv', '--detach', '--json']);
  expect({ code: detached.code, messages: detached.messages }).toMatchObject({ code: 3 });
  expect(JSON.parse(detached.output)).toMatchObject({ result: 'waiting', input: { accepted: people.length } });
  expect(sandbox.altcraft.requests).toEqual([]);

  const workers = await Promise.all([workplace.startWorker('one'), workplace.startWorker('two')]);
  const followed = await workplace.run(['delete', 'people.csv', '--wait', '10m']);
  expect(followed).toMatchObject({ code: 0, output: expect.stringContaining('Everything is settled.') });
  expect(followed.messages).toContain('12 known from before');
  expect(stillThere()).toBe(0);
  expect(deletions()).toHaveLength(people.length);
  expect(sandbox.altcraft.profileIdsOf('stayer@example.com')).toHaveLength(1);

  for (const worker of workers) worker.child.kill('SIGTERM');
  for (const { code, messages } of await Promise.all(workers.map(({ ended }) => ended))) {
    expect({ code, messages }).toMatchObject({ code: 0, messages: expect.stringContaining('Draining') });
  }
  expect(await status()).toMatchObject({ result: 'settled', requests: { total: 12, settled: 12 } });
  expect((await workplace.run(['audit', 'verify'])).output).toContain('The audit log is intact');
});

describe('a worker', () => {
  it('finishes and commits the call in flight on SIGTERM, and leaves the rest to others', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'slow', chunkDelayMs: 20 }, path: /delete/, skip: 2, times: 1 });
    await workplace.run(['delete', 'people.csv', '--detach']);
    const worker = await workplace.startWorker('one');
    await untilDeletions(3);
    worker.child.kill('SIGTERM');
    await expect.poll(() => worker.messages()).toContain('Draining');
    const { code } = await worker.ended;
    expect(code).toBe(0);
    const sent = deletions().length;
    expect(sent).toBeLessThan(people.length);
    expect((await status()).connectors[0].states).toEqual({ deleted: sent, ready: people.length - sent });

    await workplace.startWorker('two');
    expect((await workplace.run(['delete', 'people.csv', '--wait', '10m'])).code).toBe(0);
    expect(stillThere()).toBe(0);
    expect(deletions()).toHaveLength(people.length);
  });

  it('ends at once on a second signal, and claims nothing of its call', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'hang-before' }, path: /delete/, skip: 2, times: 1 });
    await workplace.run(['delete', 'people.csv', '--detach']);
    const worker = await workplace.startWorker('one');
    await untilDeletions(3);
    worker.child.kill('SIGTERM');
    await untilReadiness(worker, '503 draining');
    worker.child.kill('SIGTERM');
    expect((await worker.ended).code).toBe(143);
    expect((await status()).connectors[0].states).toEqual({ deleted: 2, submitting: 1, ready: people.length - 3 });
    expect(stillThere()).toBe(people.length - 2);
  });

  it('pauses a connector for all, and goes on when an operator says so', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 401, body: { error: 401 } }, times: 1 });
    const worker = await workplace.startWorker('one');
    const refused = await workplace.run(['delete', 'people.csv', '--wait', '10m']);
    expect({ code: refused.code, output: refused.output }).toMatchObject({
      code: 4,
      output: expect.stringContaining('Paused: altcraft'),
    });
    expect(stillThere()).toBe(people.length);
    const resumed = await workplace.run(['resume', '--wait', '10m', '--actor', 'ben']);
    expect(resumed).toMatchObject({ code: 0, messages: expect.stringContaining('altcraft is no longer paused') });
    expect(stillThere()).toBe(0);
    expect(await pausesIn(workplace)).toEqual([
      { type: 'paused', connector: 'altcraft', code: 'credentials-rejected', actor: 'expunge' },
      { type: 'unpaused', connector: 'altcraft', actor: 'ben' },
    ]);
    expect(await readiness(worker)).toBe('200 ready');
  });
});

it("imports nobody by a clock that is not the database's", async () => {
  const ahead = `const { now } = Date; globalThis.Date = class extends Date {
    constructor(...given) { if (given.length === 0) super(now() + 40 * 86_400_000); else super(...given); }
    static now() { return now() + 40 * 86_400_000; }
  };`;
  workplace.write('ahead.mjs', ahead);
  const { code, messages } = await workplace.start(['delete', 'people.csv', '--detach'], {
    environment: { NODE_OPTIONS: `--import ./ahead.mjs` },
  }).ended;
  expect({ code, messages }).toMatchObject({
    code: 1,
    messages: expect.stringMatching(/clock is 4[01] days ahead of the ledger's database.*Nothing was imported/),
  });
  expect(await status()).toMatchObject({ requests: { total: 0 } });
});

it('only looks at a queue, and says where there is none', async () => {
  const { code, messages } = await workplace.run(['queue']);
  expect({ code, messages }).toMatchObject({ code: 1, messages: expect.stringContaining("'expunge ledger migrate'") });
  const [made] = await workplace.query<{ schemas: string }>(
    `SELECT count(*) AS schemas FROM pg_namespace WHERE nspname LIKE '${workplace.schema}%'`,
  );
  expect(Number(made?.schemas)).toBe(0);
  await workplace.run(['ledger', 'migrate']);
  expect((await workplace.run(['queue'])).output).toBe('Nothing waits for a worker.\n');
  expect(await workplace.query(`SELECT 1 FROM "${workplace.schema}".workers`)).toEqual([]);
});

it('shows what waits for a worker, and repairs the queue', async () => {
  expect((await workplace.run(['ledger', 'migrate'])).output).toMatch(/The ledger is made \(version \d+\)/);
  expect((await workplace.run(['ledger', 'migrate'])).output).toContain('Nothing was changed');
  await workplace.run(['delete', 'people.csv', '--detach']);
  await workplace.run(['queue', 'reconcile']);
  const { code, output } = await workplace.run(['queue', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(output).queues).toEqual([
    expect.objectContaining({ connector: 'altcraft', kind: 'ready', depth: 12, due: 12, active: 0, dead: 0 }),
  ]);
  expect((await workplace.run(['queue'])).output).toMatch(/altcraft +ready +12 +12 +0/);
  expect((await workplace.run(['queue', 'reconcile'])).output).toBe('Ledger and queue agree.\n');
  expect((await workplace.run(['queue', 'redrive'])).output).toBe('0 dead letters back in line.\n');
  expect((await workplace.run(['queue', 'redrive', 'elsewhere'])).messages).toContain(
    'There is no connector elsewhere',
  );
  // Jobs hold numbers only.
  const jobs = await workplace.query<{ data: object }>(`SELECT data FROM "${workplace.schema}_queue".job`);
  expect(jobs.length).toBeGreaterThanOrEqual(12);
  for (const { data } of jobs) {
    for (const value of Object.values(data)) expect(value).toEqual(expect.any(Number));
  }
});

it('lets a request be cancelled and a person be held from anywhere', async () => {
  workplace.write(
    'people.csv',
    `email,request_id\n${people.map((email, index) => `${email},R-${index}`).join('\n')}\n`,
  );
  await workplace.run(['hold', 'add', `email=${people[0]}`, '--reason', 'litigation']);
  await workplace.run(['delete', 'people.csv', '--detach']);
  expect(await workplace.run(['cancel', 'R-1'])).toMatchObject({ code: 0 });
  await workplace.startWorker('one');
  expect((await workplace.run(['delete', 'people.csv', '--wait', '10m'])).code).toBe(3);
  const there = people.filter((email) => sandbox.altcraft.profileIdsOf(email).length > 0);
  expect(there).toEqual([people[0], people[1]]);
  expect((await workplace.run(['hold', 'remove', `email=${people[0]}`])).output).toContain('the workers go on');
  await expect.poll(() => stillThere()).toBe(1);
});

it('stops following on a signal, and the work goes on', async () => {
  sandbox.altcraft.faults.add({ fault: { type: 'slow', chunkDelayMs: 2 }, path: /delete/ });
  await workplace.startWorker('one');
  const running = workplace.start(['delete', 'people.csv', '--wait', '10m']);
  await untilDeletions(2);
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({
    code: 3,
    messages: expect.stringContaining('No longer following. The workers go on'),
  });
  await expect.poll(() => stillThere()).toBe(0);
});

it('asks for a worker where nothing moves', async () => {
  const { code, messages } = await workplace.run(['delete', 'people.csv', '--wait', '3s']);
  expect({ code, messages }).toMatchObject({ code: 3, messages: expect.stringContaining('Is a worker running') });
});
