import type { CallOptions, DeletionConnector } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor, type MemoryVendorOptions } from './memory-vendor.ts';
import { openSetting, requestFor } from './setting.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };
const hour = 3_600_000;
const oneASecond = [{ kinds: ['submit', 'check', 'cancel', 'access'] as const, calls: 1, perMs: 1000 }];
const people = (count: number, prefix = 'p') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** A vendor whose connector makes several calls in one method, and what arrived there when. */
function vendorOfSeveralCalls(clock: AutoClock, options: Partial<MemoryVendorOptions> = {}) {
  const rates = oneASecond.map((rate) => ({ ...rate, kinds: [...rate.kinds] }));
  const vendor = new MemoryVendor({ clock, mode: 'polled', canCancel: true, jobMs: 1000, rates, ...options });
  const arrived: number[] = [];
  const arrive = async (call: CallOptions | undefined) => {
    await call?.beforeCall?.();
    arrived.push(clock.now());
    await clock.sleep(2);
  };
  const { submit, check, cancel } = vendor.connector;
  const connector: DeletionConnector = {
    ...vendor.connector,
    submit: async (targets, call) => {
      await arrive(call);
      return submit(targets, call);
    },
    // Two jobs in one receipt.
    check: async (receipt, targets, call) => {
      await arrive(call);
      await arrive(call);
      return (await check?.(receipt, targets, call)) ?? { state: 'lost', vendorStatus: 'LOST' };
    },
    // Asks what came of it.
    cancel: async (receipt, targets, call) => {
      await arrive(call);
      await arrive(call);
      return (await cancel?.(receipt, targets, call)) ?? { type: 'too-late' };
    },
    checkAccess: async (call) => {
      await arrive(call);
      await arrive(call);
      return { proven: ['It works.'], unproven: [] };
    },
  };
  return { vendor, connectors: [{ name: 'memory', connector, limitShare: 1 }], arrived };
}

function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

