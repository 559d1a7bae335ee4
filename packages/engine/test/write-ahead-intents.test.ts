import type { DeletionConnector } from '@expunge/core';
import { expect, it } from 'vitest';
import { createEngine } from '../src/engine/create-engine.ts';
import type { ConnectorState } from '../src/ledger/ledger.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor, type MemoryVendorOptions } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor } from './setting.ts';
import { queryLedger } from './test-ledger.ts';

const people = Array.from({ length: 12 }, (_, index) => `user-${index}`);

/** A vendor that answers no call until it is told to, and how many intents were persisted by the time it held as many as it takes. */
async function openHeld(options: Partial<MemoryVendorOptions>) {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, maxTargets: 1, callsInFlight: 3, ...options });
  for (const person of people) vendor.people.add(person);
  let answer = () => {};
  const answers = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const waiting: string[] = [];
  let mostWaiting = 0;
  // When calls left: the vendor has them later, when they are let go.
  const starts: number[] = [];
  let held = () => {};
  const isHeld = new Promise<void>((resolve) => {
    held = resolve;
  });
  const connector: { -readonly [Key in keyof DeletionConnector]: DeletionConnector[Key] } = {
    ...vendor.connector,
    submit: async (targets) => {
      starts.push(clock.now());
      waiting.push(targets[0]?.value ?? '');
      mostWaiting = Math.max(mostWaiting, waiting.length);
      if (waiting.length === 3) held();
      await answers;
      waiting.shift();
      return vendor.connector.submit(targets);
    },
  };
  const { check } = vendor.connector;
  if (check !== undefined) {
    connector.check = (receipt, targets) => {
      starts.push(clock.now());
      return check(receipt, targets);
    };
  }
  const { ledger, path } = await openSetting([], { clock });
  const engine = createEngine({ connectors: [{ name: 'memory', connector }], ledger, clock, random: () => 1 });
  await engine.accept(people.map((person) => requestFor(person)));
  const calls = async (): Promise<ConnectorState['calls']> =>
    (await ledger.connectorState('memory', 0, undefined)).calls;
  return {
    engine,
    ledger,
    path,
    vendor,
    calls,
    starts,
    answer: () => answer(),
    isHeld,
    mostWaiting: () => mostWaiting,
  };
}

// Every intent is on its way to the disk by then.
const aFewTurns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Runs until the vendor holds as many as it takes, and stops then. */
async function stopWhileHeld({ engine, isHeld, answer }: Awaited<ReturnType<typeof openHeld>>): Promise<void> {
  const stop = new AbortController();
  const running = engine.run({ signal: stop.signal });
  await isHeld;
  await aFewTurns();
  stop.abort();
  answer();
  await running;
}

it('persists the intents of the next calls while all slots of a vendor are taken, and never starts more calls', async () => {
  const { engine, calls, vendor, answer, isHeld, mostWaiting } = await openHeld({});
  const running = engine.run();
  await isHeld;
  await aFewTurns();
  expect((await calls()).length).toBe(6);
  answer();
  await running;
  expect(mostWaiting()).toBe(3);
  expect(vendor.people.size).toBe(0);
  expect(vendor.sentTwice()).toEqual([]);
});

it('persists no intents ahead for a vendor whose repeats are costly', async () => {
  const { engine, calls, answer, isHeld } = await openHeld({ repeat: 'costly' });
  const running = engine.run();
  await isHeld;
  await aFewTurns();
  expect((await calls()).length).toBe(3);
  answer();
  await running;
});

