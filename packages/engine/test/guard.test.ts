import { describe, expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, expectCountsToBeTrue, openSetting, requestFor } from './setting.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };

function person(id: string, email: string) {
  return requestFor(id, {
    subject: {
      identifiers: [
        { type: 'user_id', value: id },
        { type: 'email', value: email },
      ],
    },
  });
}

describe('the exclusion list', () => {
  it('holds people back who come in later, sends the others, and lets them go when released', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada').add('bob');
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    expect(await engine.hold({ type: 'email', value: 'ada@example.com' }, 'litigation')).toBe(0);
    expect(await engine.hold({ type: 'email', value: 'ada@example.com' }, 'again')).toBeUndefined();
    await engine.accept([person('ada', 'ada@example.com'), person('bob', 'bob@example.com')]);
    const report = await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada']);
    expect(report).toMatchObject({ isSettled: false, connectors: [{ states: { ready: 1, deleted: 1 } }] });
    expect(await ledger.connectorSummaries()).toMatchObject([{ onHold: 1, nextAt: undefined }]);
    expect(await ledger.holds()).toMatchObject([{ identifierType: 'email', reason: 'litigation', requests: 1 }]);

    expect(await engine.release({ type: 'email', value: 'ada@example.com' })).toBe(1);
    expect(await engine.release({ type: 'email', value: 'ada@example.com' })).toBeUndefined();
    expect((await engine.run(forever)).isSettled).toBe(true);
    expect(vendor.people.size).toBe(0);
    await close();
    await expectCountsToBeTrue(path);
  });

  it('holds what is in the ledger already, also for another request that asks for the same record', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    // Both name the record `ada`; only one of them carries the address that is on the list.
    await engine.accept([requestFor('ada', { id: 'by-id' }), { ...person('ada', 'ada@example.com'), id: 'by-both' }]);
    expect(await engine.hold({ type: 'email', value: 'ada@example.com' }, 'test account')).toBe(2);
    await engine.accept([requestFor('ada', { id: 'later' })]);
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada']);
    expect((await allTasks(ledger)).map((task) => [task.state, task.isOnHold])).toEqual(Array(3).fill(['ready', true]));

    expect(await engine.cancel('later')).toEqual({ cancelled: 1, tooLate: 0, inDoubt: 0 });
    await engine.release({ type: 'email', value: 'ada@example.com' });
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
    expect((await allTasks(ledger)).map((task) => task.state)).toEqual(['deleted', 'deleted', 'cancelled']);
    await close();
    await expectCountsToBeTrue(path);
  });

  it('keeps holding while another hold remains', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.hold({ type: 'email', value: 'ada@example.com' }, 'one');
    await engine.hold({ type: 'user_id', value: 'ada' }, 'two');
    await engine.accept([person('ada', 'ada@example.com')]);
    expect(await engine.release({ type: 'email', value: 'ada@example.com' })).toBe(0);
    await engine.run(forever);
    expect(vendor.people.size).toBe(1);
    expect(await engine.release({ type: 'user_id', value: 'ada' })).toBe(1);
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
  });
});

describe('the order between connectors', () => {
  it('sends a request to the sink only when the pipe has taken it', async () => {
    const clock = new AutoClock();
    const pipe = new MemoryVendor({ clock, mode: 'polled', maxTargets: 2, callsInFlight: 1, jobMs: 600_000 });
    const sink = new MemoryVendor({ clock });
    pipe.faults.push({ code: 'connection-failed' });
    const { engine } = await openSetting(
      [
        { name: 'sink', connector: sink.connector, after: ['pipe'] },
        { name: 'pipe', connector: pipe.connector },
      ],
      { clock },
    );
    await engine.accept(['a', 'b', 'c', 'd'].map((id) => requestFor(id)));
    await engine.run(forever);
    const takenByPipe = new Map<string, number>();
    for (const call of pipe.submits().slice(1)) for (const value of call.values) takenByPipe.set(value, call.at);
    const atSink = sink.submits().flatMap((call) => call.values.map((value) => ({ value, at: call.at })));
    expect(atSink.map(({ value }) => value).sort()).toEqual(['a', 'b', 'c', 'd']);
    for (const { value, at } of atSink) expect(at).toBeGreaterThanOrEqual(takenByPipe.get(value) ?? Number.NaN);
  });

  it('does not let a pipe whose credentials are rejected hold up the run', async () => {
    const clock = new AutoClock();
    const pipe = new MemoryVendor({ clock });
    const sink = new MemoryVendor({ clock });
    pipe.faults.push({ code: 'credentials-rejected' });
    const { engine } = await openSetting(
      [
        { name: 'pipe', connector: pipe.connector },
        { name: 'sink', connector: sink.connector, after: ['pipe'] },
      ],
      { clock },
    );
    await engine.accept([requestFor('ada')]);
    const report = await engine.run();
    expect(report.connectors).toMatchObject([{ paused: { code: 'credentials-rejected' } }, { states: { blocked: 1 } }]);
    expect(sink.calls).toEqual([]);
  });

  it.each([
    [{ after: ['nobody'] }, /nobody, which is not configured/],
    [{ after: ['memory'] }, /wait for each other/],
  ])('refuses an order that can not be kept: %j', async (more, message) => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    await expect(openSetting([{ name: 'memory', connector: vendor.connector, ...more }], { clock })).rejects.toThrow(
      message,
    );
  });
});

