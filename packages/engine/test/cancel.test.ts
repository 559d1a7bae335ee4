import type { DeletionConnector } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import type { IncomingRequest } from '../src/engine/engine.ts';
import { AutoClock } from './auto-clock.ts';
import { type Fault, MemoryVendor, type MemoryVendorOptions } from './memory-vendor.ts';
import { allTasks, expectCountsToBeTrue, openSetting, requestFor } from './setting.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };
const later: Fault = { code: 'rate-limited', retryAfterMs: 3_600_000 };

/** Two people whose deletion was tried, and is to be tried again in an hour. */
async function tried(
  faults: readonly (Fault | undefined)[],
  options: Omit<MemoryVendorOptions, 'clock'> & {
    readonly requests?: readonly IncomingRequest[];
    readonly jobEnd?: 'FAILED';
  } = {},
) {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, callsInFlight: 1, ...options });
  vendor.people.add('ada').add('bob');
  vendor.faults.push(...faults);
  const setting = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  vendor.jobEnd = options.jobEnd ?? 'DONE';
  await setting.engine.accept([requestFor('ada'), requestFor('bob'), ...(options.requests ?? [])]);
  await setting.engine.run({ waitAtMostMs: 60_000 });
  return { ...setting, vendor };
}

describe('a deletion that was tried is cancelled like one that was not, where the vendor certainly did nothing', () => {
  it.each<[string, readonly Fault[], Omit<MemoryVendorOptions, 'clock'>]>([
    ['it could not be reached', [{ code: 'connection-failed' }, later], {}],
    ['it refused the whole batch', [{ code: 'request-rejected' }, later], {}],
    [
      'it was asked, and knew of no such call',
      [{ code: 'timed-out' }, later],
      { repeat: 'costly', canRecover: true, mode: 'polled' },
    ],
  ])('%s', async (_why, faults, options) => {
    const { engine, vendor, ledger, path, close } = await tried(faults, options);
    expect(await allTasks(ledger)).toMatchObject([{ state: 'ready' }, { state: 'ready' }]);
    expect(await engine.cancel('r-ada')).toEqual({ cancelled: 1, tooLate: 0, inDoubt: 0 });
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada']);
    expect((await allTasks(ledger)).map(({ state }) => state)).toEqual(['cancelled', 'deleted']);
    await close();
    await expectCountsToBeTrue(path);
  });

  it('and the next request for the same record goes on where the cancelled one was', async () => {
    const requests = ['one', 'two'].map((id) => requestFor('cleo', { id }));
    const { engine, vendor, ledger } = await tried([{ code: 'request-rejected' }, later], { requests });
    vendor.people.add('cleo');
    expect(await engine.cancel('one')).toMatchObject({ cancelled: 1, tooLate: 0 });
    await engine.run(forever);
    expect(vendor.people.has('cleo')).toBe(false);
    expect((await allTasks(ledger)).map(({ state }) => state)).toEqual(['deleted', 'deleted', 'cancelled', 'deleted']);
  });
});

