import { ConnectorError, type DeletionConnector } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { type Fault, MemoryVendor } from './memory-vendor.ts';
import { allTasks, expectCountsToBeTrue, openSetting, requestFor } from './setting.ts';

const people = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };

describe('a call without a clear answer', () => {
  it.each(['timed-out', 'connection-lost', 'vendor-unavailable', 'response-unexpected'] as const)(
    'is in doubt after %s, and sent again where that is harmless',
    async (code) => {
      const clock = new AutoClock();
      const vendor = new MemoryVendor({ clock });
      vendor.people.add('ada');
      vendor.faults.push({ code, acts: true });
      const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
      await engine.accept([requestFor('ada')]);
      const first = await engine.run({ waitAtMostMs: 0 });
      expect(first.isSettled).toBe(false);
      expect(await allTasks(ledger)).toMatchObject([
        { state: 'in-doubt', reason: code, assurance: undefined, attempts: 1 },
      ]);
      await engine.run(forever);
      expect(await allTasks(ledger)).toMatchObject([{ state: 'absent', assurance: 'confirmed', attempts: 2 }]);
    },
  );

  it('is recovered and not sent again where a repeat is costly and the vendor took it', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled', repeat: 'costly', canRecover: true });
    vendor.faults.push({ code: 'connection-lost', acts: true });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept(people(7).map((person) => requestFor(person)));
    await engine.run(forever);
    expect(vendor.jobs).toHaveLength(1);
    expect(await allTasks(ledger)).toMatchObject(Array(7).fill({ state: 'deleted', assurance: 'confirmed' }));
  });

  it('is sent again where a repeat is costly and the vendor knows of no such submission', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled', repeat: 'costly', canRecover: true });
    vendor.faults.push({ code: 'timed-out', acts: false });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept(people(7).map((person) => requestFor(person)));
    await engine.run(forever);
    expect(vendor.jobs).toHaveLength(1);
    expect(vendor.calls.filter((call) => call.kind === 'recover')).toHaveLength(1);
    expect(await allTasks(ledger)).toMatchObject(Array(7).fill({ state: 'deleted' }));
  });

  it('needs a review by the operator where nothing can be found out', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, repeat: 'costly' });
    vendor.people.add('ada');
    vendor.faults.push({ code: 'timed-out', acts: false });
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    await engine.accept([requestFor('ada')]);
    const report = await engine.run(forever);
    expect(report).toMatchObject({
      isSettled: false,
      connectors: [{ states: { 'needs-review': 1 }, nextAt: undefined }],
    });
    expect((await allTasks(ledger))[0]?.message).toMatch(/resume --resend/);
    await engine.run(forever);
    expect(vendor.submits()).toHaveLength(1);

    expect(await engine.reopen('needs-review', { requestId: 'r-ada' })).toBe(1);
    await engine.run(forever);
    expect(vendor.people.has('ada')).toBe(false);
    expect(await allTasks(ledger)).toMatchObject([{ state: 'deleted' }]);
    await close();
    await expectCountsToBeTrue(path);
  });

  it('is settled by our own read where the record was seen before', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, repeat: 'costly', canVerify: true });
    vendor.people.add('ada').add('bob');
    vendor.faults.push({ code: 'timed-out', acts: true });
    const { engine, ledger } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' }],
      { clock },
    );
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    expect(vendor.submits()).toHaveLength(1);
    expect(await allTasks(ledger)).toMatchObject([{ state: 'deleted', assurance: 'verified' }]);
  });

  describe('is looked up where our own read covers less than the deletion', () => {
    const coveringLess = async (fault: Fault) => {
      const clock = new AutoClock();
      const vendor = new MemoryVendor({ clock, repeat: 'costly', canVerify: true });
      vendor.people.add('ada').add('bob');
      vendor.faults.push(fault);
      const capabilities: DeletionConnector['capabilities'] = {
        ...vendor.connector.capabilities,
        readBack: { covers: 'profile', identifiers: ['id'], afterMs: 3_600_000 },
      };
      const connector = { ...vendor.connector, capabilities };
      const setting = await openSetting([{ name: 'memory', connector, verify: 'before-and-after' }], { clock });
      await setting.engine.accept([requestFor('ada')]);
      await setting.engine.run(forever);
      return { ...setting, vendor };
    };

    it('and is no proof: a person is told what was read, and nothing is sent again', async () => {
      const { ledger, vendor } = await coveringLess({ code: 'timed-out', acts: true });
      expect(vendor.submits()).toHaveLength(1);
      const message = expect.stringMatching(/saw the record before and no longer finds it\..*--resend/);
      expect(await allTasks(ledger)).toMatchObject([
        { state: 'needs-review', reason: 'reply-lost', assurance: undefined, message },
      ]);
    });

    it('and sent again where the record is still there when that tells something', async () => {
      const { ledger, vendor } = await coveringLess({ code: 'timed-out' });
      expect(vendor.submits()).toHaveLength(2);
      expect([...vendor.people]).toEqual(['bob']);
      expect(await allTasks(ledger)).toMatchObject([{ state: 'deleted', assurance: 'confirmed' }]);
    });
  });

  it('gives up after the last attempt without claiming anything', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    for (let index = 0; index < 10; index += 1) vendor.faults.push({ code: 'response-unexpected' });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
      retry: { maxAttempts: 3 },
    });
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    expect(vendor.submits()).toHaveLength(3);
    expect(await allTasks(ledger)).toMatchObject([
      { state: 'needs-review', attempts: 3, nextAt: undefined, assurance: undefined },
    ]);
  });
});

