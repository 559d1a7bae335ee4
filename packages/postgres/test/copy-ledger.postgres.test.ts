import { join } from 'node:path';
import { createEngine } from '@expunge/engine';
import { openSqliteLedger } from '@expunge/engine/sqlite';
import { storageOf } from '@expunge/engine/storage';
import { expect, inject, it } from 'vitest';
import { AutoClock } from '../../engine/test/auto-clock.ts';
import { MemoryVendor } from '../../engine/test/memory-vendor.ts';
import { requestFor } from '../../engine/test/setting.ts';
import { newSchema, runSql, temporaryFolder } from '../../engine/test/test-ledger.ts';
import { compareTables } from '../src/copy/compare-ledgers.ts';
import { type CopyProgress, copyLedger, openPostgresLedger } from '../src/index.ts';

const key = Buffer.alloc(32, 3);

/** A ledger in a file, with people in all kinds of states. */
async function livedIn() {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, maxTargets: 3 });
  const slow = new MemoryVendor({ clock, mode: 'polled' });
  vendor.people.add('ada').add('bob');
  slow.people.add('ada').add('bob');
  const connectors = [
    { name: 'memory', connector: vendor.connector },
    { name: 'slow', connector: slow.connector },
  ];
  const ledger = await openSqliteLedger({ path: join(temporaryFolder(), 'ledger.db'), key, clock });
  const engine = createEngine({ ledger, connectors, clock, random: () => 1, retentionMs: 0 });
  await engine.hold({ type: 'user_id', value: 'eve' }, 'litigation');
  await engine.accept(['ada', 'done'].map((person) => requestFor(person)));
  await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
  // What PostgreSQL can't keep as a text. Somebody has allowed it.
  const allowValues = [{ type: 'user_id', value: 'with\0zero' }];
  await engine.accept([requestFor('bob'), requestFor('eve'), requestFor('with\0zero', { id: 'r-zero' })], {
    allowValues,
  });
  await engine.run({ waitAtMostMs: 0 });
  return { clock, vendor, slow, connectors, ledger };
}

function place() {
  return { url: inject('postgresUrl'), schema: newSchema(), key };
}

it('copies a ledger so that both answer alike, and the copy goes on where it stood', async () => {
  const { clock, vendor, slow, connectors, ledger } = await livedIn();
  const to = place();
  const progress: CopyProgress[] = [];
  const report = await copyLedger(ledger, to, (each) => progress.push(each));
  expect(report).toMatchObject({ requests: 5, tasks: 10 });
  expect(report.auditEntries).toBe((await ledger.auditHead()).sequence);
  expect(progress).toContainEqual({ table: 'tasks', done: 10, total: 10 });
  await ledger.close();

  const copy = await openPostgresLedger({ ...to, clock, isAlone: true });
  const engine = createEngine({ ledger: copy, connectors, clock, random: () => 1 });
  expect(await engine.find([{ type: 'user_id', value: 'ada' }])).toEqual(['r-ada']);
  expect(await engine.accept([requestFor('ada'), requestFor('new')])).toMatchObject({ accepted: 1, known: 1 });
  await engine.release({ type: 'user_id', value: 'eve' });
  vendor.people.add('eve');
  for (let round = 0; round < 12; round += 1) {
    await engine.run({ waitAtMostMs: 0 });
    clock.set(clock.now() + 6 * 3_600_000);
  }
  expect([...vendor.people, ...slow.people]).toEqual([]);
  expect((await copy.summary()).requests).toMatchObject({ total: 6, settled: 6 });
  await copy.close();
});

it('takes no ledger that has something in it, and no other key, and leaves what is there alone', async () => {
  const { ledger } = await livedIn();
  const to = place();
  await expect(copyLedger(ledger, { ...to, key: Buffer.alloc(32, 4) })).rejects.toMatchObject({ code: 'key-wrong' });
  await copyLedger(ledger, to);
  await expect(copyLedger(ledger, to)).rejects.toMatchObject({ code: 'not-empty' });
  expect(await runSql(`SELECT count(*) AS requests FROM ${to.schema}.requests`)).toEqual([{ requests: 5 }]);
  await ledger.close();
});

const tables = [
  'audit',
  'calls',
  'connector_order',
  'connectors',
  'held_requests',
  'holds',
  'imports',
  'meta',
  'requests',
  'encrypted_pages',
  'submissions',
  'task_counts',
  'tasks',
];

