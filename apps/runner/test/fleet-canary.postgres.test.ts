import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '@expunge/vendor-sandbox';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type PostgresServer, startPostgresServer } from '../../../tools/postgres-server.ts';
import { allSecrets, canaries, canaryPerson, heldPerson, ledgerKey, wrongSecrets } from './canaries.ts';
import {
  type CanaryWorkplace,
  canaryList,
  everywhereConfig,
  openCanaryWorkplace,
  startCanaryVendors,
} from './canary-workplace.ts';
import { findLeaks, type Place } from './find-leaks.ts';
import { healthOf } from './fleet-workplace.ts';

// The canary search of the single machine, for a fleet: besides files, outputs and the pages of workers' health it goes through every table of the
// database, the files in which they lie, the write-ahead log, and the log of a server that writes down every statement with
// its parameters.

let server: PostgresServer;
let sandbox: Sandbox;
let workplace: CanaryWorkplace;
let environment: Readonly<Record<string, string>>;
let pages: Place[];

beforeEach(async () => {
  pages = [];
  server = await startPostgresServer({
    settings: { log_statement: 'all', log_min_messages: 'info', log_parameter_max_length_on_error: '-1' },
  });
  sandbox = await startCanaryVendors();
  workplace = openCanaryWorkplace();
  const ledger = { postgres: { url: { env: 'DATABASE_URL' } }, key: { env: 'LEDGER_KEY' } };
  workplace.writeInput('expunge.config.json', everywhereConfig(sandbox, { ledger }));
  workplace.writeInput('people.csv', canaryList());
  environment = { DATABASE_URL: server.url, LEDGER_KEY: ledgerKey, NEXT_KEY: ledgerKey };
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
  await server.stop();
});

