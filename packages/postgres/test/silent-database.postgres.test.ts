import { checkChainStream, type Ledger } from '@expunge/engine';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type PostgresServer, startPostgresServer } from '../../../tools/postgres-server.ts';
import { addPerson as add } from '../../engine/test/add-person.ts';
import { type CuttableProxy, openCuttableProxy } from '../../engine/test/cuttable-proxy.ts';
import { openWorker } from '../src/fleet/open-fleet.ts';
import { openPostgresLedger } from '../src/index.ts';

// A server that goes without a word: no end of a connection, no answer. What is pending on it would wait for TCP, a quarter
// of an hour or for ever.

// One of its own: transactions of somebody who says nothing stay open for a while, and keep what others have deleted.
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgresServer();
});
afterAll(() => server.stop());

let schemas = 0;
function newSchema(): string {
  schemas += 1;
  return `silent_${schemas}`;
}

const key = Buffer.alloc(32, 5);
// It is asked whether the server is still there after half of it.
const shortRetryTransientMs = 1500;
// A server that still runs ends a transaction of somebody who says nothing after ten seconds; until then it is not known.
const longPatienceMs = 14_000;

async function open(proxy: CuttableProxy, schema: string, retryTransientMs = shortRetryTransientMs): Promise<Ledger> {
  const ledger = await openPostgresLedger({ url: proxy.url, schema, key, retryTransientMs });
  onTestFinished(() => ledger.close());
  await ledger.begin([{ name: 'memory', vendor: 'memory', operation: 'profile' }], Date.now());
  return ledger;
}

async function expectWhole(ledger: Ledger, requests: number): Promise<void> {
  expect(await checkChainStream(ledger.auditEntries(), await ledger.auditHead())).toMatchObject({ isIntact: true });
  expect((await ledger.summary()).requests.total).toBe(requests);
}

it('is left for a new connection, for what is written and what is read', async () => {
  const proxy = await openCuttableProxy(server.url);
  const ledger = await open(proxy, newSchema());
  expect(await add(ledger, 'one')).toBe('added');
  proxy.fallSilent();
  expect(await add(ledger, 'two')).toBe('added');
  proxy.fallSilent();
  await expectWhole(ledger, 2);
});

it.each([
  ['before a COMMIT arrives: it is made again', undefined, longPatienceMs],
  ['after a COMMIT has arrived: it is told as done, once', 'silent-after', shortRetryTransientMs],
] as const)('goes silent %s', async (_what, then, retryTransientMs) => {
  const proxy = await openCuttableProxy(server.url);
  const ledger = await open(proxy, newSchema(), retryTransientMs);
  let times = 0;
  proxy.onRequest = (bytes) => {
    if (!bytes.includes('COMMIT\0')) return undefined;
    proxy.onRequest = undefined;
    times += 1;
    if (then === undefined) proxy.fallSilent();
    return then;
  };
  expect(await add(ledger, 'one')).toBe('added');
  expect(times).toBe(1);
  await expectWhole(ledger, 1);
});

it('is refused as unreachable where new connections say nothing either, and closes', async () => {
  const proxy = await openCuttableProxy(server.url);
  const ledger = await open(proxy, newSchema());
  proxy.onRequest = () => {
    proxy.fallSilent();
    return undefined;
  };
  await expect(add(ledger, 'one')).rejects.toMatchObject({ code: 'unreachable' });
  await ledger.close();
});

it('is not taken for silent while it is at work for long', async () => {
  const schema = newSchema();
  const proxy = await openCuttableProxy(server.url);
  const ledger = await open(proxy, schema);
  const other = new Client({ connectionString: server.url });
  await other.connect();
  await other.query(`BEGIN; UPDATE ${schema}.ledger_head SET revision = revision`);
  const adding = add(ledger, 'one');
  // Three times as long as it is waited for without asking, and longer than the patience is with a server that is away.
  await other.query('SELECT pg_sleep(2.5)');
  await other.query('COMMIT');
  await other.end();
  expect(await adding).toBe('added');
  await expectWhole(ledger, 1);
});

it('lets a worker end', async () => {
  const proxy = await openCuttableProxy(server.url);
  const schema = newSchema();
  const fleet = await openWorker({ url: proxy.url, schema, key }, {});
  proxy.fallSilent();
  await fleet.close();
  const client = new Client({ connectionString: server.url });
  await client.connect();
  expect((await client.query(`SELECT id FROM ${schema}.workers`)).rows).toEqual([]);
  await client.end();
});
