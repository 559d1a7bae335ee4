import { describe, expect, it } from 'vitest';
import { expectLogToTellTheStates } from './audit-replay.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor } from './setting.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };

describe('while the record is being read before the deletion', () => {
  async function readingAda(during: (engine: Awaited<ReturnType<typeof openSetting>>['engine']) => Promise<unknown>) {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true });
    vendor.people.add('ada');
    const { verify } = vendor.connector;
    const connector = {
      ...vendor.connector,
      verify: async (...call: Parameters<NonNullable<typeof verify>>) => {
        await during(setting.engine);
        return (await verify?.(...call)) ?? [];
      },
    };
    const setting = await openSetting([{ name: 'memory', connector, verify: 'before-and-after' }], { clock });
    await setting.engine.accept([requestFor('ada')]);
    await setting.engine.run(forever);
    return { vendor, tasks: await allTasks(setting.ledger) };
  }

  it('a request that is cancelled stays cancelled', async () => {
    const { vendor, tasks } = await readingAda((engine) => engine.cancel('r-ada'));
    expect(tasks).toMatchObject([{ state: 'cancelled' }]);
    expect([...vendor.people]).toEqual(['ada']);
  });

  it('a person who is put on hold is not sent', async () => {
    const { vendor, tasks } = await readingAda((engine) =>
      engine.hold({ type: 'user_id', value: 'ada' }, 'litigation'),
    );
    expect(tasks).toMatchObject([{ state: 'ready', isOnHold: true }]);
    expect([...vendor.people]).toEqual(['ada']);
  });
});

it('does not send a task that is cancelled or put on hold at the moment of sending', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  vendor.people.add('ada').add('bob').add('eve');
  const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await engine.accept(['ada', 'bob', 'eve'].map((person) => requestFor(person)));
  const tasks = await ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 3 });
  const held = engine.hold({ type: 'user_id', value: 'ada' }, 'litigation');
  const cancelled = engine.cancel('r-bob');
  await Promise.all([held, cancelled]);
  expect(await ledger.startCalls('memory', 'submit', [tasks], clock.now())).toEqual([undefined]);
  await engine.run(forever);
  expect([...vendor.people]).toEqual(['ada', 'bob']);
});

it('does not send a task in doubt again that is put on hold at that moment', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  vendor.faults.push({ code: 'timed-out' });
  const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await engine.accept([requestFor('ada'), requestFor('bob')]);
  await engine.run({ waitAtMostMs: 0 });
  clock.set(clock.now() + 3_600_000);
  const tasks = await ledger.dueTasks('memory', 'in-doubt', { now: clock.now(), limit: 2 });
  expect(tasks).toHaveLength(2);
  await engine.hold({ type: 'user_id', value: 'ada' }, 'litigation');
  expect(await ledger.startCalls('memory', 'submit', [tasks], clock.now())).toEqual([undefined]);
  await engine.run(forever);
  expect(vendor.submits().map(({ values }) => values)).toEqual([['ada', 'bob'], ['bob']]);
});

it('sends a task in doubt again also where it is part of a bisected batch', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, callsInFlight: 1, isPoison: ({ value }) => value === 'p3' });
  for (const person of ['p0', 'p1', 'p2', 'p3']) vendor.people.add(person);
  vendor.faults.push(undefined, { code: 'timed-out' });
  const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await engine.accept(['p0', 'p1', 'p2', 'p3'].map((person) => requestFor(person)));
  const report = await engine.run({ ...forever, signal: AbortSignal.timeout(180_000) });
  expect(report).toMatchObject({ wasStopped: false, connectors: [{ states: { deleted: 3, failed: 1 } }] });
  expect([...vendor.people]).toEqual(['p3']);
});

it('does not conclude from a record that is still there that the call was lost, where the vendor deletes later', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, mode: 'polled', repeat: 'costly', canVerify: true });
  vendor.people.add('ada');
  vendor.faults.push({ code: 'connection-lost', acts: true });
  const { engine, ledger } = await openSetting(
    [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' }],
    { clock },
  );
  await engine.accept([requestFor('ada')]);
  await engine.run(forever);
  expect(vendor.jobs).toHaveLength(1);
  expect(await allTasks(ledger)).toMatchObject([{ state: 'needs-review', reason: 'reply-lost', nextAt: undefined }]);
});

it('waits until a read can tell what became of a lost call before it repeats a costly one', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, repeat: 'costly', canVerify: true });
  vendor.people.add('ada');
  vendor.faults.push({ code: 'timed-out' });
  const { engine, ledger } = await openSetting(
    [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' }],
    { clock },
  );
  await engine.accept([requestFor('ada')]);
  await engine.run(forever);
  const [first, second] = vendor.submits();
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(3_600_000);
  expect(await allTasks(ledger)).toMatchObject([{ state: 'deleted', assurance: 'verified' }]);
});

it('keeps the waiting period of a duplicate whose primary is cancelled', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  const waitMs = 3 * 86_400_000;
  const startedAt = clock.now();
  const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await engine.accept([requestFor('ada', { id: 'one' }), requestFor('ada', { id: 'two' })], { waitMs });
  await engine.cancel('one');
  await engine.run(forever);
  expect(vendor.submits().map(({ at }) => at)).toEqual([startedAt + waitMs]);
});

it('writes the changes of a task into the audit log in their order, however many requests change it at once', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  const withDevice = (id: string) => {
    const identifiers = [
      { type: 'user_id', value: 'ada' },
      { type: 'device_id', value: 'd-ada' },
    ];
    return requestFor('ada', { id, subject: { identifiers } });
  };
  await engine.accept([requestFor('ada')]);
  await engine.hold({ type: 'user_id', value: 'ada' }, 'litigation');
  await engine.accept([withDevice('one'), withDevice('two')]);
  const entries = [];
  for await (const entry of ledger.auditEntries()) entries.push(entry);
  expectLogToTellTheStates(entries, await allTasks(ledger));
});
