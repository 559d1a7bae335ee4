import { checkChainStream, type Ledger } from '@expunge/engine';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { startPostgresServer } from '../../../tools/postgres-server.ts';
import { addPerson as add } from '../../engine/test/add-person.ts';
import { openCuttableProxy } from '../../engine/test/cuttable-proxy.ts';
import { newSchema, runSql } from '../../engine/test/test-ledger.ts';
import { openPostgresLedger } from '../src/index.ts';

const key = Buffer.alloc(32, 5);

async function open(url: string, schema: string, retryTransientMs = 20_000): Promise<Ledger> {
  const ledger = await openPostgresLedger({ url, schema, key, retryTransientMs });
  onTestFinished(() => ledger.close());
  await ledger.begin([{ name: 'memory', vendor: 'memory', operation: 'profile' }], Date.now());
  return ledger;
}

async function listed(ledger: Ledger): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const each of ledger.requests()) all.push(each);
  return all;
}

async function expectWhole(ledger: Ledger, requests: number): Promise<void> {
  expect(await checkChainStream(ledger.auditEntries(), await ledger.auditHead())).toMatchObject({ isIntact: true });
  const { requests: counts, connectors } = await ledger.summary();
  expect(counts.total).toBe(requests);
  expect(connectors).toMatchObject([{ states: { ready: requests } }]);
}

describe('a COMMIT', () => {
  it('whose answer is lost has happened, once, and is told so', async () => {
    const proxy = await openCuttableProxy(inject('postgresUrl'));
    const ledger = await open(proxy.url, newSchema());
    let cuts = 0;
    proxy.onRequest = (bytes) => {
      if (!bytes.includes('COMMIT\0')) return undefined;
      proxy.onRequest = undefined;
      cuts += 1;
      return 'cut-after';
    };
    expect(await add(ledger, 'one')).toBe('added');
    expect(cuts).toBe(1);
    await expectWhole(ledger, 1);
  });

  it('that does not arrive has not happened, and is made again', async () => {
    const proxy = await openCuttableProxy(inject('postgresUrl'));
    const ledger = await open(proxy.url, newSchema());
    proxy.onRequest = (bytes) => {
      if (!bytes.includes('COMMIT\0')) return undefined;
      proxy.onRequest = undefined;
      proxy.cut();
      setImmediate(() => proxy.repair());
      return undefined;
    };
    expect(await add(ledger, 'one')).toBe('added');
    await expectWhole(ledger, 1);
  });
});

it('is refused as unreachable while it is away, without its address, and goes on when it is back', async () => {
  const proxy = await openCuttableProxy(inject('postgresUrl'));
  const ledger = await open(proxy.url, newSchema(), 100);
  proxy.cut();
  const refusal: unknown = await add(ledger, 'one').catch((error: unknown) => error);
  expect(refusal).toMatchObject({ name: 'LedgerError', code: 'unreachable' });
  const { password, port } = new URL(proxy.url);
  for (const secret of [password, port, '127.0.0.1']) expect(String((refusal as Error).stack)).not.toContain(secret);
  await expect(ledger.summary()).rejects.toMatchObject({ code: 'unreachable' });
  proxy.repair();
  expect(await add(ledger, 'one')).toBe('added');
  await expectWhole(ledger, 1);
});

it.each<[string, string, object]>([
  ['a port where nobody is', 'postgres://somebody:s3cret-word@127.0.0.1:1/db', { code: 'unreachable' }],
  ['another kind of URL', 'mysql://somebody:s3cret-word@127.0.0.1/db', { code: 'url-wrong' }],
  ['no URL at all', 's3cret-word', { code: 'url-wrong' }],
])('refuses %s without showing it', async (_what, url, expected) => {
  const refusal: unknown = await openPostgresLedger({ url, key, readOnly: true }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ name: 'LedgerError', ...expected });
  expect(`${(refusal as Error).stack} ${JSON.stringify(refusal)}`).not.toContain('s3cret-word');
});

it('refuses a wrong password, and a database that is not there, without showing either', async () => {
  const url = new URL(inject('postgresUrl'));
  url.password = 's3cret-word';
  const refusal: unknown = await openPostgresLedger({ url: url.href, key }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'access-refused' });
  expect(String((refusal as Error).stack)).not.toContain('s3cret-word');
  const other = new URL(inject('postgresUrl'));
  other.pathname = '/no_such_database';
  await expect(openPostgresLedger({ url: other.href, key })).rejects.toMatchObject({ code: 'not-found' });
});

it('never quotes what PostgreSQL quotes of a value', async () => {
  const schema = newSchema();
  const ledger = await open(inject('postgresUrl'), schema);
  await runSql(`ALTER TABLE ${schema}.requests ADD CHECK (request_id <> 'person@example.com')`);
  const refusal: unknown = await add(ledger, 'person@example.com').catch((error: unknown) => error);
  expect(String((refusal as Error).stack)).toContain('SQLSTATE 23514');
  expect(`${(refusal as Error).stack} ${JSON.stringify(refusal)}`).not.toContain('person@example.com');
});

