import { describe, expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor } from './setting.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };

describe('the read before the deletion', () => {
  it('is skipped where the deadline is near', async () => {
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

  it('is given up when the vendor refuses reads for hours: the deletion does not wait for the proof', async () => {
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

describe('reading back', () => {
  it.each([
    ['off', true, { state: 'deleted', assurance: 'confirmed' }],
    ['after', true, { state: 'deleted', assurance: 'confirmed' }],
    ['before-and-after', true, { state: 'deleted', assurance: 'verified' }],
    ['before-and-after', false, { state: 'absent', assurance: 'confirmed' }],
  ] as const)(
    'with verify %s and the record there: %s, gives the assurance that is proved',
    async (verify, isKnown, expected) => {
      const clock = new AutoClock();
      const vendor = new MemoryVendor({ clock, canVerify: true });
      if (isKnown) vendor.people.add('ada');
      const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector, verify }], {
        clock,
      });
      await engine.accept([requestFor('ada')]);
      const startedAt = clock.now();
      await engine.run(forever);
      expect(await allTasks(ledger)).toMatchObject([expected]);
      const readBack = vendor.calls.filter((call) => call.kind === 'verify').at(-1);
      if (verify === 'off') expect(readBack).toBeUndefined();
      else expect(readBack?.at).toBeGreaterThanOrEqual(startedAt + 3_600_000);
    },
  );

  it('re-opens a contradicted task once, and then flags it', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true });
    vendor.people.add('ada');
    vendor.lies = true;
    const { engine, ledger, events } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' }],
      { clock },
    );
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    expect(vendor.submits()).toHaveLength(2);
    expect(await allTasks(ledger)).toMatchObject([
      { state: 'contradicted', assurance: undefined, reason: 'still-present' },
    ]);
    expect(events.filter((event) => event.type === 'contradiction')).toHaveLength(2);
  });

  it('costs only the assurance when it fails', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true });
    vendor.people.add('ada');
    vendor.verifyFaults.push({ code: 'credentials-rejected' }, { code: 'credentials-rejected' });
    const { engine, ledger } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' }],
      { clock },
    );
    await engine.accept([requestFor('ada')]);
    const report = await engine.run(forever);
    expect(report.connectors[0]?.paused).toBeUndefined();
    expect(vendor.people.size).toBe(0);
    expect(await allTasks(ledger)).toMatchObject([
      { state: 'deleted', assurance: 'confirmed', reason: 'not-read-back' },
    ]);
  });
});

describe('reads that are refused', () => {
  const people = Array.from({ length: 30 }, (_, index) => `p${index}`);

  it('cost no other task its proof where the deletions are refused as well', async () => {
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

  it('delay no deletion that goes through', async () => {
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