it('sends nothing in the waiting period, in which calling back costs nothing', async () => {
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

it('refuses to work with a clock that lies behind what it wrote', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  const first = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await first.engine.accept([requestFor('ada')]);
  await first.close();
  const late = new AutoClock(clock.now() - 86_400_000);
  const again = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock: late, path: first.path });
  await expect(again.engine.run()).rejects.toMatchObject({ name: 'LedgerError', code: 'clock-behind' });
  expect(vendor.calls).toEqual([]);
});

describe('the read before the deletion', () => {
  it('is left out where the deadline is near', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true });
    vendor.people.add('ada');
    const { engine } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' }],
      { clock },
    );
    await engine.accept([requestFor('ada', { dueAt: new Date(clock.now() + 86_400_000).toISOString() })]);
    await engine.run(forever);
    expect(vendor.calls.map((call) => call.kind)).toEqual(['submit', 'verify']);
  });

  it('is given up when the vendor does not let us read for hours: the deletion does not wait for the proof', async () => {
    const clock = new AutoClock();
    const rates = [{ kinds: ['verify' as const], calls: 1, perMs: 86_400_000 }];
    const vendor = new MemoryVendor({ clock, canVerify: true, rates, maxTargets: 20 });
    const people = Array.from({ length: 20 }, (_, index) => `p${index}`);
    for (const each of people) vendor.people.add(each);
    const { engine } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after', limitShare: 1 }],
      { clock },
    );
    const startedAt = clock.now();
    await engine.accept(people.map((each) => requestFor(each)));
    await engine.run();
    expect(vendor.people.size).toBe(15);
    clock.set(startedAt + 7 * 3_600_000);
    await engine.run();
    expect(vendor.people.size).toBe(0);
  });
});

describe('somebody who is put on the exclusion list late', () => {
  it('is not sent again after a call without an answer, until released', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    vendor.faults.push({ code: 'timed-out' });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run({ waitAtMostMs: 0 });
    expect(await allTasks(ledger)).toMatchObject([{ state: 'in-doubt' }]);
    expect(await engine.hold({ type: 'user_id', value: 'ada' }, 'litigation')).toBe(1);
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada']);
    expect(await allTasks(ledger)).toMatchObject([{ state: 'in-doubt', isOnHold: true, nextAt: undefined }]);
    await engine.release({ type: 'user_id', value: 'ada' });
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
  });

  it('is held where a failed deletion is tried again', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    vendor.faults.push({ code: 'request-rejected' });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    expect(await allTasks(ledger)).toMatchObject([{ state: 'failed' }]);
    await engine.hold({ type: 'user_id', value: 'ada' }, 'litigation');
    expect(await engine.reopen('failed')).toBe(1);
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada']);
    expect(await allTasks(ledger)).toMatchObject([{ state: 'ready', isOnHold: true }]);
    expect(await engine.release({ type: 'user_id', value: 'ada' })).toBe(1);
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
  });

  it('is still read before the deletion when released', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true });
    vendor.people.add('ada');
    const { engine, ledger, path, close } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' }],
      { clock },
    );
    await engine.accept([requestFor('ada')]);
    await engine.hold({ type: 'user_id', value: 'ada' }, 'litigation');
    await engine.run(forever);
    await engine.release({ type: 'user_id', value: 'ada' });
    await engine.run(forever);
    expect(await allTasks(ledger)).toMatchObject([{ state: 'deleted', assurance: 'verified' }]);
    await close();
    await expectCountsToBeTrue(path);
  });
});

describe('reads that are refused', () => {
  const people = Array.from({ length: 30 }, (_, index) => `p${index}`);

  it('cost nobody else the proof where the deletions are refused as well', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true, callsInFlight: 1 });
    for (const each of people) vendor.people.add(each);
    vendor.verifyFaults.push({ code: 'credentials-rejected' });
    vendor.faults.push({ code: 'credentials-rejected' });
    const { engine } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' }],
      { clock },
    );
    await engine.accept(people.map((each) => requestFor(each)));
    const first = await engine.run(forever);
    expect(first.connectors).toMatchObject([{ paused: { code: 'credentials-rejected' } }]);
    // The batch that was refused, and at most the one that had begun by then.
    expect(first.connectors[0]?.states['pre-read']).toBeGreaterThanOrEqual(20);
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
    expect((await engine.run(forever)).isSettled).toBe(true);
  });

  it('delay nobody where the deletions go through', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true, callsInFlight: 1 });
    for (const each of people) vendor.people.add(each);
    for (let index = 0; index < 100; index += 1) vendor.verifyFaults.push({ code: 'permission-missing' });
    const { engine, ledger } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' }],
      { clock },
    );
    const startedAt = clock.now();
    await engine.accept(people.map((each) => requestFor(each)));
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
    expect(vendor.submits().every((call) => call.at === startedAt)).toBe(true);
    expect((await allTasks(ledger)).every((task) => task.assurance === 'confirmed')).toBe(true);
  });
});

it('holds back a later request for the same record, whatever became of the held one', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  vendor.people.add('ada');
  vendor.faults.push({ code: 'request-rejected' });
  const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await engine.accept([person('ada', 'ada@example.com')]);
  await engine.run(forever);
  expect(await allTasks(ledger)).toMatchObject([{ state: 'failed' }]);
  await engine.hold({ type: 'email', value: 'ada@example.com' }, 'litigation');
  // This one does not carry the address that is on the list.
  await engine.accept([requestFor('ada', { id: 'by-id-alone' })]);
  await engine.run(forever);
  expect([...vendor.people]).toEqual(['ada']);
  expect((await ledger.request('by-id-alone'))?.tasks).toMatchObject([{ state: 'ready', isOnHold: true }]);
});
