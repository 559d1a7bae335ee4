import { ConnectorError, type ConnectorErrorCode, type DeletionConnector } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor, type MemoryVendorOptions } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor } from './setting.ts';
import { isOnPostgres } from './test-ledger.ts';

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

  it('is tried again when it fails, and pauses nothing', async () => {
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
    expect(await allTasks(ledger)).toMatchObject([{ state: 'deleted', assurance: 'verified' }]);
  });
});

describe('reads that fail', () => {
  const hour = 3_600_000;
  const people = Array.from({ length: 60 }, (_, index) => `p${index}`);

  /** A vendor whose reads fail in a span of time, or as long as a condition says. */
  function readingVendor(clock: AutoClock, options: Partial<MemoryVendorOptions> = {}) {
    const vendor = new MemoryVendor({ clock, canVerify: true, maxTargets: 30, readTargets: 2, ...options });
    for (const person of people) vendor.people.add(person);
    const trouble = { failed: 0, failure: (_values: readonly string[]): ConnectorErrorCode | undefined => undefined };
    const connector: DeletionConnector = {
      ...vendor.connector,
      verify: async (targets) => {
        const code = trouble.failure(targets.map(({ value }) => value));
        if (code !== undefined) {
          trouble.failed += 1;
          throw new ConnectorError({ code, vendor: 'memory', message: 'It failed.' });
        }
        return (await vendor.connector.verify?.(targets)) ?? [];
      },
    };
    const connectors = [{ name: 'memory', connector, verify: 'before-and-after' as const }];
    return { vendor, trouble, connectors };
  }

  it.each(['vendor-unavailable', 'timed-out', 'connection-failed'] as const)(
    'for 20 seconds (%s) cost nobody the proof, and a handful of calls',
    async (code) => {
      const clock = new AutoClock();
      const { trouble, connectors } = readingVendor(clock);
      const { engine, ledger } = await openSetting(connectors, { clock });
      const startedAt = clock.now();
      trouble.failure = () => (clock.now() < startedAt + 20_000 ? code : undefined);
      await engine.accept(people.map((person) => requestFor(person)));
      await engine.run(forever);
      const tasks = await allTasks(ledger);
      expect(tasks.filter(({ assurance }) => assurance === 'verified')).toHaveLength(people.length);
      expect(trouble.failed).toBeLessThan(10);
      expect(clock.now() - startedAt).toBeLessThan(2 * hour);
    },
  );

  it.each(['credentials-rejected', 'permission-missing', 'setup-wrong', 'rate-limited'] as const)(
    'once (%s) cost nobody the proof',
    async (code) => {
      const clock = new AutoClock();
      const { trouble, connectors } = readingVendor(clock);
      const { engine, ledger } = await openSetting(connectors, { clock });
      trouble.failure = () => (trouble.failed === 0 ? code : undefined);
      await engine.accept(people.map((person) => requestFor(person)));
      const report = await engine.run(forever);
      expect(report.connectors[0]?.paused).toBeUndefined();
      const tasks = await allTasks(ledger);
      expect(tasks.filter(({ assurance }) => assurance === 'verified')).toHaveLength(people.length);
    },
  );

  it.each(['vendor-unavailable', 'permission-missing'] as const)(
    'all the time (%s) delay the deletions by six hours and no longer, and it is said why the proof is lost',
    async (code) => {
      const clock = new AutoClock();
      const { vendor, trouble, connectors } = readingVendor(clock);
      const { engine, ledger } = await openSetting(connectors, { clock });
      const startedAt = clock.now();
      trouble.failure = () => (clock.now() < startedAt + 7 * hour ? code : undefined);
      await engine.accept(people.map((person) => requestFor(person)));
      await engine.run(forever);
      expect(vendor.people.size).toBe(0);
      const sentAt = vendor.submits().map(({ at }) => at - startedAt);
      expect(Math.max(...sentAt)).toBeLessThanOrEqual(6 * hour + 600_000);
      // Growing waits, up to ten minutes.
      expect(trouble.failed).toBeLessThan(60);
      const tasks = await allTasks(ledger);
      expect(tasks.every((task) => task.readBefore === 'unread' && task.unreadReason === code)).toBe(true);
      expect((await ledger.summary()).connectors).toMatchObject([{ unread: [{ reason: code, count: people.length }] }]);
      expect(vendor.submits().map(({ values }) => values.length)).toEqual([30, 30]);
    },
  );

  it('cost one person alone the proof where that one spoils every read', async () => {
    const clock = new AutoClock();
    const { trouble, connectors } = readingVendor(clock, { readTargets: 40 });
    trouble.failure = (values) => (values.includes('p37') ? 'request-rejected' : undefined);
    const { engine, ledger } = await openSetting(connectors, { clock });
    await engine.accept(people.map((person) => requestFor(person)));
    await engine.run(forever);
    const tasks = await allTasks(ledger);
    expect(tasks.filter(({ assurance }) => assurance === 'verified')).toHaveLength(people.length - 1);
    expect(
      tasks.flatMap(({ requestId, unreadReason }) => (unreadReason === undefined ? [] : [requestId, unreadReason])),
    ).toEqual(['r-p37', 'request-rejected']);
    expect(trouble.failed).toBeLessThan(30);
  });

  it('find out how many the vendor reads at a time', async () => {
    const clock = new AutoClock();
    const { trouble, connectors } = readingVendor(clock, { readTargets: 40 });
    trouble.failure = (values) => (values.length > 20 ? 'request-too-large' : undefined);
    const { engine, ledger } = await openSetting(connectors, { clock });
    await engine.accept(people.map((person) => requestFor(person)));
    await engine.run(forever);
    const tasks = await allTasks(ledger);
    expect(tasks.filter(({ assurance }) => assurance === 'verified')).toHaveLength(people.length);
    expect(trouble.failed).toBeLessThan(5);
  });

  it.each(['vendor-unavailable', 'credentials-rejected'] as const)(
    'for half an hour after the deletion (%s) cost nobody the proof',
    async (code) => {
      const clock = new AutoClock();
      const { vendor, trouble, connectors } = readingVendor(clock, { readBackAfterMs: 0 });
      const { engine, ledger } = await openSetting(connectors, { clock });
      let deletedAt = 0;
      trouble.failure = () => {
        if (vendor.people.size > 0) return undefined;
        if (deletedAt === 0) deletedAt = clock.now();
        return clock.now() < deletedAt + hour / 2 ? code : undefined;
      };
      await engine.accept(people.map((person) => requestFor(person)));
      await engine.run(forever);
      const tasks = await allTasks(ledger);
      // Those that were deleted first were read back before.
      expect(tasks.filter(({ assurance }) => assurance === 'verified')).toHaveLength(people.length);
      expect(trouble.failed).toBeGreaterThan(0);
      expect(trouble.failed).toBeLessThan(30);
    },
  );

  it('after the deletion for a day leave the word of the vendor, and say why', async () => {
    const clock = new AutoClock();
    const { vendor, trouble, connectors } = readingVendor(clock);
    const { engine, ledger } = await openSetting(connectors, { clock });
    trouble.failure = () => (vendor.people.size === 0 ? 'timed-out' : undefined);
    await engine.accept([requestFor('p0')]);
    for (const person of people.slice(1)) vendor.people.delete(person);
    await engine.run(forever);
    expect(await allTasks(ledger)).toMatchObject([
      {
        state: 'deleted',
        assurance: 'confirmed',
        reason: 'not-read-back',
        message: expect.stringContaining('timed-out'),
      },
    ]);
    expect(trouble.failed).toBe(10);
  });
});

