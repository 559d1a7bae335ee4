import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, vi } from 'vitest';
import { checkChainStream } from '../src/proof/audit-chain.ts';
import { openSqliteLedger } from '../src/sqlite.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, expectCountsToBeTrue, openSetting, requestFor, temporaryFolder } from './setting.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };
const people = Array.from({ length: 120 }, (_, index) => `p${index}`);

function vendorWithPeople(clock: AutoClock): MemoryVendor {
  const vendor = new MemoryVendor({ clock, maxTargets: 5 });
  for (const each of people) vendor.people.add(each);
  return vendor;
}

/** A setting whose disk can be filled: SQLite then answers as it does when the disk has no room for another page. */
async function openWithDisk(vendor: MemoryVendor, clock: AutoClock, path = join(temporaryFolder(), 'ledger.db')) {
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec');
  const setting = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path });
  // The lock beside the ledger is a database too; the ledger is the one that is put into WAL mode.
  const call = exec.mock.calls.findIndex(([sql]) => sql.includes('journal_mode = WAL'));
  const database = exec.mock.contexts[call];
  exec.mockRestore();
  if (!(database instanceof DatabaseSync)) throw new Error('The ledger was not opened.');
  const setPages = (pages: number) => database.exec(`PRAGMA max_page_count = ${pages}`);
  return { ...setting, fill: () => setPages(1), free: () => setPages(1_000_000) };
}

/** What another program sees in the file. */
function lookInto(path: string) {
  const database = new DatabaseSync(path, { readOnly: true });
  const count = (sql: string) => Number(database.prepare(sql).get()?.number);
  const seen = {
    requests: count('SELECT count(*) AS number FROM requests'),
    onTheWay: count(`SELECT count(*) AS number FROM tasks WHERE state IN ('submitting', 'in-doubt')`),
    integrity: database.prepare('PRAGMA integrity_check').get()?.integrity_check,
  };
  database.close();
  return seen;
}

describe('a full disk', () => {
  it('stops the run with a clear error; with space again it goes on, and repeats nothing that was not in doubt', async () => {
    const clock = new AutoClock();
    const vendor = vendorWithPeople(clock);
    const first = await openWithDisk(vendor, clock);
    await first.engine.accept(people.map((id) => requestFor(id)));
    first.fill();
    await expect(first.engine.run(forever)).rejects.toMatchObject({
      name: 'LedgerError',
      code: 'disk-full',
      message: expect.stringMatching(/ledger\.db is full.*make room and run 'expunge resume'/),
    });
    expect(vendor.people.size).toBeGreaterThan(0);
    const callsBefore = vendor.submits().length;
    await expect(first.engine.run(forever)).rejects.toMatchObject({ code: 'disk-full' });
    // No call without its intent on the disk: a disk that stays full lets nothing more out.
    expect(vendor.submits().length).toBeLessThanOrEqual(callsBefore + 2);
    await first.close();

    const { onTheWay, integrity } = lookInto(first.path);
    expect(integrity).toBe('ok');
    const again = await openWithDisk(vendor, clock, first.path);
    expect((await again.engine.run(forever)).isSettled).toBe(true);
    expect(vendor.people.size).toBe(0);
    expect(vendor.sentTwice().length).toBeLessThanOrEqual(onTheWay);
    expect(await checkChainStream(again.ledger.auditEntries())).toMatchObject({ isIntact: true });
    await again.close();
    await expectCountsToBeTrue(first.path);
  });

  it('imports a list as a whole or not at all, and the same list again does nothing twice', async () => {
    const clock = new AutoClock();
    const vendor = vendorWithPeople(clock);
    const { engine, fill, free, path } = await openWithDisk(vendor, clock);
    await engine.accept([requestFor('p0')]);
    fill();
    await expect(engine.accept(people.map((id) => requestFor(id)))).rejects.toMatchObject({ code: 'disk-full' });
    expect(lookInto(path)).toMatchObject({ requests: 1, integrity: 'ok' });
    // What was in it can still be read and told.
    free();
    expect(await engine.accept(people.map((id) => requestFor(id)))).toMatchObject({ accepted: 119, known: 1 });
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
    expect(vendor.sentTwice()).toEqual([]);
  });
});

