import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DeletionConnector } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import type { TaskStep } from '../src/ledger/ledger.ts';
import { openSqliteLedger } from '../src/sqlite.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor, temporaryFolder } from './setting.ts';

describe('a ledger file', () => {
  it('comes with a key file that only its owner may read, and says so once', async () => {
    const path = join(temporaryFolder(), 'ledger.db');
    const first = await openSqliteLedger({ path });
    expect(first.keyFileCreated).toBe(`${path}.key`);
    expect(statSync(`${path}.key`).mode & 0o777).toBe(0o600);
    await first.close();
    const again = await openSqliteLedger({ path });
    expect(again.keyFileCreated).toBeUndefined();
    await again.close();
  });

  it('holds no identifier in the clear, in no file', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const canary = 'canary-b1e6f0@example.com';
    vendor.faults.push({ code: 'timed-out' }, { code: 'request-rejected' });
    const { engine, path } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('x', { subject: { identifiers: [{ type: 'user_id', value: canary }] } })]);
    await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
    for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}.lock`]) {
      if (existsSync(file)) expect(readFileSync(file).includes(canary)).toBe(false);
    }
    expect(readFileSync(path).includes('EXPG') || readFileSync(path).length > 0).toBe(true);
  });

  it('gives identifiers back only to those who ask for them', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    expect(await ledger.request('r-ada')).not.toHaveProperty('identifiers');
    expect((await ledger.request('r-ada', { identifiers: true }))?.identifiers).toEqual([
      { type: 'user_id', value: 'ada' },
    ]);
  });

  it('is refused to a second process, and readable meanwhile', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await expect(openSqliteLedger({ path })).rejects.toMatchObject({ name: 'LedgerError', code: 'in-use' });
    const reader = await openSqliteLedger({ path, readOnly: true });
    expect((await reader.summary()).connectors).toMatchObject([{ connector: 'memory', states: { ready: 1 } }]);
    await engine.run();
    expect((await reader.summary()).connectors).toMatchObject([{ connector: 'memory', states: { absent: 1 } }]);
    await reader.close();
    await close();
    const next = await openSqliteLedger({ path });
    await next.close();
    const late = await openSqliteLedger({ path, readOnly: true });
    expect((await late.summary()).requests).toEqual({ total: 1, settled: 1, overdue: 0 });
    await late.close();
  });

  it.each([
    ['key-missing', (path: string) => rmSync(`${path}.key`)],
    ['key-wrong', (path: string) => writeFileSync(`${path}.key`, `${'ab'.repeat(32)}\n`)],
    ['key-wrong', (path: string) => writeFileSync(`${path}.key`, 'not a key')],
    ['newer-version', (path: string) => runSql(path, 'PRAGMA user_version = 999')],
    ['damaged', (path: string) => writeFileSync(path, Buffer.alloc(8192, 'no database'))],
  ] as const)('that is broken is refused with the code %s and a message with its path', async (code, damage) => {
    const path = join(temporaryFolder(), 'ledger.db');
    await (await openSqliteLedger({ path })).close();
    damage(path);
    await expect(openSqliteLedger({ path })).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
    // A refusal leaves no lock behind.
    await expect(openSqliteLedger({ path })).rejects.toMatchObject({ code });
  });

  it("is not made out of another program's database", async () => {
    const path = join(temporaryFolder(), 'other.db');
    runSql(path, 'CREATE TABLE people (name TEXT)');
    writeFileSync(`${path}.key`, `${'ab'.repeat(32)}\n`);
    await expect(openSqliteLedger({ path })).rejects.toMatchObject({ code: 'not-a-ledger' });
    await expect(openSqliteLedger({ path: join(temporaryFolder(), 'none.db'), readOnly: true })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('in a folder that does not exist is refused clearly', async () => {
    const path = join(temporaryFolder(), 'no', 'such', 'folder', 'ledger.db');
    await expect(openSqliteLedger({ path })).rejects.toMatchObject({ code: 'not-writable' });
  });

  it('that was cut off in the middle of a call knows that nobody knows', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger, path } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    const [task] = await ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 1 });
    if (task === undefined) throw new Error('There is a task.');
    await ledger.beginCall('memory', 'submit', [task], clock.now());
    // What a kill leaves behind is the files as they are now.
    const copy = join(temporaryFolder(), 'copy.db');
    for (const suffix of ['', '-wal', '.key']) copyFileSync(path + suffix, copy + suffix);
    chmodSync(`${copy}.key`, 0o600);
    const after = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path: copy });
    vendor.people.add('ada');
    await after.engine.run({ waitAtMostMs: 0 });
    expect(vendor.people.size).toBe(0);
    expect(await allTasks(after.ledger)).toMatchObject([{ state: 'deleted', attempts: 2 }]);
  });

  it('changes its key between two writes, not in the middle of what is written at the same moment', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const connectors = [{ name: 'memory', connector: vendor.connector }];
    const { engine, ledger, path, close } = await openSetting(connectors, { clock });
    await engine.accept([requestFor('ada')]);
    const held = engine.hold({ type: 'user_id', value: 'nobody' }, 'litigation');
    await Promise.all([held, ledger.rekey(), engine.accept([requestFor('bob')])]);
    await close();
    const again = await openSetting(connectors, { clock, path });
    for (const person of ['ada', 'bob']) {
      expect((await again.ledger.request(`r-${person}`, { identifiers: true }))?.identifiers).toHaveLength(1);
    }
    await again.engine.run();
    expect(vendor.submits().map(({ values }) => values)).toEqual([['ada', 'bob']]);
  });

  it('asks for the same person again, whatever a connector does to what it is given', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada').add('eve');
    vendor.faults.push({ code: 'vendor-unavailable' });
    const connector: DeletionConnector = {
      ...vendor.connector,
      async submit(targets) {
        const outcomes = vendor.connector.submit(targets);
        for (const target of targets) Object.assign(target, { value: 'eve' });
        return outcomes;
      },
    };
    const { engine } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
    expect(vendor.submits().map(({ values }) => values)).toEqual([['ada'], ['ada']]);
    expect([...vendor.people]).toEqual(['eve']);
  });

  it('gives each task its own outcome, also where two differ only in what they leave out', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada'), requestFor('bob')]);
    const [ada, bob] = await ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 2 });
    if (ada === undefined || bob === undefined) throw new Error('Nothing is due.');
    const steps: TaskStep[] = [
      { task: ada, change: { state: 'failed', reason: undefined } },
      { task: bob, change: { state: 'failed', message: 'The vendor said why.' } },
    ];
    await ledger.moveTasks(steps, clock.now());
    expect((await allTasks(ledger)).map(({ message }) => message)).toEqual([undefined, 'The vendor said why.']);
  });

  it('fails every neighbour of a bad write alone', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    const [task] = await ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 1 });
    if (task === undefined) throw new Error('Nothing is due.');
    const bad = ledger.moveTasks(
      [{ task, change: { state: 'ready', reason: Symbol('unwritable') as never } }],
      clock.now(),
    );
    const good = ledger.remember('memory', { maxTargets: 7 });
    await expect(bad).rejects.toThrow('cannot be bound');
    await good;
    expect(await ledger.memory('memory', 0, 0)).toMatchObject({ maxTargets: 7 });
  });
});

function runSql(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}