describe('a batch that the vendor refuses', () => {
  it('is bisected until the poisonous target is alone; the others go through', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({
      clock,
      maxTargets: 64,
      callsInFlight: 1,
      isPoison: (target) => target.value === 'p37',
    });
    for (const person of people(64)) vendor.people.add(person);
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    await engine.accept(people(64).map((person) => requestFor(person)));
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['p37']);
    const tasks = await allTasks(ledger);
    expect(tasks.filter((task) => task.state === 'deleted')).toHaveLength(63);
    expect(tasks.filter((task) => task.state === 'failed')).toMatchObject([
      { requestId: 'r-p37', reason: 'request-rejected' },
    ]);
    // One call for the whole, and two for each of the six bisections.
    expect(vendor.submits()).toHaveLength(13);
    await close();
    await expectCountsToBeTrue(path);
  });

  it('becomes smaller when it is too large, and stays so after a restart', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, maxTargets: 40, callsInFlight: 1 });
    vendor.faults.push({ code: 'request-too-large' }, { code: 'request-too-large' });
    const first = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await first.engine.accept(people(40).map((person) => requestFor(person)));
    await first.engine.run(forever);
    expect(vendor.submits().map((call) => call.values.length)).toEqual([40, 20, 10, 10, 10, 10]);
    await first.close();
    const again = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path: first.path });
    await again.engine.accept(people(60).map((person) => requestFor(person)));
    await again.engine.run(forever);
    expect(vendor.submits().at(-1)?.values).toHaveLength(10);
  });
});

describe('a vendor under pressure', () => {
  it('is not called before it asked to be, not even after a restart', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, callsInFlight: 1 });
    const weeks = 20 * 86_400_000;
    vendor.faults.push(undefined, { code: 'rate-limited', retryAfterMs: weeks });
    const first = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await first.engine.accept(people(30).map((person) => requestFor(person)));
    const startedAt = clock.now();
    const report = await first.engine.run();
    expect(report.connectors).toMatchObject([
      { states: { absent: 10, ready: 20 }, nextAt: new Date(startedAt + weeks).toISOString() },
    ]);
    expect(clock.now()).toBe(startedAt);
    await first.close();

    const again = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path: first.path });
    expect((await again.engine.run()).isSettled).toBe(false);
    expect(vendor.submits()).toHaveLength(2);
    clock.set(startedAt + weeks);
    expect((await again.engine.run()).isSettled).toBe(true);
    expect(vendor.submits()).toHaveLength(4);
  });

  it('gets no more targets in a month than it allows; the rest waits for the next', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, targetsPerMonth: 25 });
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept(people(40).map((person) => requestFor(person)));
    const report = await engine.run();
    expect(report.connectors).toMatchObject([{ states: { absent: 25, ready: 15 } }]);
    await engine.run(forever);
    const perMonth = vendor.submits().map((call) => [new Date(call.at).getUTCMonth(), call.values.length]);
    expect(perMonth).toEqual([
      [0, 10],
      [0, 10],
      [0, 5],
      [1, 10],
      [1, 5],
    ]);
  });

  it('is never called more often than its rate, restarts included', async () => {
    const clock = new AutoClock();
    const rates = [{ kinds: ['submit' as const], calls: 5, perMs: 60_000 }];
    const vendor = new MemoryVendor({ clock, maxTargets: 1, rates, callsInFlight: 3 });
    const first = await openSetting([{ name: 'memory', connector: vendor.connector, limitShare: 1 }], { clock });
    await first.engine.accept(people(12).map((person) => requestFor(person)));
    await first.engine.run({ waitAtMostMs: 0 });
    expect(vendor.submits()).toHaveLength(5);
    await first.close();
    const again = await openSetting([{ name: 'memory', connector: vendor.connector, limitShare: 1 }], {
      clock,
      path: first.path,
    });
    await again.engine.run(forever);
    const starts = vendor.submits().map((call) => call.at);
    expect(starts).toHaveLength(12);
    for (const [index, at] of starts.entries()) {
      const fifthBefore = starts[index - 5];
      if (fifthBefore !== undefined) expect(at - fifthBefore).toBeGreaterThanOrEqual(60_000);
    }
  });
});