describe('a place that cannot be written', () => {
  // Works for every user of the machine, unlike permissions, which do not bind an administrator.
  it.each([
    ['the log beside the ledger', (path: string) => mkdirSync(`${path}-wal`)],
    ['the lock beside the ledger', (path: string) => mkdirSync(`${path}.lock`)],
    ['the ledger', (path: string) => mkdirSync(path)],
  ])('is refused clearly where it is %s', async (_what, spoil) => {
    const path = join(temporaryFolder(), 'ledger.db');
    writeFileSync(`${path}.key`, `${'ab'.repeat(32)}\n`);
    spoil(path);
    await expect(openSqliteLedger({ path })).rejects.toMatchObject({
      name: 'LedgerError',
      code: 'not-writable',
      message: expect.stringMatching(/Check the folder|check the disk/),
    });
  });

  it('is refused where its folder is a file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(openSqliteLedger({ path: join(folder, 'file', 'ledger.db') })).rejects.toMatchObject({
      name: 'LedgerError',
      code: 'not-writable',
    });
  });
});

describe('a ledger file that is damaged', () => {
  async function halfDone() {
    const clock = new AutoClock();
    const vendor = vendorWithPeople(clock);
    const path = join(temporaryFolder(), 'ledger.db');
    const { engine, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
      path,
    });
    await engine.accept(people.map((id) => requestFor(id)));
    const backup = `${path}.backup`;
    const reader = await openSqliteLedger({ path, readOnly: true });
    await reader.backup(backup);
    await reader.close();
    await close();
    return { clock, vendor, path, backup };
  }

  it.each<[string, (path: string) => void]>([
    ['cut off in the middle', (path) => truncateSync(path, Math.floor(statSync(path).size / 8192) * 4096)],
    ['cut off within its first page', (path) => truncateSync(path, 1000)],
    ['overwritten in the middle', (path) => overwrite(path, 4096, statSync(path).size - 4096)],
    ['overwritten at its beginning', (path) => overwrite(path, 0, 100)],
  ])('and %s is refused and left as it is; the backup goes on from where it was made', async (_what, damage) => {
    const { clock, vendor, path, backup } = await halfDone();
    damage(path);
    const damaged = readFileSync(path);
    const work = async () => {
      const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path });
      await engine.run(forever);
    };
    await expect(work()).rejects.toMatchObject({
      name: 'LedgerError',
      code: 'damaged',
      message: expect.stringMatching(/damaged.*restore the last backup/),
    });
    expect(vendor.calls).toEqual([]);
    expect(readFileSync(path).equals(damaged)).toBe(true);

    for (const name of [path, `${path}-wal`, `${path}-shm`, `${path}.lock`]) rmSync(name, { force: true });
    copyFileSync(backup, path);
    copyFileSync(`${path}.key`, `${path}.key.kept`);
    await work();
    expect(vendor.people.size).toBe(0);
    expect(vendor.sentTwice()).toEqual([]);
  });
});

function overwrite(path: string, from: number, to: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, from, to);
  writeFileSync(path, bytes);
}

describe('a clock that jumps back', () => {
  it('in the middle of a run does no harm: nothing is sent twice or lost, and no wait is waited twice', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({
      clock,
      maxTargets: 5,
      callsInFlight: 1,
      rates: [{ kinds: ['submit'], calls: 1, perMs: 1000 }],
      onAct: () => clock.set(clock.now() - 3_600_000),
    });
    for (const each of people.slice(0, 30)) vendor.people.add(each);
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    await engine.accept(people.slice(0, 30).map((id) => requestFor(id)));
    expect((await engine.run(forever)).isSettled).toBe(true);
    expect(vendor.people.size).toBe(0);
    expect(vendor.sentTwice()).toEqual([]);
    expect((await allTasks(ledger)).every(({ state }) => state === 'deleted')).toBe(true);
    expect(await checkChainStream(ledger.auditEntries())).toMatchObject({ isIntact: true });
    await close();
    await expectCountsToBeTrue(path);
  });

  it('by a few minutes between two runs is taken for a corrected clock', async () => {
    const clock = new AutoClock();
    const vendor = vendorWithPeople(clock);
    const first = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await first.engine.accept([requestFor('p0')]);
    await first.close();
    clock.set(clock.now() - 5 * 60_000);
    const again = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path: first.path });
    expect((await again.engine.run(forever)).isSettled).toBe(true);
    expect(vendor.people.has('p0')).toBe(false);
  });

  it('by more is refused with both times, and work goes on when the clock is right', async () => {
    const clock = new AutoClock();
    const vendor = vendorWithPeople(clock);
    const first = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await first.engine.accept([requestFor('p0')]);
    await first.close();
    const rightNow = clock.now();
    clock.set(rightNow - 86_400_000);
    const again = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path: first.path });
    for (const work of [() => again.engine.run(), () => again.engine.accept([requestFor('p1')])]) {
      await expect(work()).rejects.toMatchObject({
        code: 'clock-behind',
        message: expect.stringMatching(/2026-01-04T.*2026-01-05T.*Set the clock right; nothing was changed/),
      });
    }
    expect(vendor.calls).toEqual([]);
    clock.set(rightNow);
    expect((await again.engine.run(forever)).isSettled).toBe(true);
    expect(vendor.people.has('p0')).toBe(false);
  });
});