it.each([
  ['a rate has', { rates: [{ kinds: ['submit' as const], calls: 5, perMs: 1000 }] }, 4],
  ["the month's volume has", { targetsPerMonth: 4 }, 4],
])('persists no more intents ahead than %s capacity for', async (_, options, most) => {
  const { engine, calls, vendor, starts, answer, isHeld } = await openHeld(options);
  const running = engine.run();
  await isHeld;
  await aFewTurns();
  expect((await calls()).length).toBe(most);
  answer();
  await running;
  expect(vendor.sentTwice()).toEqual([]);
  // Four fifths of the rate; and what the month does not allow waits for the next one.
  const ofRate = starts.map((start) => starts.filter((at) => at >= start && at < start + 1000).length);
  expect(Math.max(...ofRate)).toBe(4);
  expect(vendor.people.size).toBe('targetsPerMonth' in options ? 8 : 0);
});

it('keeps the capacity of a rate for persisted intents when it polls jobs', async () => {
  const { engine, ledger, vendor, calls, starts, answer, isHeld } = await openHeld({
    mode: 'polled',
    jobMs: 0,
    rates: [{ kinds: ['submit', 'check'], calls: 10, perMs: 60_000 }],
  });
  const running = engine.run({ waitAtMostMs: 3_600_000 });
  await isHeld;
  await aFewTurns();
  answer();
  await running;
  expect(vendor.people.size).toBe(0);
  expect(vendor.sentTwice()).toEqual([]);
  const ofRate = starts.map((start) => starts.filter((at) => at >= start && at < start + 60_000).length);
  expect(Math.max(...ofRate)).toBeLessThanOrEqual(8);
  expect((await allTasks(ledger)).every(({ state }) => state === 'deleted')).toBe(true);
  // No intent was persisted in vain.
  expect((await calls()).length).toBe(starts.length);
});

it('never has more calls in flight than slots, where reads and submissions share them', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, canVerify: true, sharesSlots: true, callsInFlight: 3, maxTargets: 1 });
  for (const person of people) vendor.people.add(person);
  let open = 0;
  let mostOpen = 0;
  let calls = 0;
  // Each takes another number of turns, so that they end in any order.
  const held = async <Result>(call: () => Result): Promise<Result> => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    calls += 1;
    for (let turn = (calls * 5) % 7; turn >= 0; turn -= 1) await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    return call();
  };
  const { connector } = vendor;
  const { engine } = await openSetting(
    [
      {
        name: 'memory',
        verify: 'before-and-after',
        connector: {
          ...connector,
          submit: async (targets) => held(() => connector.submit(targets)),
          verify: async (targets) => held(() => connector.verify?.(targets) ?? []),
        },
      },
    ],
    { clock },
  );
  await engine.accept(people.map((person) => requestFor(person)));
  await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
  expect(vendor.people.size).toBe(0);
  expect(mostOpen).toBe(3);
});

it('sends what waits for a slot when the cancelling call of another caller has completed', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, mode: 'polled', canCancel: true, sharesSlots: true, callsInFlight: 1 });
  vendor.people.add('ada').add('bob');
  let started = () => {};
  const isStarted = new Promise<void>((resolve) => {
    started = resolve;
  });
  let end = () => {};
  const mayEnd = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { connector } = vendor;
  const { engine } = await openSetting(
    [
      {
        name: 'memory',
        connector: {
          ...connector,
          cancel: async (receipt, targets) => {
            started();
            await mayEnd;
            return connector.cancel?.(receipt, targets) ?? { type: 'too-late' };
          },
        },
      },
    ],
    { clock },
  );
  await engine.accept([requestFor('ada')]);
  await engine.run({ waitAtMostMs: 0 });
  await engine.accept([requestFor('bob')]);
  const cancelling = engine.cancel('r-ada');
  await isStarted;
  const running = engine.run({ waitAtMostMs: 0 });
  await aFewTurns();
  expect(vendor.submits().map(({ values }) => values)).toEqual([['ada']]);
  end();
  await Promise.all([cancelling, running]);
  expect(vendor.submits().map(({ values }) => values)).toEqual([['ada'], ['bob']]);
});