it('sees what a copy lacks, in whichever table', async () => {
  const { ledger, connectors, clock } = await livedIn();
  // One after the other, and somebody held back: every table has something in it.
  const [first, second] = connectors;
  if (first === undefined || second === undefined) throw new Error('There are two.');
  const engine = createEngine({ ledger, connectors: [first, { ...second, after: [first.name] }], clock });
  await engine.accept([requestFor('zoe')]);
  const to = place();
  await copyLedger(ledger, to);
  const copy = await openPostgresLedger({ ...to, clock, isAlone: true });
  const [file, store] = [storageOf(ledger), storageOf(copy)];
  const seen: string[] = [];
  for (const table of tables) {
    const [filled] = await runSql(`SELECT count(*) AS rows FROM ${to.schema}.${table}`);
    expect(`${table} ${Number(filled?.rows) > 0}`).toBe(`${table} true`);
    await runSql(`CREATE TABLE ${to.schema}.kept AS TABLE ${to.schema}.${table}`);
    // Without the foreign keys, which would not let go of some.
    await runSql(`SET session_replication_role = replica; DELETE FROM ${to.schema}.${table}`);
    const differences = await file.read((one) => store.read((other) => compareTables(one, other)));
    expect(differences).toEqual([`They differ in the table ${table}.`]);
    seen.push(table);
    const columns = Object.keys((await runSql(`SELECT * FROM ${to.schema}.kept LIMIT 1`))[0] ?? {}).join(', ');
    await runSql(
      `SET session_replication_role = replica; INSERT INTO ${to.schema}.${table} (${columns}) SELECT ${columns} FROM ${to.schema}.kept`,
    );
    await runSql(`DROP TABLE ${to.schema}.kept`);
  }
  expect(seen.length).toBe(tables.length);
  await copy.close();
  await ledger.close();
});

it('holds and reports requests whose ids PostgreSQL has changed, and finds them whole', async () => {
  const { ledger, connectors, clock } = await livedIn();
  for (const [id, person] of [
    ['\ud800x', 'gus'],
    ['a\0b', 'hal'],
  ] as const) {
    const request = { ...requestFor(person), id, dueAt: '2026-03-01T00:00:00.000Z' };
    const target = { type: 'id', value: person };
    const task = { connector: 'memory', target, state: 'ready', reason: undefined } as const;
    await ledger.importRequests([{ request, tasks: [task], notBefore: 0 }], { isEnd: true }, clock.now());
  }
  const to = place();
  await copyLedger(ledger, to);
  await ledger.close();
  const copy = await openPostgresLedger({ ...to, clock, isAlone: true });
  const engine = createEngine({ ledger: copy, connectors, clock, random: () => 1 });
  expect(await engine.hold({ type: 'user_id', value: 'hal' }, 'litigation')).toMatchObject({ requests: 1 });
  for (const id of ['\uFFFDx', 'a\u2400b']) {
    expect((await copy.request(id, { identifiers: true }))?.identifiers).toHaveLength(1);
  }
  expect(await copy.verify()).toMatchObject({ isIntact: true, differences: [], pages: { damaged: [] } });
  await copy.close();
});

it('copies more rows than go at once, without one that is missing between two parts', async () => {
  const clock = new AutoClock();
  const ledger = await openSqliteLedger({ path: join(temporaryFolder(), 'ledger.db'), key, clock });
  const vendor = new MemoryVendor({ clock });
  const engine = createEngine({ ledger, connectors: [{ name: 'memory', connector: vendor.connector }], clock });
  await engine.accept(Array.from({ length: 4100 }, (_, index) => requestFor(`user-${index}`)));
  const to = place();
  expect(await copyLedger(ledger, to)).toMatchObject({ requests: 4100, tasks: 4100 });
  expect(await runSql(`SELECT count(*) AS requests FROM ${to.schema}.requests`)).toEqual([{ requests: 4100 }]);
  await ledger.close();
});

it('says in what a copy differs', async () => {
  const { ledger } = await livedIn();
  const to = place();
  // A database that changes what it is told.
  await (await openPostgresLedger(to)).close();
  await runSql(`
    CREATE FUNCTION ${to.schema}.lie() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.state := 'failed'; RETURN NEW; END $$;
    CREATE TRIGGER lie BEFORE INSERT ON ${to.schema}.tasks FOR EACH ROW WHEN (NEW.id = 1) EXECUTE FUNCTION ${to.schema}.lie();`);
  await expect(copyLedger(ledger, to)).rejects.toMatchObject({
    code: 'copy-differs',
    message: expect.stringMatching(/They differ in the table tasks\..* They differ in the request r-ada\./),
  });
  await ledger.close();
});