describe('a failure of one vendor', () => {
  it.each(['credentials-rejected', 'permission-missing', 'setup-wrong'] as const)(
    'of kind %s pauses that connector after one call; the others finish; the next run goes on',
    async (code) => {
      const clock = new AutoClock();
      const locked = new MemoryVendor({ clock, callsInFlight: 1 });
      const open = new MemoryVendor({ clock });
      for (const person of people(50)) {
        locked.people.add(person);
        open.people.add(person);
      }
      locked.faults.push({ code });
      const { engine, ledger, events } = await openSetting(
        [
          { name: 'locked', connector: locked.connector },
          { name: 'open', connector: open.connector },
        ],
        { clock },
      );
      await engine.accept(people(50).map((person) => requestFor(person)));
      const report = await engine.run(forever);
      expect(report.connectors).toMatchObject([
        { connector: 'locked', states: { ready: 50 }, paused: { code } },
        { connector: 'open', states: { deleted: 50 }, paused: undefined },
      ]);
      expect(locked.submits()).toHaveLength(1);
      expect(events).toContainEqual(expect.objectContaining({ type: 'connector-paused', connector: 'locked', code }));
      expect((await ledger.summary()).connectors[0]?.paused?.code).toBe(code);

      expect((await engine.run(forever)).isSettled).toBe(true);
      expect(locked.people.size).toBe(0);
      expect((await ledger.summary()).connectors[0]?.paused).toBeUndefined();
      expect(open.sentTwice()).toEqual([]);
    },
  );

  it('that can not be reached costs neither attempts nor a call per target', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, callsInFlight: 1 });
    for (let index = 0; index < 20; index += 1) vendor.faults.push({ code: 'connection-failed' });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept(people(30).map((person) => requestFor(person)));
    await engine.run(forever);
    expect(vendor.submits()).toHaveLength(23);
    expect((await allTasks(ledger)).every((task) => task.state === 'absent' && task.attempts === 1)).toBe(true);
  });
});

describe('a connector that breaks its contract', () => {
  const breaking: Record<string, Partial<DeletionConnector>> = {
    'drops an outcome': { submit: async (targets) => targets.slice(1).map(() => ({ type: 'deleted' })) },
    'throws a plain error': {
      submit: async (targets) => {
        throw new Error(`no luck with ${targets[0]?.value}`);
      },
    },
    'gives something that is no outcome': {
      submit: async (targets) => targets.map(() => JSON.parse('{"type":"gone"}')),
    },
  };

  it.each(Object.keys(breaking))(
    'and %s leaves its tasks to a review, and the message has no identifier',
    async (name) => {
      const clock = new AutoClock();
      const vendor = new MemoryVendor({ clock });
      const connector = { ...vendor.connector, ...breaking[name] };
      const { engine, ledger, events } = await openSetting([{ name: 'memory', connector }], {
        clock,
        retry: { maxAttempts: 2 },
      });
      await engine.accept(people(3).map((person) => requestFor(person)));
      await engine.run(forever);
      expect(await allTasks(ledger)).toMatchObject(
        Array(3).fill({ state: 'needs-review', reason: 'response-unexpected', assurance: undefined }),
      );
      expect(JSON.stringify(events)).toContain('broke its contract');
      expect(JSON.stringify(events)).not.toMatch(/p[0-2]\b/);
    },
  );

  it('is refused from the start where it is no connector at all', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { capabilities } = vendor.connector;
    const connector = {
      ...vendor.connector,
      capabilities: {
        ...capabilities,
        completion: { type: 'polled' as const, firstCheckAfterMs: 1, checkEveryMs: 1, expectedWithinMs: 1 },
      },
    };
    await expect(openSetting([{ name: 'memory', connector }], { clock })).rejects.toThrow(/polled.*no check/);
  });
});

describe('a run that is stopped', () => {
  it('finishes the calls in flight, commits them, and starts no other', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, callsInFlight: 1 });
    for (const person of people(100)) vendor.people.add(person);
    const stop = new AbortController();
    const connector: DeletionConnector = {
      ...vendor.connector,
      submit: (targets) => {
        stop.abort();
        return vendor.connector.submit(targets);
      },
    };
    const { engine } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept(people(100).map((person) => requestFor(person)));
    const report = await engine.run({ ...forever, signal: stop.signal });
    expect(report).toMatchObject({ wasStopped: true, connectors: [{ states: { deleted: 10, ready: 90 } }] });
    expect(vendor.people.size).toBe(90);
  });
});

it('never lets an error of a connector carry more than its code and own words', () => {
  const error = new ConnectorError({
    code: 'timed-out',
    vendor: 'memory',
    message: 'No answer.',
    vendorStatus: 'ada@example.com',
  });
  expect(error.vendorStatus).toBeUndefined();
});