it('puts on hold and cancels tasks whose intent is persisted and whose call is not sent', async () => {
  const { engine, ledger, vendor, answer, isHeld } = await openHeld({});
  const running = engine.run();
  await isHeld;
  await aFewTurns();
  expect(await engine.hold({ type: 'user_id', value: 'user-4' }, 'litigation')).toMatchObject({ requests: 1 });
  expect(await engine.cancel('r-user-5')).toEqual({ cancelled: 1, tooLate: 0, inDoubt: 0 });
  expect(await engine.cancel('r-user-0')).toEqual({ cancelled: 0, tooLate: 1, inDoubt: 0 });
  answer();
  await running;
  expect([...vendor.people]).toEqual(['user-4', 'user-5']);
  expect(vendor.sentTwice()).toEqual([]);
  const taskOf = async (person: string) => (await ledger.request(`r-${person}`))?.tasks[0];
  expect(await taskOf('user-4')).toMatchObject({ state: 'ready', isOnHold: true });
  expect(await taskOf('user-5')).toMatchObject({ state: 'cancelled' });
});

it("persists no more intents than the month's volume allows, where a call takes several targets", async () => {
  const { engine, calls, vendor, answer, isHeld } = await openHeld({ maxTargets: 2, targetsPerMonth: 7 });
  const running = engine.run();
  await isHeld;
  await aFewTurns();
  expect((await calls()).length).toBe(4);
  answer();
  await running;
  expect(vendor.people.size).toBe(5);
  expect(vendor.submits().map(({ values }) => values.length)).toEqual([2, 2, 2, 1]);
  expect((await calls()).length).toBe(4);
});

it('withdraws the intents of calls that are not sent when it is stopped', async () => {
  const held = await openHeld({});
  const { ledger, vendor } = held;
  await stopWhileHeld(held);
  expect(vendor.people.size).toBe(9);
  const states = (await allTasks(ledger)).map(({ state, attempts }) => `${state} ${attempts}`);
  expect(states.filter((state) => state === 'ready 0').length).toBe(9);
  expect(states.filter((state) => state.startsWith('deleted')).length).toBe(3);
});

it('leaves a task in doubt that was in doubt when it withdraws the intent of its repeat', async () => {
  const held = await openHeld({});
  const { ledger, path, vendor } = held;
  const tasks = await ledger.dueTasks('memory', 'ready', { now: Number.MAX_SAFE_INTEGER, limit: 100 });
  const lostReply = { event: 'submit-failed', state: 'in-doubt', reason: 'timed-out', attempts: 1, nextAt: 0 } as const;
  const [call] = await ledger.startCalls('memory', 'submit', [tasks], 0);
  const steps = tasks.map((task) => ({ task, change: lostReply }));
  await ledger.completeCall(call ?? 0, { result: 'connection-lost', steps }, 0);
  await stopWhileHeld(held);
  expect(vendor.people.size).toBe(9);
  const states = (await allTasks(ledger)).map(({ state, attempts }) => `${state} ${attempts}`);
  expect(states.filter((state) => state === 'in-doubt 1').length).toBe(9);
  // A call that never left adds no doubt: an answer that the vendor never took it still makes the task ready.
  expect(await queryLedger(path, "SELECT DISTINCT effect, reason FROM tasks WHERE state = 'in-doubt'")).toEqual([
    { effect: 'unknown', reason: 'timed-out' },
  ]);
});

it('counts a call of an earlier run from its end, and one that was never sent not at all', async () => {
  const { ledger, calls } = await openHeld({});
  const [sent, unsent] = await ledger.startCalls('memory', 'verify', [[], []], 1000);
  await ledger.completeCall(sent ?? 0, { result: 'answered', steps: [] }, 1500);
  await ledger.completeCall(unsent ?? 0, { result: 'not-sent', steps: [] }, 1500);
  expect(await calls()).toEqual([{ kind: 'verify', startedAt: 1500 }]);
  expect((await ledger.connectorState('memory', 1200, undefined)).calls).toEqual([{ kind: 'verify', startedAt: 1500 }]);
});