it('keeps one whole audit log where several processes write at once', async () => {
  const schema = newSchema();
  const writers = await Promise.all([1, 2, 3].map(() => open(inject('postgresUrl'), schema)));
  const people = Array.from({ length: 20 }, (_, index) => `p${index}`);
  const results = await Promise.all(
    writers.map(async (ledger) => {
      const types: (string | undefined)[] = [];
      for (const person of people) types.push(await add(ledger, person));
      return types;
    }),
  );
  // Each of them is new to one of the writers and known to the others.
  const added = people.map((_, index) => results.filter((types) => types[index] === 'added').length);
  expect(added).toEqual(people.map(() => 1));
  for (const ledger of writers) await expectWhole(ledger, people.length);
  const begun = await Promise.all(writers.map((ledger) => ledger.importRequests([], { isEnd: false }, Date.now())));
  expect(new Set(begun.map(({ importId }) => importId)).size).toBe(writers.length);
});

it('lets one process work alone where it asks for that, and the next one after it', async () => {
  const options = { url: inject('postgresUrl'), schema: newSchema(), key, isAlone: true };
  const first = await openPostgresLedger(options);
  await expect(openPostgresLedger(options)).rejects.toMatchObject({ code: 'in-use' });
  await first.close();
  await (await openPostgresLedger(options)).close();
});

it('loses nothing while the server is restarted, crashes and cuts connections', async () => {
  const server = await startPostgresServer();
  onTestFinished(() => server.stop());
  const ledgers = await Promise.all([open(server.url, 'expunge'), open(server.url, 'expunge')]);
  let isOver = false;
  const written = ledgers.map(async (ledger, writer) => {
    let requests = 0;
    for (; !isOver; requests += 1) expect(await add(ledger, `w${writer}-${requests}`)).toBe('added');
    return requests;
  });
  await server.restart('fast');
  await server.restart('immediate');
  for (let round = 0; round < 5; round += 1) {
    const [other] = ledgers;
    await other?.summary();
    await runSqlAt(
      server.url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'expunge'`,
    );
  }
  await server.restart('fast');
  isOver = true;
  const total = (await Promise.all(written)).reduce((sum, requests) => sum + requests, 0);
  for (const ledger of ledgers) await expectWhole(ledger, total);
});

async function runSqlAt(url: string, sql: string): Promise<void> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

describe('migrations', () => {
  it('make a ledger once, whoever comes first, and refuse what is none', async () => {
    const schema = newSchema();
    const options = { url: inject('postgresUrl'), schema, key };
    await expect(openPostgresLedger({ ...options, readOnly: true })).rejects.toMatchObject({ code: 'not-found' });
    const opened = await Promise.all([1, 2, 3, 4].map(() => openPostgresLedger(options)));
    for (const ledger of opened) await ledger.close();
    await expect(openPostgresLedger({ ...options, key: Buffer.alloc(32) })).rejects.toMatchObject({
      code: 'key-wrong',
    });
    const other = newSchema();
    await runSql(`CREATE SCHEMA ${other}; CREATE TABLE ${other}.people (name text)`);
    await expect(openPostgresLedger({ ...options, schema: other })).rejects.toMatchObject({ code: 'not-a-ledger' });
  });

  it('go on with a newer version that only adds, and refuse one that does not', async () => {
    const schema = newSchema();
    const ledger = await open(inject('postgresUrl'), schema);
    await add(ledger, 'one');
    await runSql(
      `ALTER TABLE ${schema}.tasks ADD COLUMN novelty text; UPDATE ${schema}.ledger_head SET version = version + 1`,
    );
    expect(await add(ledger, 'two')).toBe('added');
    expect((await ledger.request('one'))?.tasks).toHaveLength(1);
    await (await openPostgresLedger({ url: inject('postgresUrl'), schema, key })).close();
    await runSql(`UPDATE ${schema}.ledger_head SET major = major + 1`);
    await expect(add(ledger, 'three')).rejects.toMatchObject({ code: 'newer-version' });
    await expect(openPostgresLedger({ url: inject('postgresUrl'), schema, key })).rejects.toMatchObject({
      code: 'newer-version',
    });
  });

  it('are nothing to somebody who has asked before and asks again', async () => {
    const schema = newSchema();
    const ledger = await open(inject('postgresUrl'), schema);
    await add(ledger, 'one');
    const ask = async () => ({
      one: await ledger.request('one', { identifiers: true }),
      all: await listed(ledger),
      held: await ledger.addHold({ identifiers: [{ type: 'user_id', value: 'somebody' }] }, 'litigation', Date.now()),
      released: await ledger.removeHold({ type: 'user_id', value: 'somebody' }, Date.now()),
    });
    const before = await ask();
    expect(before.all).toHaveLength(1);
    for (const table of ['requests', 'tasks', 'submissions', 'connectors', 'calls', 'holds']) {
      await runSql(`ALTER TABLE ${schema}.${table} ADD COLUMN novelty text`);
      expect(await ask()).toEqual(before);
    }
    // No step of ours does that; PostgreSQL refuses what was prepared before it, on each connection once.
    await runSql(`ALTER TABLE ${schema}.requests ALTER COLUMN law TYPE varchar`);
    expect(await ask()).toEqual(before);
    expect(await add(ledger, 'one')).toBe('known');
  });

  it('keep a process out that still has the old key', async () => {
    const schema = newSchema();
    const old = await open(inject('postgresUrl'), schema);
    await add(old, 'one');
    const other = await openPostgresLedger({ url: inject('postgresUrl'), schema, key });
    await other.rekey(Buffer.alloc(32, 6));
    await other.close();
    await expect(add(old, 'two')).rejects.toMatchObject({ code: 'key-wrong' });
    await expect(old.request('one', { identifiers: true })).rejects.toMatchObject({ code: 'key-wrong' });
  });
});
