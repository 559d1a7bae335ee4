import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { checkCertificate, makeCertificate } from '../src/proof/certificate.ts';
import { openSqliteLedger } from '../src/sqlite.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor, temporaryFolder } from './setting.ts';

describe('a ledger file', () => {
  it('comes with a key file that only its owner may read, and reports that once', async () => {
    const path = join(temporaryFolder(), 'ledger.db');
    const first = await openSqliteLedger({ path });
    expect(first.keyFileCreated).toBe(`${path}.key`);
    for (const each of [path, `${path}.key`, `${path}.lock`]) expect(statSync(each).mode & 0o777).toBe(0o600);
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

  it('that was cut off in the middle of a call has its tasks in doubt', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger, path } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    const [task] = await ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 1 });
    if (task === undefined) throw new Error('There is a task.');
    await ledger.startCalls('memory', 'submit', [[task]], clock.now());
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

  it('finishes a change of keys that was cut off before or after its commit', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const first = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await first.engine.accept([requestFor('ada')]);
    await first.close();
    const key = `${first.path}.key`;
    // Before: the next key opens nothing yet.
    writeFileSync(`${key}.next`, `${'cd'.repeat(32)}\n`);
    const before = await openSqliteLedger({ path: first.path });
    expect((await before.request('r-ada', { identifiers: true }))?.identifiers).toHaveLength(1);
    copyFileSync(key, `${key}.old`);
    await before.rekey();
    await before.close();
    // After: the new key still lies beside the old one.
    copyFileSync(key, `${key}.next`);
    copyFileSync(`${key}.old`, key);
    const after = await openSqliteLedger({ path: first.path });
    expect((await after.request('r-ada', { identifiers: true }))?.identifiers).toHaveLength(1);
    expect(existsSync(`${key}.next`)).toBe(false);
    await after.close();
  });
});

it('holds, reports and certifies requests whose ids SQLite has changed, from before they were refused', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await engine.run({ waitAtMostMs: 0 });
  for (const [id, person] of [
    ['\ud800x', 'ada'],
    ['a\0b', 'bob'],
  ] as const) {
    const request = { ...requestFor(person), id, dueAt: '2026-03-01T00:00:00.000Z' };
    const target = { type: 'id', value: person };
    const task = { connector: 'memory', target, state: 'ready', reason: undefined } as const;
    await ledger.importRequests([{ request, tasks: [task], notBefore: 0 }], { isEnd: true }, clock.now());
  }
  expect(await engine.hold({ type: 'user_id', value: 'ada' }, 'litigation')).toMatchObject({ requests: 1 });
  const ids: string[] = [];
  for await (const { request, identifiers } of ledger.requests({ identifiers: true })) {
    expect(identifiers).toHaveLength(1);
    ids.push(request.requestId);
  }
  expect(ids[0]).toBe('\uFFFDx');
  for (const id of ids) {
    const certificate = (await makeCertificate(ledger, id, clock.now())) ?? '';
    expect(checkCertificate(certificate)).toMatchObject({ isValid: true });
  }
  expect(await ledger.verify()).toMatchObject({ isIntact: true });
});

describe('a backup', () => {
  it('is a ledger of its own, made while another process works', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    await engine.accept([requestFor('ada')]);
    await engine.run();
    const reader = await openSqliteLedger({ path, readOnly: true });
    const copy = join(path, '..', 'backup.db');
    await reader.backup(copy);
    await expect(reader.backup(copy)).rejects.toMatchObject({ code: 'not-writable' });
    await reader.close();
    const restored = await openSqliteLedger({ path: copy, keyFile: `${path}.key` });
    expect((await restored.summary()).requests).toEqual((await ledger.summary()).requests);
    await restored.close();
    await close();
  });
});

function runSql(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}