describe('a method that makes several calls', () => {
  it('keeps the limit with each of them: checks', async () => {
    const clock = new AutoClock();
    const { connectors, arrived } = vendorOfSeveralCalls(clock);
    const { engine } = await openSetting(connectors, { clock });
    await engine.accept(people(2).map((person) => requestFor(person)));
    await engine.run(forever);
    expect(arrived.length).toBeGreaterThanOrEqual(3);
    expect(Math.min(...gapsOf(arrived))).toBeGreaterThanOrEqual(1000);
  });

  it('keeps the limit with each of them: a cancellation, also for the next process', async () => {
    const clock = new AutoClock();
    const { connectors, arrived } = vendorOfSeveralCalls(clock);
    const first = await openSetting(connectors, { clock });
    await first.engine.accept([requestFor('ada')]);
    await first.engine.run({ waitAtMostMs: 0 });
    expect((await first.engine.cancel('r-ada'))?.cancelled).toBe(1);
    await first.close();
    const again = await openSetting(connectors, { clock, path: first.path });
    await again.engine.accept([requestFor('bob')]);
    await again.engine.run({ waitAtMostMs: 2000 });
    expect(arrived).toHaveLength(4);
    expect(Math.min(...gapsOf(arrived))).toBeGreaterThanOrEqual(1000);
  });

  it('comes before calls that have not begun', async () => {
    const clock = new AutoClock();
    const rates = [{ kinds: ['submit' as const, 'check' as const, 'cancel' as const], calls: 4, perMs: 1000 }];
    const { connectors, arrived, vendor } = vendorOfSeveralCalls(clock, { rates, maxTargets: 1, callsInFlight: 4 });
    const { engine } = await openSetting(connectors, { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run({ waitAtMostMs: 0 });
    await engine.accept(people(40).map((person) => requestFor(person)));
    const [, cancelled] = await Promise.all([engine.run({ waitAtMostMs: 0 }), engine.cancel('r-ada')]);
    expect(cancelled?.cancelled).toBe(1);
    const cancelledAt = vendor.calls.find(({ kind }) => kind === 'cancel')?.at ?? 0;
    expect(cancelledAt - (arrived[0] ?? 0)).toBeLessThan(4000);
    for (const [index, at] of arrived.entries())
      expect((arrived[index + 4] ?? at + 1000) - at).toBeGreaterThanOrEqual(1000);
  });

  it('sends nothing more where the ledger can not be written', async () => {
    const clock = new AutoClock();
    const { connectors, arrived } = vendorOfSeveralCalls(clock);
    const { engine, ledger } = await openSetting(connectors, { clock });
    await engine.accept([requestFor('ada')]);
    const { recordFurtherCall } = ledger;
    ledger.recordFurtherCall = () => Promise.reject(new Error('no disk'));
    await expect(engine.run(forever)).rejects.toThrow('no disk');
    expect(arrived).toHaveLength(2);
    ledger.recordFurtherCall = recordFurtherCall;
    expect((await engine.run(forever)).isSettled).toBe(true);
  });
});

describe('a check of the access', () => {
  it('keeps the limits, and is out of them when a deletion begins right after it elsewhere', async () => {
    const clock = new AutoClock();
    const { connectors, arrived } = vendorOfSeveralCalls(clock);
    const checking = await openSetting(connectors, { clock });
    expect(await checking.engine.checkAccess()).toMatchObject([{ report: { proven: ['It works.'] } }]);
    const deleting = await openSetting(connectors, { clock });
    await deleting.engine.accept([requestFor('ada')]);
    await deleting.engine.run({ waitAtMostMs: 0 });
    expect(arrived).toHaveLength(3);
    expect(Math.min(...gapsOf(arrived))).toBeGreaterThanOrEqual(1000);
  });
});

describe('connectors of one account', () => {
  const sixtyAnHour = [{ kinds: ['verify' as const], calls: 60, perMs: hour }];

  function twoOnOneAccount(clock: AutoClock, account: string | undefined = 'project-42') {
    const make = () => new MemoryVendor({ clock, canVerify: true, maxTargets: 100, rates: sixtyAnHour });
    const vendors = [make(), make()];
    const connectors = vendors.map(({ connector }, index) => ({
      name: `memory-${index}`,
      connector,
      verify: 'before-and-after' as const,
      limitShare: 0.8,
      account,
    }));
    const reads = () =>
      vendors
        .flatMap(({ calls }) => calls.filter(({ kind }) => kind === 'verify').map(({ at }) => at))
        .sort((a, b) => a - b);
    return { vendors, connectors, reads };
  }

  function mostInAnHour(times: readonly number[]): number {
    return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + hour).length));
  }

  it('keep a limit together, and over a restart', async () => {
    const clock = new AutoClock();
    const { connectors, reads } = twoOnOneAccount(clock);
    // Five people a read: 30 reads before and 30 after, at each of the two.
    const first = await openSetting(connectors, { clock });
    await first.engine.accept(people(150).map((person) => requestFor(person)));
    await first.engine.run({ waitAtMostMs: 0 });
    expect(reads()).toHaveLength(48);
    await first.close();
    const again = await openSetting(connectors, { clock, path: first.path });
    expect((await again.engine.run(forever)).isSettled).toBe(true);
    expect(reads().length).toBeGreaterThan(100);
    expect(mostInAnHour(reads())).toBe(48);
  });

  it('keep one each where the configuration says nothing of an account', async () => {
    const clock = new AutoClock();
    const { connectors, reads } = twoOnOneAccount(clock);
    const apart = connectors.map((each) => ({ ...each, account: undefined }));
    const { engine } = await openSetting(apart, { clock });
    await engine.accept(people(300).map((person) => requestFor(person)));
    await engine.run({ waitAtMostMs: 0 });
    expect(reads()).toHaveLength(96);
  });

  it('wait together for what the vendor asked one of them to wait for', async () => {
    const clock = new AutoClock();
    const { vendors, connectors, reads } = twoOnOneAccount(clock);
    vendors[0]?.verifyFaults.push({ code: 'rate-limited', retryAfterMs: 2 * hour });
    const { engine, ledger } = await openSetting(connectors.slice(0, 2), { clock });
    const startedAt = clock.now();
    await engine.accept(people(10).map((person) => requestFor(person)));
    await engine.run({ waitAtMostMs: 0 });
    const before = reads().length;
    for (const name of ['memory-0', 'memory-1']) {
      expect((await ledger.connectorState(name, startedAt, undefined)).blockedUntil.verify).toBe(startedAt + 2 * hour);
    }
    clock.set(startedAt + hour);
    await engine.run({ waitAtMostMs: 0 });
    expect(reads()).toHaveLength(before);
  });

  it("use one month's volume", async () => {
    const clock = new AutoClock();
    const make = () => new MemoryVendor({ clock, maxTargets: 1, targetsPerMonth: 10 });
    const vendors = [make(), make()];
    const connectors = vendors.map(({ connector }, index) => ({ name: `memory-${index}`, connector, account: 'a' }));
    const first = await openSetting(connectors, { clock });
    await first.engine.accept(people(8).map((person) => requestFor(person)));
    await first.engine.run({ waitAtMostMs: 0 });
    const sent = () => vendors.reduce((sum, vendor) => sum + vendor.submits().length, 0);
    expect(sent()).toBe(10);
    await first.close();
    const again = await openSetting(connectors, { clock, path: first.path });
    await again.engine.run({ waitAtMostMs: 0 });
    expect(sent()).toBe(10);
  });

  it('use one number of calls at a time, and all come to an end', async () => {
    const clock = new AutoClock();
    const vendors = [
      new MemoryVendor({ clock, maxTargets: 1, callsInFlight: 2 }),
      new MemoryVendor({ clock, maxTargets: 1, callsInFlight: 2 }),
    ];
    let open = 0;
    let mostOpen = 0;
    const connectors = vendors.map(({ connector }, index) => ({
      name: `memory-${index}`,
      account: 'a',
      connector: {
        ...connector,
        submit: async (...call: Parameters<DeletionConnector['submit']>) => {
          open += 1;
          mostOpen = Math.max(mostOpen, open);
          await clock.sleep(10);
          open -= 1;
          return connector.submit(...call);
        },
      },
    }));
    const { engine } = await openSetting(connectors, { clock });
    await engine.accept(people(20).map((person) => requestFor(person)));
    expect((await engine.run()).isSettled).toBe(true);
    expect(mostOpen).toBe(2);
  });

  it.each<[string, { limitShare?: number; vendor?: string }, RegExp]>([
    ['vendors', { vendor: 'other' }, /different vendors/],
    ['shares of the limits', { limitShare: 0.5 }, /different limitShare/],
  ])('are refused with different %s', async (_what, { vendor, limitShare }, message) => {
    const clock = new AutoClock();
    const { connectors } = twoOnOneAccount(clock);
    const [first, second] = connectors;
    if (first === undefined || second === undefined) throw new Error('There are two.');
    const other = {
      ...second,
      limitShare: limitShare ?? second.limitShare,
      connector: { ...second.connector, vendor: vendor ?? second.connector.vendor },
    };
    await expect(openSetting([first, other], { clock })).rejects.toThrow(message);
  });
});
