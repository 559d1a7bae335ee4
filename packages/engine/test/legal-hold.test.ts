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

describe('a legal hold', () => {
  it('keeps requests that come in later from being sent, no others, and lets them go when released', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada').add('bob');
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    // A type that no connector uses is taken where a request has it.
    await engine.accept([person('eve', 'eve@example.com')]);
    expect(await engine.hold({ type: 'email', value: 'ada@example.com' }, 'litigation')).toEqual({
      isNew: true,
      requests: 0,
      known: 0,
    });
    expect(await engine.hold({ type: 'email', value: 'ada@example.com' }, 'again')).toMatchObject({ isNew: false });
    await engine.accept([person('ada', 'ada@example.com'), person('bob', 'bob@example.com')]);
    const report = await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada']);
    expect(report).toMatchObject({ isSettled: false, connectors: [{ states: { ready: 1, deleted: 1, absent: 1 } }] });
    expect(await ledger.connectorSummaries()).toMatchObject([{ onHold: 1, nextAt: undefined }]);
    expect(await ledger.holds()).toMatchObject([{ identifierType: 'email', reason: 'litigation', requests: 1 }]);

    expect(await engine.release({ type: 'email', value: 'ada@example.com' })).toBe(1);
    expect(await engine.release({ type: 'email', value: 'ada@example.com' })).toBeUndefined();
    expect((await engine.run(forever)).isSettled).toBe(true);
    expect(vendor.people.size).toBe(0);
    await close();
    await expectCountsToBeTrue(path);
  });

  it('applies to requests in the ledger, also to another one for the same record', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    // Both name the record `ada`; only one of them carries the address that is on hold.
    await engine.accept([requestFor('ada', { id: 'by-id' }), { ...person('ada', 'ada@example.com'), id: 'by-both' }]);
    expect(await engine.hold({ type: 'email', value: 'ada@example.com' }, 'test account')).toMatchObject({
      requests: 2,
    });
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

  it('still applies while another hold of the same person remains', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([person('ada', 'ada@example.com')]);
    await engine.hold({ type: 'email', value: 'ada@example.com' }, 'one');
    await engine.hold({ type: 'user_id', value: 'ada' }, 'two');
    expect(await engine.release({ type: 'email', value: 'ada@example.com' })).toBe(0);
    await engine.run(forever);
    expect(vendor.people.size).toBe(1);
    expect(await engine.release({ type: 'user_id', value: 'ada' })).toBe(1);
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
  });
});

describe('a person who is put on hold late', () => {
  it('is not sent again after a call without an answer, until released', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    vendor.faults.push({ code: 'timed-out' });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run({ waitAtMostMs: 0 });
    expect(await allTasks(ledger)).toMatchObject([{ state: 'in-doubt' }]);
    expect(await engine.hold({ type: 'user_id', value: 'ada' }, 'litigation')).toMatchObject({ requests: 1 });
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada']);
    expect(await allTasks(ledger)).toMatchObject([{ state: 'in-doubt', isOnHold: true, nextAt: undefined }]);
    await engine.release({ type: 'user_id', value: 'ada' });
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
  });

  it('stays on hold where a failed deletion is tried again', async () => {
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

it('applies to a later request for the same record, whatever became of the first one', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  vendor.people.add('ada');
  vendor.faults.push({ code: 'request-rejected' });
  const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await engine.accept([person('ada', 'ada@example.com')]);
  await engine.run(forever);
  expect(await allTasks(ledger)).toMatchObject([{ state: 'failed' }]);
  await engine.hold({ type: 'email', value: 'ada@example.com' }, 'litigation');
  // This one does not carry the address that is on hold.
  await engine.accept([requestFor('ada', { id: 'by-id-alone' })]);
  await engine.run(forever);
  expect([...vendor.people]).toEqual(['ada']);
  expect((await ledger.request('by-id-alone'))?.tasks).toMatchObject([{ state: 'ready', isOnHold: true }]);
});

describe('a hold is compared', () => {
  it.each([
    ['another case', 'Ada', 'ada'],
    ['blanks around it', 'ada ', 'ada'],
    ['another form of a character', '\uFF41da', 'ada'],
  ])('with %s of the value, also with requests that come in later', async (_what, held, asked) => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.hold({ type: 'user_id', value: held }, 'litigation');
    await engine.accept([requestFor(asked)]);
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada']);
    expect(await engine.holdsOf([{ type: 'user_id', value: asked }])).toMatchObject([{ reason: 'litigation' }]);
    expect(await engine.holdsOf([{ type: 'user_id', value: 'bob' }])).toEqual([]);
    expect(await engine.release({ type: 'user_id', value: asked })).toBe(1);
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
  });

  it('under every type that a connector takes for the same, with what is in the ledger and what comes in', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada').add('bob');
    const connectors = [{ name: 'memory', connector: vendor.connector, identifiers: { id: ['user_id', 'Customer'] } }];
    const { engine } = await openSetting(connectors, { clock });
    const asCustomer = (value: string) =>
      requestFor(value, { subject: { identifiers: [{ type: 'Customer', value }] } });
    await engine.accept([asCustomer('ada')]);
    const person = [
      { type: 'user_id', value: 'ada' },
      { type: 'user_id', value: 'bob' },
    ];
    expect(await engine.hold(person, 'litigation')).toEqual({ isNew: true, requests: 1, known: 1 });
    await engine.accept([asCustomer('bob')]);
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada', 'bob']);
    expect(await engine.hold(person, 'litigation')).toEqual({ isNew: false, requests: 2, known: 2 });
  });

  it('and tells of settled requests too, of which nothing can be kept any more', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    const held = await engine.hold({ type: 'user_id', value: 'ada' }, 'litigation');
    expect(held).toEqual({ isNew: true, requests: 0, known: 1 });
  });
});

describe('a hold that would keep nobody', () => {
  it.each([
    [
      'a type that is in no use',
      { type: 'user_di', value: 'ada' },
      'identifier-type-unknown',
      /In use: device_id, user_id/,
    ],
    ['a placeholder', { type: 'user_id', value: 'null' }, 'value-wrong', /placeholder/],
  ])('is refused for %s, and changes nothing', async (_what, identifier, code, message) => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await expect(engine.hold(identifier, 'litigation')).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await ledger.holds()).toEqual([]);
  });
});