const vendors = () => [sandbox.mixpanel, sandbox.clevertap, sandbox.altcraft, sandbox.segment, sandbox.braze];
const run = (commandArguments: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  workplace.run(commandArguments, { environment: { ...environment, ...more } });

/** Starts a worker and waits until it says where its health is. */
async function startWorker(more: Readonly<Record<string, string>> = {}) {
  const worker = workplace.start(['work', '--health-port', '0'], { environment: { ...environment, ...more } });
  return { ...worker, health: await healthOf(worker) };
}

/** Asks a worker for its pages, also for one that is not there and for one in a wrong way, and keeps what it answers. */
async function lookAtHealth({ health }: { readonly health: string }): Promise<string> {
  const bodies: string[] = [];
  for (const [method, path] of [
    ['GET', '/readyz'],
    ['GET', '/healthz'],
    ['GET', `/people/${encodeURIComponent(canaryPerson.email)}?key=${ledgerKey}`],
    ['POST', '/readyz'],
  ] as const) {
    const response = await fetch(`${health}${path}`, { method, headers: { 'x-person': canaryPerson.user_id } });
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`);
    const body = await response.text();
    pages.push({ name: `${method} ${path.split('/')[1]}`, bytes: Buffer.from([...headers, body].join('\n')) });
    bodies.push(body);
  }
  return bodies[0] ?? '';
}

async function withDatabase<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every row of every table of ours as text, and every byte of the files behind them and of the write-ahead log. */
async function databasePlaces(): Promise<Place[]> {
  return await withDatabase(async (client) => {
    await client.query('CHECKPOINT');
    const { rows } = await client.query<{ name: string; path: string | null }>(
      `SELECT quote_ident(nspname) || '.' || quote_ident(relname) AS name, pg_relation_filepath(pg_class.oid) AS path
       FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE (nspname IN ('expunge', 'expunge_queue') OR nspname = 'pg_toast') AND relkind IN ('r', 'i', 't', 'p')`,
    );
    const folder =
      (await client.query<{ data_directory: string }>('SHOW data_directory')).rows[0]?.data_directory ?? '';
    const places: Place[] = [{ name: "the server's log", bytes: Buffer.from(server.log()) }];
    for (const { name, path } of rows) {
      if (path !== null) places.push({ name: `the file of ${name}`, bytes: readFileSync(join(folder, path)) });
      if (!/^expunge(_queue)?\./.test(name)) continue;
      const isTable = await client.query(`SELECT 1 FROM pg_tables WHERE schemaname || '.' || tablename = $1`, [name]);
      if (isTable.rows.length === 0) continue;
      const table = await client.query<{ row: string }>(`SELECT each::text AS row FROM ${name} AS each`);
      places.push({ name, bytes: Buffer.from(table.rows.map(({ row }) => row).join('\n')) });
    }
    const { rows: segments } = await client.query<{ name: string }>('SELECT name FROM pg_ls_waldir()');
    for (const { name } of segments) {
      places.push({ name: `write-ahead log ${name}`, bytes: withoutZeros(readFileSync(join(folder, 'pg_wal', name))) });
    }
    return places;
  });
}

// A segment that is not full yet ends in megabytes of nothing.
function withoutZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

async function leaks(): Promise<string[]> {
  const url = new URL(server.url);
  const all = [
    ...canaries,
    { name: "the database's address", value: server.url },
    { name: 'its password', value: url.password },
  ];
  const printed = workplace.printed();
  const found = findLeaks(all, [...printed, ...pages, ...(await databasePlaces())]);
  return [...workplace.leaks(), ...found.map(({ canary, form, place }) => `${canary} in ${place} (${form})`)];
}

it('lets nobody out, into no table, log, file or output, whatever happens', async () => {
  expect((await run(['ledger', 'migrate'])).code).toBe(0);
  expect((await run(['hold', 'add', `email=${heldPerson.email}`, '--reason', 'litigation'])).code).toBe(0);

  // A worker with credentials that nobody accepts.
  const refused = await startWorker(wrongSecrets);
  expect((await run(['delete', 'people.csv', '--wait', '10s'])).code).toBe(4);
  expect(await lookAtHealth(refused)).toContain('"ready"');
  refused.child.kill('SIGTERM');
  expect((await refused.ended).code).toBe(0);

  // One that finds no database, and is told to end.
  const lost = await startWorker({ DATABASE_URL: server.url.replace(/@.*$/, '@127.0.0.1:1/x') });
  expect(await lookAtHealth(lost)).toContain('"database-unreachable"');
  lost.child.kill('SIGTERM');
  await expect.poll(() => lookAtHealth(lost)).toContain('"draining"');
  expect((await lost.ended).code).toBe(0);

  // One that is killed while its calls hang.
  for (const { faults } of vendors()) faults.add({ fault: { type: 'hang-after' }, times: 2 });
  const killed = await startWorker();
  expect((await run(['resume'])).code).toBe(3);
  const hung = () => vendors().filter(({ requests }) => requests.some(({ fault }) => fault === 'hang-after')).length;
  await expect.poll(() => hung()).toBeGreaterThan(2);
  await lookAtHealth(killed);
  killed.child.kill('SIGKILL');
  await killed.ended;
  for (const { faults } of vendors()) faults.clear();

  // One for whom everything goes well, and everything that an operator can ask.
  const worker = await startWorker();
  const second = JSON.stringify({ request_id: 'R-2', ...heldPerson });
  workplace.writeInput('more.jsonl', `${second}\n`);
  workplace.writeInput('again.csv', canaryList('R-3'));
  expect((await run(['delete', 'more.jsonl', '--wait', '2s'])).code).toBe(3);
  // What the killed worker had leased was refused when it was last read.
  expect([0, 2, 3, 4]).toContain((await run(['delete', 'again.csv', '--wait', '10s', '--json'])).code);
  for (const command of [
    ['status'],
    ['status', 'R-1', '--json'],
    ['status', '--json', '--subject', `crm_id=${canaryPerson.crm_id}`],
    ['report', '--output', 'all.html'],
    ['report', '--output', 'all.json'],
    ['report', '--certificate', 'R-1', '--output', 'certificate.json'],
    ['audit', 'list'],
    ['queue', '--json'],
    ['queue', 'reconcile'],
    ['hold', 'list'],
  ]) {
    const { code, messages } = await run(command);
    expect({ command, code, messages: code === 0 ? '' : messages }).toEqual({ command, code: 0, messages: '' });
  }
  expect(
    (await run(['status'], { DATABASE_URL: server.url.replace(/@.*$/, '@127.0.0.1:1/x'), EXPUNGE_DEBUG: '1' })).code,
  ).toBe(1);
  expect(await lookAtHealth(worker)).toContain('"ready"');
  worker.child.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);
  expect((await run(['ledger', 'rekey', '--new-key-env', 'NEXT_KEY'])).code).toBe(0);
  expect(await leaks()).toEqual([]);

  // The search sees what is there: on a page, in the table, in its file, in both logs.
  pages.push({ name: 'GET planted', bytes: Buffer.from(`{"reason":${JSON.stringify(canaryPerson.email)}}`) });
  await withDatabase((client) =>
    client.query("UPDATE expunge.connectors SET pause_message = $1 WHERE name = 'altcraft'", [
      allSecrets.ALTCRAFT_TOKEN,
    ]),
  );
  const planted = await leaks();
  expect(planted).toEqual(
    expect.arrayContaining([
      'person email in GET planted (plain)',
      'secret ALTCRAFT_TOKEN in expunge.connectors (plain)',
      'secret ALTCRAFT_TOKEN in the file of expunge.connectors (plain)',
      "secret ALTCRAFT_TOKEN in the server's log (plain)",
      expect.stringMatching(/^secret ALTCRAFT_TOKEN in write-ahead log/),
    ]),
  );
});
