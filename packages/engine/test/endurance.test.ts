import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectorError, type DeletionConnector } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { openSqliteLedger } from '../src/sqlite.ts';
import { AutoClock } from './auto-clock.ts';
import { type Fault, MemoryVendor } from './memory-vendor.ts';
import { allTasks, expectCountsToBeTrue, openSetting, requestFor, temporaryFolder } from './setting.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };
const people = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
const hour = 3_600_000;

describe("the month's volume", () => {
  it.each(['credentials-rejected', 'request-rejected', 'connection-failed', 'rate-limited'] as const)(
    'is not used by calls that end with %s, restarts included',
    async (code) => {
      const clock = new AutoClock();
      const vendor = new MemoryVendor({ clock, targetsPerMonth: 12, callsInFlight: 1, maxTargets: 1 });
      const faults: Fault[] = Array.from({ length: 20 }, () => ({ code }));
      vendor.faults.push(...faults);
      const first = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
      await first.engine.accept(people(10).map((person) => requestFor(person)));
      for (let run = 0; run < 20; run += 1) await first.engine.run();
      await first.close();
      const again = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path: first.path });
      await again.engine.reopen('failed');
      clock.set(clock.now() + 24 * hour);
      expect((await again.engine.run(forever)).isSettled).toBe(true);
      expect(new Date(clock.now()).getUTCMonth()).toBe(0);
    },
  );

  it('that is used up is named as what the connector waits for', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, targetsPerMonth: 25 });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept(people(40).map((person) => requestFor(person)));
    const report = await engine.run();
    expect(report.connectors).toMatchObject([{ nextAt: '2026-02-01T00:00:00.000Z' }]);
    expect((await ledger.summary()).connectors).toMatchObject([{ nextAt: '2026-02-01T00:00:00.000Z' }]);
  });
});

describe('a vendor that accepts nothing for a day and still answers reads', () => {
  it('is tried with a growing backoff, and the deletions happen when it works again', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled', repeat: 'costly', canRecover: true });
    const startedAt = clock.now();
    const connector: DeletionConnector = {
      ...vendor.connector,
      submit: (targets) => {
        if (clock.now() - startedAt < 24 * hour) vendor.faults.push({ code: 'vendor-unavailable' });
        return vendor.connector.submit(targets);
      },
    };
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept(people(5).map((person) => requestFor(person)));
    await engine.run(forever);
    expect(await allTasks(ledger)).toMatchObject(Array(5).fill({ state: 'deleted', assurance: 'confirmed' }));
    expect(vendor.jobs).toHaveLength(1);
    // Doubling from a second to an hour, and then one an hour.
    expect(vendor.submits().length).toBeLessThan(45);
  });
});

it('submits a job again that failed at the vendor, however many calls it took to start the first', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, mode: 'polled' });
  vendor.faults.push({ code: 'timed-out' }, { code: 'timed-out' }, { code: 'timed-out' });
  vendor.jobEnd = 'FAILED';
  const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await engine.accept([requestFor('ada')]);
  await engine.run(forever);
  expect(vendor.jobs).toHaveLength(3);
});

it('never repeats a call whose answer was about something else, and pauses the connector', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, maxTargets: 1, callsInFlight: 1 });
  const sent: string[] = [];
  const connector: DeletionConnector = {
    ...vendor.connector,
    submit: async ([target]) => {
      sent.push(target?.value ?? '');
      throw new ConnectorError({
        code: 'answer-contradictory',
        vendor: 'memory',
        message: 'Another record was deleted.',
      });
    },
  };
  const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
  await engine.accept([requestFor('ada'), requestFor('bob')]);
  const report = await engine.run(forever);
  expect(sent).toEqual(['ada']);
  expect(report.connectors).toMatchObject([
    { paused: { code: 'answer-contradictory' }, states: { 'needs-review': 1, ready: 1 } },
  ]);
  await engine.run(forever);
  expect(sent).toEqual(['ada', 'bob']);
  expect((await allTasks(ledger)).every((task) => task.state === 'needs-review')).toBe(true);
});

it('fails only the target that a connector refuses to send', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, maxTargets: 8, callsInFlight: 1 });
  for (const person of people(8)) vendor.people.add(person);
  const connector: DeletionConnector = {
    ...vendor.connector,
    submit: async (targets) => {
      if (targets.some(({ value }) => value === 'p3')) {
        throw new ConnectorError({ code: 'not-sent', vendor: 'memory', message: 'This can not be addressed.' });
      }
      return vendor.connector.submit(targets);
    },
  };
  const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
  await engine.accept(people(8).map((person) => requestFor(person)));
  await engine.run(forever);
  expect([...vendor.people]).toEqual(['p3']);
  expect((await allTasks(ledger)).filter((task) => task.state === 'failed')).toMatchObject([
    { requestId: 'r-p3', reason: 'not-sent' },
  ]);
});