describe('a ledger whose clock was ahead', () => {
  const day = 86_400_000;
  const year = 365 * day;
  const rightNow = Date.UTC(2026, 0, 5);

  /** A year ahead the vendor took one person and refused another for an hour; a third waits for three days. */
  async function writtenAhead() {
    const clock = new AutoClock(rightNow + year);
    const vendor = new MemoryVendor({ clock, maxTargets: 1, callsInFlight: 1 });
    for (const person of ['ada', 'bob', 'cleo']) vendor.people.add(person);
    const connectors = [{ name: 'memory', connector: vendor.connector }];
    const { engine, path, close } = await openSetting(connectors, { clock });
    vendor.faults.push(undefined, { code: 'rate-limited', retryAfterMs: 3_600_000 });
    const receivedAt = new Date(clock.now()).toISOString();
    await engine.accept([requestFor('ada', { receivedAt }), requestFor('bob', { receivedAt: '2026-01-01T00:00:00Z' })]);
    await engine.accept([requestFor('cleo', { receivedAt })], { waitMs: 3 * day });
    await engine.run({ waitAtMostMs: 0 });
    expect([...vendor.people]).toEqual(['bob', 'cleo']);
    await close();
    clock.set(rightNow);
    return { clock, vendor, connectors, path };
  }

  it('goes on when the operator accepts the clock: nothing waits for a year, deadlines are right, the log tells', async () => {
    const { clock, vendor, connectors, path } = await writtenAhead();
    const { engine, ledger } = await openSetting(connectors, { clock, path });
    await expect(engine.run()).rejects.toMatchObject({
      code: 'clock-behind',
      message: expect.stringContaining('expunge ledger accept-clock'),
    });
    const ahead = { aheadMs: year, sinceAt: '2027-01-05T00:00:00.000Z' };
    expect(await ledger.acceptClock()).toEqual(ahead);
    expect(await ledger.acceptClock()).toBeUndefined();
    const dueAt = async (id: string) => (await ledger.request(id))?.request.dueAt;
    expect(await dueAt('r-ada')).toBe('2026-02-05T00:00:00.000Z');
    expect(await dueAt('r-bob')).toBe('2026-02-01T00:00:00.000Z');
    await engine.run({ waitAtMostMs: 2 * day });
    expect([...vendor.people]).toEqual(['cleo']);
    expect(clock.now() - rightNow).toBeLessThan(2 * 3_600_000);
    expect((await engine.run(forever)).isSettled).toBe(true);
    expect(vendor.people.size).toBe(0);
    expect(clock.now() - rightNow).toBe(3 * day);
    const entries: string[] = [];
    for await (const { text } of ledger.auditEntries()) entries.push(text);
    expect(entries.filter((text) => text.includes('clock-corrected'))).toEqual([
      '{"type":"clock-corrected","was":"2027-01-05T00:00:00.000Z","now":"2026-01-05T00:00:00.000Z","since":"2027-01-05T00:00:00.000Z","actor":"expunge"}',
    ]);
    expect(await checkChainStream(ledger.auditEntries())).toMatchObject({ isIntact: true });
  });

  it('is opened by the next process like any other, and still refuses a clock that is behind', async () => {
    const { clock, connectors, path } = await writtenAhead();
    const first = await openSetting(connectors, { clock, path });
    await first.ledger.acceptClock();
    await first.close();
    const again = await openSetting(connectors, { clock, path });
    await again.engine.run();
    await again.close();
    clock.set(rightNow - day);
    const behind = await openSetting(connectors, { clock, path });
    await expect(behind.engine.run()).rejects.toMatchObject({ code: 'clock-behind' });
  });

  it('erases what was settled then after the same retention as everything', async () => {
    const { clock, connectors, path } = await writtenAhead();
    const { engine, ledger } = await openSetting(connectors, { clock, path });
    await ledger.acceptClock();
    clock.set(rightNow + 29 * day);
    await engine.run();
    expect((await ledger.request('r-ada', { identifiers: true }))?.identifiers).toHaveLength(1);
    clock.set(rightNow + 31 * day);
    await engine.run();
    clock.set(rightNow + 32 * day);
    await engine.run();
    expect((await ledger.request('r-ada', { identifiers: true }))?.identifiers).toBeUndefined();
  });
});
