import { systemClock } from '@expunge/engine';
import { describe, expect, it } from 'vitest';
import { MemoryVendor } from '../../engine/test/memory-vendor.ts';
import { allTasks, expectCountsToBeTrue } from '../../engine/test/setting.ts';
import { runSql } from '../../engine/test/test-ledger.ts';
import { newFleetSchema, openTestWorker, people, requestsFor } from './fleet-setting.ts';

/** A fleet's ledger with one person on each page, and two workers that have opened it since the second page was damaged. */
async function workersOnDamage(count: number) {
  const values = people(count);
  const vendor = new MemoryVendor({ clock: systemClock, maxTargets: 10 });
  for (const value of values) vendor.people.add(value);
  const connectors = [{ name: 'memory', connector: vendor.connector }];
  const schema = newFleetSchema();
  const { engine } = await openTestWorker(schema, connectors);
  // An import of its own puts each on a page of their own.
  for (const value of values) await engine.accept(requestsFor([value]));
  const [row] = await runSql(`SELECT page FROM ${schema}.tasks WHERE page IS NOT NULL ORDER BY id OFFSET 1 LIMIT 1`);
  const flip = () =>
    runSql(
      `UPDATE ${schema}.encrypted_pages SET ciphertext = set_byte(ciphertext, 0, get_byte(ciphertext, 0) # 1)
       WHERE id = ${Number(row?.page)}`,
    );
  await flip();
  const workers = [await openTestWorker(schema, connectors), await openTestWorker(schema, connectors)] as const;
  return { schema, connectors, vendor, values, workers, page: Number(row?.page), repair: flip };
}

const sent = (vendor: MemoryVendor) =>
  vendor
    .submits()
    .flatMap((call) => call.values)
    .sort();

const jobsLeft = (schema: string) =>
  runSql(`SELECT state FROM ${schema}_queue.job WHERE CAST(state AS text) IN ('created', 'retry', 'active')`);

describe('a damaged page in a fleet', () => {
  it('costs those on it, and no worker ends over it', async () => {
    const { schema, vendor, values, workers, page } = await workersOnDamage(4);
    const [first, second] = workers;
    await Promise.all([first.engine.run(), second.engine.run()]);
    expect(sent(vendor)).toEqual(values.filter((value) => value !== 'user-1'));
    expect([...vendor.people]).toEqual(['user-1']);
    const { ledger } = second.fleet;
    expect(await ledger.setAside(10)).toMatchObject({ tasks: 1, requests: [expect.any(String)] });
    const tasks = await allTasks(ledger);
    expect(tasks.filter(({ state }) => state !== 'deleted')).toEqual([
      expect.objectContaining({
        state: 'needs-review',
        reason: 'page-damaged',
        message: expect.stringContaining(`page ${page} `),
        nextAt: undefined,
      }),
    ]);
    // What is set aside has no job: no worker takes it up again.
    expect(await jobsLeft(schema)).toEqual([]);
    await expectCountsToBeTrue(schema);
    expect(await ledger.verify()).toMatchObject({ log: { isIntact: true }, differences: [] });
  });

  it('is worked on by any worker when it is repaired and an operator sends it again', async () => {
    const { schema, connectors, vendor, values, workers, repair } = await workersOnDamage(3);
    await workers[0].engine.run();
    expect([...vendor.people]).toEqual(['user-1']);
    await repair();
    expect(await workers[1].engine.reopen('needs-review')).toBe(1);
    const third = await openTestWorker(schema, connectors);
    await third.engine.run();
    expect(sent(vendor)).toEqual(values);
    expect(vendor.people.size).toBe(0);
    expect(await third.fleet.ledger.setAside(10)).toEqual({ tasks: 0, requests: [] });
    await expectCountsToBeTrue(schema);
  });
});
