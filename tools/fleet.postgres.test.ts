import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createCleverTapConnector } from '@expunge/connector-clevertap';
import { createEngine } from '@expunge/engine';
import { openFleet } from '@expunge/postgres';
import { startSandbox } from '@expunge/vendor-sandbox';
import { Client } from 'pg';
import { expect, inject, it, onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('./fleet/worker.ts', import.meta.url));

it('workers in processes of their own delete everybody once, within the limits, and take over from one that is killed', async () => {
  const url = inject('postgresUrl');
  const schema = `expunge_test_${randomBytes(6).toString('hex')}`;
  onTestFinished(async () => {
    await sql(url, `DROP SCHEMA IF EXISTS ${schema}_queue CASCADE; DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  });
  const { clevertap, close } = await startSandbox({ vendors: ['clevertap'], latencyMs: 20 });
  onTestFinished(close);
  const people = Array.from({ length: 300 }, (_, index) => `user-${index}`);
  clevertap.seed([...people, 'bystander']);
  // The tenth call is taken and never answered: in its middle its worker is killed.
  clevertap.faults.add({ path: /delete/, skip: 9, fault: { type: 'hang-after' } });

  const connector = createCleverTapConnector({
    ...clevertap.credentials,
    baseUrl: clevertap.url,
    limits: { maxTargets: 5, submitsInFlight: 3 },
  });
  const fleet = await openFleet({ url, schema, key: Buffer.alloc(32, 7) });
  onTestFinished(() => fleet.close());
  const engine = createEngine({
    connectors: [{ name: 'clevertap', connector }],
    ledger: fleet.ledger,
    clock: fleet.clock,
  });
  await engine.accept(
    people.map((value) => ({
      id: `r-${value}`,
      subject: { identifiers: [{ type: 'user_id', value }] },
      law: 'gdpr',
      receivedAt: new Date().toISOString(),
    })),
  );
  const workers = [1, 2, 3].map(() => startWorker([url, schema, clevertap.url]));
  const hanging = () => clevertap.requests.find(({ fault }) => fault === 'hang-after');
  await until(() => hanging() !== undefined);
  // The other two go on: all but what hangs is done before anybody is missed.
  await until(async () => (fleet.ledger.counts('clevertap').accepted ?? 0) === 295 || (await refresh(fleet.ledger)));
  const [owner] = await sql(
    url,
    `SELECT name FROM ${schema}.calls JOIN ${schema}.workers ON workers.id = calls.worker WHERE ended_at IS NULL`,
  );
  const killed =
    workers.find(({ pid }) => String(owner?.name).endsWith(`/${pid}`)) ?? expect.fail('Nobody makes the call.');
  killed.kill('SIGKILL');
  await sql(url, `UPDATE ${schema}.workers SET seen_at = seen_at - 40000 WHERE name = '${String(owner?.name)}'`);
  await until(async () => {
    await refresh(fleet.ledger);
    return fleet.ledger.counts('clevertap').accepted === 300;
  });

  const sent = clevertap.requests
    .filter(({ path }) => path.includes('delete'))
    .map(({ body }) => JSON.parse(body).identity as string[]);
  const counts = new Map<string, number>();
  for (const value of sent.flat()) counts.set(value, (counts.get(value) ?? 0) + 1);
  const twice = [...counts].filter(([, count]) => count > 1).map(([value]) => value);
  expect([...counts.keys()].sort()).toEqual([...people].sort());
  // Only what was in doubt was sent again.
  expect(twice.sort()).toEqual((JSON.parse(hanging()?.body ?? '{}').identity as string[]).toSorted());
  expect(clevertap.requests.filter(({ status }) => status === 429)).toEqual([]);
  expect(people.every((value) => clevertap.isQueued(value))).toBe(true);
  expect(clevertap.isQueued('bystander')).toBe(false);
  expect((await fleet.queue()).queues).toEqual([]);

  const rest = workers.filter((worker) => worker !== killed);
  for (const worker of rest) worker.kill('SIGTERM');
  for (const worker of rest) expect(await ended(worker)).toBe(0);
  expect((await sql(url, `SELECT count(*) AS workers FROM ${schema}.workers`))[0]).toEqual({ workers: '1' });
});

function startWorker(values: readonly string[]): ChildProcess {
  const worker = spawn(process.execPath, [script, ...values], { stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(() => {
    worker.kill('SIGKILL');
  });
  return worker;
}

function ended(worker: ChildProcess): Promise<number | null> {
  if (worker.exitCode !== null) return Promise.resolve(worker.exitCode);
  return new Promise((resolve) => worker.once('exit', resolve));
}

async function refresh(ledger: { auditHead(): Promise<unknown> }): Promise<false> {
  await ledger.auditHead();
  return false;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const answer: unknown = await client.query(text);
    const results = (Array.isArray(answer) ? answer : [answer]) as { rows: Record<string, unknown>[] }[];
    return results.at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}
