import type { DeletionConnector } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import type { TaskStep } from '../src/ledger/ledger.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor } from './setting.ts';
import { openTestLedger } from './test-ledger.ts';

describe('a ledger', () => {
  it('returns identifiers only where they are asked for', async () => {
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
    await expect(openTestLedger(path)).rejects.toMatchObject({ name: 'LedgerError', code: 'in-use' });
    const reader = await openTestLedger(path, { readOnly: true });
    expect((await reader.summary()).connectors).toMatchObject([{ connector: 'memory', states: { ready: 1 } }]);
    await engine.run();
    expect((await reader.summary()).connectors).toMatchObject([{ connector: 'memory', states: { absent: 1 } }]);
    await reader.close();
    await close();
    const next = await openTestLedger(path);
    await next.close();
    const late = await openTestLedger(path, { readOnly: true });
    expect((await late.summary()).requests).toMatchObject({ total: 1, undone: 0, settled: 1, overdue: 0 });
    await late.close();
  });

  it('that was left in the middle of a call has its tasks in doubt', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const first = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await first.engine.accept([requestFor('ada')]);
    const [task] = await first.ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 1 });
    if (task === undefined) throw new Error('There is a task.');
    await first.ledger.startCalls('memory', 'submit', [[task]], clock.now());
    await first.close();
    const after = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path: first.path });
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
    const people = ['ada'];
    await engine.accept([requestFor('ada')]);
    // Many times, a little later each time: whether one waits for the other at the wrong moment is a matter of who is faster.
    for (let time = 1; time <= 30; time += 1) {
      const person = `bob-${time}`;
      people.push(person);
      const held = engine.hold({ type: 'user_id', value: `nobody-${time}` }, 'litigation');
      for (let turn = 0; turn < 20 * time; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([held, ledger.rekey(), engine.accept([requestFor(person)])]);
    }
    await close();
    const again = await openSetting(connectors, { clock, path });
    for (const person of people) {
      expect((await again.ledger.request(`r-${person}`, { identifiers: true }))?.identifiers).toHaveLength(1);
    }
    await again.engine.run();
    expect(vendor.submits().flatMap(({ values }) => values)).toEqual(people);
  });

  it('sends the same person again, whatever a connector does to the objects it was given', async () => {
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

  it('gives each task its own outcome, also where two differ only in a missing field', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada'), requestFor('bob')]);
    const [ada, bob] = await ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 2 });
    if (ada === undefined || bob === undefined) throw new Error('Nothing is due.');
    const steps: TaskStep[] = [
      { task: ada, change: { event: 'submit-answered', state: 'failed', reason: undefined } },
      { task: bob, change: { event: 'submit-answered', state: 'failed', message: 'The vendor said why.' } },
    ];
    const [call = 0] = await ledger.startCalls('memory', 'submit', [[ada, bob]], clock.now());
    await ledger.completeCall(call, { result: 'answered', steps }, clock.now());
    expect((await allTasks(ledger)).map(({ message }) => message)).toEqual([undefined, 'The vendor said why.']);
  });

  it('fails a bad write alone, and none of the writes in its transaction', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    const [task] = await ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 1 });
    if (task === undefined) throw new Error('Nothing is due.');
    const bad = ledger.moveTasks(
      [{ task, change: { event: 'must-wait', state: 'blocked', reason: Symbol('unwritable') as never } }],
      clock.now(),
    );
    const good = ledger.saveConnectorState('memory', { maxTargets: 7 });
    await expect(bad).rejects.toThrow('cannot be bound');
    await good;
    expect(await ledger.connectorState('memory', 0, 0)).toMatchObject({ maxTargets: 7 });
  });
});

it('is refused where the clock is behind its last entry', async () => {
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
