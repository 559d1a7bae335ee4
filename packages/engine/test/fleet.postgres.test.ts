import { describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import type { LedgerTask } from '../src/ledger/ledger.ts';
import { newFleetSchema, openTestWorker, people, requestsFor, until } from './fleet-setting.ts';
import { MemoryVendor, type MemoryVendorOptions } from './memory-vendor.ts';
import { allTasks, expectCountsToBeTrue } from './setting.ts';
import { runSql } from './test-ledger.ts';

function vendorWith(values: readonly string[], options: Partial<MemoryVendorOptions> = {}): MemoryVendor {
  const vendor = new MemoryVendor({ clock: systemClock, maxTargets: 10, ...options });
  for (const value of values) vendor.people.add(value);
  return vendor;
}

async function workersOn(vendor: MemoryVendor, count: number) {
  const schema = newFleetSchema();
  const connectors = [{ name: 'memory', connector: vendor.connector }];
  const workers = [];
  for (let worker = 0; worker < count; worker += 1) workers.push(await openTestWorker(schema, connectors));
  return { schema, workers, connectors };
}

async function jobsOf(schema: string): Promise<Record<string, unknown>[]> {
  return runSql(`SELECT name, CAST(state AS text) AS state FROM ${schema}_queue.job ORDER BY name`);
}

// As if this much time had passed since a worker was seen last.
async function letTimePass(schema: string, seconds: number, worker = ''): Promise<void> {
  await runSql(`UPDATE ${schema}_queue.job SET heartbeat_on = heartbeat_on - interval '${seconds}s' WHERE state = 'active'`);
  await runSql(`UPDATE ${schema}.workers SET seen_at = seen_at - ${seconds * 1000} ${worker}`);
}

describe('workers on one ledger', () => {
  it.each(['immediate', 'polled'] as const)('delete everybody once (%s)', async (mode) => {
    const values = people(120);
    const vendor = vendorWith(values, { mode, jobMs: 50 });
    const { schema, workers } = await workersOn(vendor, 3);
    await workers[0]?.engine.accept(requestsFor(values));
    const reports = await Promise.all(workers.map(({ engine }) => engine.run()));
    expect(vendor.people.size).toBe(0);
    expect(vendor.sentTwice()).toEqual([]);
    expect(reports.some((report) => report.isSettled)).toBe(true);
    expect((await allTasks(workers[0]?.fleet.ledger ?? expect.fail())).every(({ state }) => state === 'deleted')).toBe(true);
    expect(await jobsOf(schema)).toEqual([]);
    await expectCountsToBeTrue(schema);
  });

  it('share the work: with one call at a time each, no worker does it all', async () => {
    const values = people(60);
    const vendor = vendorWith(values, { maxTargets: 1, callsInFlight: 4 });
    const { schema, workers } = await workersOn(vendor, 2);
    const [first] = workers;
    await first?.engine.accept(requestsFor(values));
    await Promise.all(workers.map(({ engine }) => engine.run()));
    const calls = await runSql(`SELECT worker, count(*) AS calls FROM ${schema}.calls GROUP BY worker`);
    expect(calls.length).toBe(2);
    expect(vendor.mostOpen).toBeLessThanOrEqual(4);
    expect(vendor.sentTwice()).toEqual([]);
  });
});

export type { LedgerTask };
export { letTimePass, until };