describe('the order between connectors', () => {
  it('neither spins nor loses a task when the first connector is paused after it had gone on', async () => {
    const clock = new AutoClock();
    const first = new MemoryVendor({ clock, mode: 'polled', jobMs: 1000 });
    const then = new MemoryVendor({ clock });
    first.jobEnd = 'FAILED';
    first.faults.push(undefined, { code: 'credentials-rejected' });
    then.faults.push({ code: 'timed-out' }, { code: 'timed-out' });
    const { engine, ledger, path, close } = await openSetting(
      [
        { name: 'then', connector: then.connector, after: ['first'] },
        { name: 'first', connector: first.connector },
      ],
      { clock },
    );
    await engine.accept([requestFor('ada'), requestFor('bob')]);
    await engine.run(forever);
    expect((await ledger.summary()).connectors).toMatchObject([
      { states: { absent: 2 } },
      { paused: { code: 'credentials-rejected' } },
    ]);
    await close();
    await expectCountsToBeTrue(path);
  });

  it('no longer blocks a task when the configuration drops it', async () => {
    const clock = new AutoClock();
    const first = new MemoryVendor({ clock });
    const then = new MemoryVendor({ clock });
    first.faults.push({ code: 'credentials-rejected' }, { code: 'credentials-rejected' });
    const connectors = [
      { name: 'first', connector: first.connector },
      { name: 'then', connector: then.connector },
    ];
    const ordered = connectors.map((each) => (each.name === 'then' ? { ...each, after: ['first'] } : each));
    const before = await openSetting(ordered, { clock });
    await before.engine.accept([requestFor('ada')]);
    await before.engine.run(forever);
    expect(then.calls).toEqual([]);
    await before.close();
    const after = await openSetting(connectors, { clock, path: before.path });
    await after.engine.run(forever);
    expect(then.submits()).toHaveLength(1);
  });

  it('applies to the next request for the same record when the first one is cancelled', async () => {
    const clock = new AutoClock();
    const first = new MemoryVendor({ clock });
    const then = new MemoryVendor({ clock });
    then.people.add('ada');
    const { engine, path, close } = await openSetting(
      [
        { name: 'first', connector: first.connector },
        { name: 'then', connector: then.connector, after: ['first'] },
      ],
      { clock },
    );
    await engine.accept([requestFor('ada', { id: 'one' }), requestFor('ada', { id: 'two' })]);
    expect(await engine.cancel('one')).toMatchObject({ cancelled: 2 });
    expect((await engine.run(forever)).isSettled).toBe(true);
    expect(then.people.size).toBe(0);
    await close();
    await expectCountsToBeTrue(path);
  });
});

it('retries a failed deletion whichever of its requests is named', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  vendor.people.add('ada');
  vendor.faults.push({ code: 'request-rejected' });
  const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await engine.accept([requestFor('ada', { id: 'one' }), requestFor('ada', { id: 'two' })]);
  await engine.run(forever);
  expect(await engine.reopen('failed', { requestId: 'two' })).toBe(2);
  await engine.run(forever);
  expect((await allTasks(ledger)).map((task) => task.state)).toEqual(['deleted', 'deleted']);
});

it('keeps one lock for one file, whatever links lead to it', async () => {
  const folder = temporaryFolder();
  const ledger = await openSqliteLedger({ path: join(folder, 'real.db') });
  symlinkSync(join(folder, 'real.db'), join(folder, 'link.db'));
  const second = openSqliteLedger({ path: join(folder, 'link.db'), keyFile: join(folder, 'real.db.key') });
  await expect(second).rejects.toMatchObject({ code: 'in-use' });
  await ledger.close();
});

it('goes on polling submissions while a used-up volume stops new ones, restarts included', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, mode: 'polled', maxTargets: 1, callsInFlight: 1, jobMs: hour });
  vendor.faults.push(undefined, { code: 'quota-spent', retryAfterMs: 20 * 24 * hour });
  const first = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await first.engine.accept([requestFor('ada'), requestFor('bob')]);
  await first.engine.run();
  // A volume that is used up tells nothing about the slots.
  expect(await first.ledger.connectorState('memory', 0, 0)).toMatchObject({ throttle: { submit: 1 } });
  await first.close();
  const again = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path: first.path });
  const report = await again.engine.run({ waitAtMostMs: 6 * hour });
  expect(report.connectors).toMatchObject([{ states: { deleted: 1, ready: 1 } }]);
});
