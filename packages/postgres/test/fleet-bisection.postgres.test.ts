import { ConnectorError, type DeletionConnector, type Receipt } from '@expunge/core';
import { systemClock } from '@expunge/engine';
import { describe, expect, it } from 'vitest';
import { MemoryVendor } from '../../engine/test/memory-vendor.ts';
import { allTasks, expectCountsToBeTrue } from '../../engine/test/setting.ts';
import { newFleetSchema, openTestWorker, people, requestsFor } from './fleet-setting.ts';

const values = people(16);
const poison = 'user-5';
const sizes = (vendor: MemoryVendor) =>
  vendor
    .submits()
    .map((call) => call.values.length)
    .sort((a, b) => b - a);

/** Pauses for good after so many calls: a search that does not end must not hang. */
function endingAt(connector: DeletionConnector, calls: number): DeletionConnector {
  let made = 0;
  return {
    ...connector,
    submit: (targets, options) => {
      made += 1;
      if (made <= calls) return connector.submit(targets, options);
      throw new ConnectorError({ code: 'setup-wrong', vendor: 'memory', message: 'There were too many calls.' });
    },
  };
}

async function workersAt(connector: DeletionConnector) {
  const schema = newFleetSchema();
  const connectors = [{ name: 'memory', connector }];
  const workers = [await openTestWorker(schema, connectors), await openTestWorker(schema, connectors)] as const;
  await workers[0].engine.accept(requestsFor(values));
  return { schema, workers };
}

describe('workers find the one for whom a vendor refuses all', () => {
  it('of a call, by halves', async () => {
    const vendor = new MemoryVendor({
      clock: systemClock,
      maxTargets: 100,
      callsInFlight: 1,
      isPoison: ({ value }) => value === poison,
    });
    for (const value of values) vendor.people.add(value);
    const { schema, workers } = await workersAt(endingAt(vendor.connector, 40));
    await Promise.all(workers.map(({ engine }) => engine.run()));
    expect([...vendor.people]).toEqual([poison]);
    expect(sizes(vendor)).toEqual([16, 8, 8, 4, 4, 2, 2, 1, 1]);
    const tasks = await allTasks(workers[0].fleet.ledger);
    expect(tasks.filter(({ state }) => state !== 'deleted')).toMatchObject([{ state: 'failed' }]);
    await expectCountsToBeTrue(schema);
  });

  it('of a job, by halves', async () => {
    const vendor = new MemoryVendor({ clock: systemClock, mode: 'polled', maxTargets: 100, callsInFlight: 1 });
    for (const value of values) vendor.people.add(value);
    const capabilities: DeletionConnector['capabilities'] = {
      ...vendor.connector.capabilities,
      completion: { type: 'polled', firstCheckAfterMs: 1, checkEveryMs: 100, expectedWithinMs: 1000 },
    };
    const check = async (receipt: Receipt) => {
      const job = vendor.jobs.find(({ id }) => id === receipt.job);
      const asked = job?.values ?? [];
      if (asked.includes(poison)) {
        return { state: 'failed', vendorStatus: 'FAILURE', canSubmitAgain: true, canBisect: true } as const;
      }
      for (const value of asked) vendor.people.delete(value);
      return { state: 'deleted', vendorStatus: 'DONE' } as const;
    };
    const { schema, workers } = await workersAt(endingAt({ ...vendor.connector, capabilities, check }, 40));
    await Promise.all(workers.map(({ engine }) => engine.run({ waitAtMostMs: 2000 })));
    expect([...vendor.people]).toEqual([poison]);
    expect(sizes(vendor)).toEqual([16, 8, 8, 4, 4, 2, 2, 1, 1]);
    await expectCountsToBeTrue(schema);
  });
});