describe('a deletion that is sent again is not cancelled where the vendor may have acted', () => {
  it.each<[string, readonly Fault[], Omit<MemoryVendorOptions, 'clock'>]>([
    ['its reply was lost, and the next call refused', [{ code: 'timed-out', acts: true }, later], {}],
    ['two replies were lost', [{ code: 'timed-out' }, { code: 'timed-out', acts: true }, later], {}],
  ])('%s', async (_why, faults, options) => {
    const { engine, ledger } = await tried(faults, options);
    expect(await engine.cancel('r-ada')).toEqual({ cancelled: 0, tooLate: 1, inDoubt: 1 });
    expect((await allTasks(ledger)).map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  it('an operator had it sent again', async () => {
    const { engine, vendor } = await tried([{ code: 'timed-out', acts: true }], { repeat: 'costly' });
    expect(await engine.cancel('r-ada')).toEqual({ cancelled: 0, tooLate: 1, inDoubt: 1 });
    expect(await engine.reopen('needs-review')).toBe(2);
    expect(vendor.people.has('ada')).toBe(false);
    expect(await engine.cancel('r-ada')).toEqual({ cancelled: 0, tooLate: 1, inDoubt: 1 });
  });

  it('its job failed at the vendor, and one of the next is refused', async () => {
    const { engine, vendor } = await tried([undefined, later], { mode: 'polled', jobMs: 1000, jobEnd: 'FAILED' });
    expect(vendor.submits()).toHaveLength(2);
    expect(await engine.cancel('r-ada')).toEqual({ cancelled: 0, tooLate: 1, inDoubt: 1 });
  });

  it('and is not sent again while the person is on hold', async () => {
    const { engine, vendor } = await tried([{ code: 'timed-out' }, later]);
    await engine.hold({ type: 'user_id', value: 'ada' }, 'cancelled');
    expect(await engine.cancel('r-ada')).toEqual({ cancelled: 0, tooLate: 1, inDoubt: 1 });
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada']);
  });
});

it('what is done is too late, and in no doubt', async () => {
  const { engine } = await tried([]);
  expect(await engine.cancel('r-ada')).toEqual({ cancelled: 0, tooLate: 1, inDoubt: 0 });
});

describe('cancelling a request', () => {
  it('cancels what was not sent, and the other requests for the same target still get it', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada').add('bob');
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    await engine.accept([
      requestFor('ada', { id: 'one' }),
      requestFor('ada', { id: 'two' }),
      requestFor('ada', { id: 'three' }),
      requestFor('bob', { id: 'four' }),
    ]);
    expect(await engine.cancel('one')).toEqual({ cancelled: 1, tooLate: 0, inDoubt: 0 });
    expect(await engine.cancel('four')).toEqual({ cancelled: 1, tooLate: 0, inDoubt: 0 });
    expect(await engine.cancel('nobody')).toBeUndefined();
    await engine.run();
    expect([...vendor.people]).toEqual(['bob']);
    expect((await allTasks(ledger)).map((task) => task.state)).toEqual([
      'cancelled',
      'deleted',
      'deleted',
      'cancelled',
    ]);
    expect(vendor.submits()).toHaveLength(1);
    expect(await engine.cancel('two')).toEqual({ cancelled: 0, tooLate: 1, inDoubt: 0 });
    await close();
    await expectCountsToBeTrue(path);
  });

  it('asks the vendor to cancel what it has not begun, unless another request wants the same record gone', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled', maxTargets: 1 });
    const cancelled: string[] = [];
    const connector: DeletionConnector = {
      ...vendor.connector,
      cancel: async (receipt) => {
        cancelled.push(String(receipt.job));
        return { type: 'cancelled' };
      },
    };
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept([
      requestFor('ada', { id: 'one' }),
      requestFor('bob', { id: 'two' }),
      requestFor('bob', { id: 'three' }),
    ]);
    await engine.run();
    expect(await engine.cancel('one')).toEqual({ cancelled: 1, tooLate: 0, inDoubt: 0 });
    expect(await engine.cancel('two')).toEqual({ cancelled: 0, tooLate: 1, inDoubt: 0 });
    expect(cancelled).toEqual(['job-1']);
    expect((await ledger.request('one'))?.tasks).toMatchObject([{ state: 'cancelled' }]);
    expect((await ledger.request('two'))?.tasks).toMatchObject([{ state: 'waiting' }]);
  });
});

it('sends nothing in the waiting period: a request cancelled in it is never sent', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  vendor.people.add('ada').add('bob');
  const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  const threeDays = 3 * 86_400_000;
  const startedAt = clock.now();
  await engine.accept([requestFor('ada'), requestFor('bob')], { waitMs: threeDays });
  const report = await engine.run();
  expect(report.connectors).toMatchObject([
    { states: { ready: 2 }, nextAt: new Date(startedAt + threeDays).toISOString() },
  ]);
  expect(vendor.calls).toEqual([]);
  expect(await engine.cancel('r-ada')).toEqual({ cancelled: 1, tooLate: 0, inDoubt: 0 });
  await engine.run(forever);
  expect([...vendor.people]).toEqual(['ada']);
});