describe('reads before the deletion', () => {
  const people = Array.from({ length: 300 }, (_, index) => `p${index}`);

  it.each([
    ['immediate', isOnPostgres ? 60 : 300],
    ['polled', 60],
  ] as const)('break up no deletion calls, one read at a time: %s', async (mode, count) => {
    const clock = new AutoClock();
    const wanted = people.slice(0, count);
    const vendor = new MemoryVendor({ clock, mode, canVerify: true, maxTargets: count / 3, readTargets: 1 });
    for (const person of wanted) vendor.people.add(person);
    const connector: DeletionConnector = {
      ...vendor.connector,
      verify: async (targets) => {
        await clock.sleep(50);
        return (await vendor.connector.verify?.(targets)) ?? [];
      },
    };
    const { engine } = await openSetting([{ name: 'memory', connector, verify: 'before-and-after' }], { clock });
    await engine.accept(wanted.map((person) => requestFor(person)));
    await engine.run(forever);
    expect(vendor.submits().map(({ values }) => values.length)).toEqual([count / 3, count / 3, count / 3]);
    expect(vendor.people.size).toBe(0);
    if (mode === 'polled') expect(vendor.jobs).toHaveLength(3);
  });

  it('let a full call go before the reads are over, and the rest right after them', async () => {
    const clock = new AutoClock();
    const rates = [{ kinds: ['verify' as const], calls: 1, perMs: 1000 }];
    const vendor = new MemoryVendor({ clock, canVerify: true, maxTargets: 20, readTargets: 1, rates });
    for (const person of people.slice(0, 50)) vendor.people.add(person);
    const { engine } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after', limitShare: 1 }],
      { clock },
    );
    const startedAt = clock.now();
    await engine.accept(people.slice(0, 50).map((person) => requestFor(person)));
    await engine.run();
    expect(vendor.submits().map(({ values, at }) => [values.length, Math.round((at - startedAt) / 1000)])).toEqual([
      [20, 19],
      [20, 39],
      [10, 49],
    ]);
  });

  it('hold nobody up who is read, where the next read is far away', async () => {
    const clock = new AutoClock();
    const rates = [{ kinds: ['verify' as const], calls: 2, perMs: 3_600_000 }];
    const vendor = new MemoryVendor({ clock, canVerify: true, maxTargets: 100, readTargets: 1, rates });
    for (const person of people.slice(0, 4)) vendor.people.add(person);
    const { engine } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after', limitShare: 1 }],
      { clock },
    );
    const startedAt = clock.now();
    await engine.accept(people.slice(0, 4).map((person) => requestFor(person)));
    await engine.run();
    expect(vendor.submits()).toMatchObject([{ values: ['p0', 'p1'], at: startedAt }]);
  });

  it('wait for slow reads no longer than six hours', async () => {
    const clock = new AutoClock();
    const rates = [{ kinds: ['verify' as const], calls: 1, perMs: 540_000 }];
    const vendor = new MemoryVendor({ clock, canVerify: true, maxTargets: 100, readTargets: 1, rates });
    for (const person of people.slice(0, 150)) vendor.people.add(person);
    const { engine } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after', limitShare: 1 }],
      { clock },
    );
    const startedAt = clock.now();
    await engine.accept(people.slice(0, 150).map((person) => requestFor(person)));
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
    expect(vendor.submits().map(({ values }) => values.length)).toEqual([100, 50]);
    expect(Math.max(...vendor.submits().map(({ at }) => at - startedAt))).toBeLessThanOrEqual(6 * 3_600_000 + 600_000);
  });
});
