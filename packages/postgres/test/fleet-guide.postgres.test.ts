import { readFileSync } from 'node:fs';
import { systemClock } from '@expunge/engine';
import { describe, expect, it } from 'vitest';
import { MemoryVendor, type MemoryVendorOptions } from '../../engine/test/memory-vendor.ts';
import { requestFor } from '../../engine/test/setting.ts';
import { runSql } from '../../engine/test/test-ledger.ts';
import { newFleetSchema, openTestWorker, people, requestsFor } from './fleet-setting.ts';

// What docs/fleet.md promises.
const guide = readFileSync(new URL('../../../docs/fleet.md', import.meta.url), 'utf8');

function vendorWith(values: readonly string[], options: Partial<MemoryVendorOptions> = {}): MemoryVendor {
  const vendor = new MemoryVendor({ clock: systemClock, maxTargets: 10, ...options });
  for (const value of values) vendor.people.add(value);
  return vendor;
}

it('a worker leaves alone what belongs to a connector that it does not know', async () => {
  const values = people(5);
  const known = vendorWith(values);
  const unknown = vendorWith(values);
  const schema = newFleetSchema();
  const ofKnown = { name: 'known', connector: known.connector };
  const few = await openTestWorker(schema, [ofKnown]);
  const all = await openTestWorker(schema, [ofKnown, { name: 'unknown', connector: unknown.connector }]);
  await all.engine.accept(requestsFor(values));
  await few.engine.run({ waitAtMostMs: 0 });
  await few.fleet.beat();
  expect(await few.fleet.reconcile()).toEqual({ made: 0, settled: 0 });
  expect(known.people.size).toBe(0);
  expect(unknown.calls).toEqual([]);
  const states = `SELECT state, count(*) AS tasks FROM ${schema}.tasks JOIN ${schema}.connectors ON connectors.id = connector WHERE name = 'unknown' GROUP BY state`;
  expect(await runSql(states)).toEqual([{ state: 'ready', tasks: 5 }]);
  expect((await few.fleet.queue()).queues).toMatchObject([{ connector: 'unknown', due: 5, active: 0, dead: 0 }]);
  await all.engine.run({ waitAtMostMs: 0 });
  expect(unknown.people.size).toBe(0);
  expect(known.sentTwice()).toEqual([]);
});

it('the queue is made anew from a ledger that was restored without it', async () => {
  const values = people(20);
  const vendor = vendorWith(values, { mode: 'polled', jobMs: 1 });
  const schema = newFleetSchema();
  const connectors = [{ name: 'memory', connector: vendor.connector }];
  const before = await openTestWorker(schema, connectors);
  await before.engine.accept(requestsFor(values.slice(0, 10)));
  await before.engine.run({ waitAtMostMs: 0 });
  await before.engine.accept(requestsFor(values.slice(10)), { waitMs: 1 });
  await before.fleet.close();
  const jobs = `SELECT count(*) AS jobs FROM ${schema}_queue.job`;
  const [had] = await runSql(jobs);
  expect(had?.jobs).toBe(11);
  await runSql(`DROP SCHEMA ${schema}_queue CASCADE`);

  const after = await openTestWorker(schema, connectors);
  expect(await runSql(jobs)).toEqual([{ jobs: 0 }]);
  // As it does by itself, each minute.
  expect(await after.fleet.reconcileInTurn()).toBeDefined();
  expect(await runSql(jobs)).toEqual([had]);
  // The first ones are asked about, the others sent, and asked about as well.
  for (let round = 0; round < 2; round += 1) {
    await runSql(`UPDATE ${schema}.submissions SET next_at = 0 WHERE next_at IS NOT NULL`);
    await after.engine.run({ waitAtMostMs: 0 });
  }
  expect(vendor.people.size).toBe(0);
  expect(vendor.sentTwice()).toEqual([]);
  expect(await runSql(jobs)).toEqual([{ jobs: 0 }]);
});

describe('the queries of what to alert on', () => {
  /** By the first words of their row; how many rows or which number means that nothing is wrong. */
  const isAlarm: Readonly<Record<string, (rows: readonly Record<string, unknown>[]) => boolean>> = {
    'a deadline has passed': ([row]) => Number(row?.count) > 0,
    'a connector is paused': (rows) => rows.length > 0,
    'work that no worker leases': ([row]) => row?.min != null,
    'something needs a review': ([row]) => Number(row?.count) > 0,
    'something failed for good': ([row]) => Number(row?.count) > 0,
    // Whether it is one depends on how long it is.
    'the database': ([row]) => row?.max === null,
  };
  const queries = [...guide.matchAll(/^\| ([^|:]+?)(?::[^|]*)? \|.*`(SELECT [^`]+)` \|$/gm)].map(
    ([, alert = '', query = '']) => ({ alert, query }),
  );

  it('are all of the SQL in the guide', () => {
    expect(queries.map(({ alert }) => alert).sort()).toEqual(Object.keys(isAlarm).sort());
    expect(guide.match(/\b(SELECT|INSERT INTO|DELETE FROM|ALTER TABLE|CREATE)\b [^`]*/g)?.length).toBe(queries.length);
  });

  it('say nothing where all is well, and something where it is not', async () => {
    const schema = newFleetSchema();
    const vendor = vendorWith(people(3), { maxTargets: 1, callsInFlight: 1, repeat: 'costly' });
    const { engine } = await openTestWorker(schema, [{ name: 'memory', connector: vendor.connector }]);
    const alarms = async () => {
      const found: string[] = [];
      for (const { alert, query } of queries) {
        const rows = await runSql(query.replaceAll('expunge.', `${schema}.`));
        if (isAlarm[alert]?.(rows) !== false) found.push(alert);
      }
      return found.sort();
    };
    await engine.accept(requestsFor(['user-0']));
    await engine.run({ waitAtMostMs: 0 });
    expect(vendor.people.has('user-0')).toBe(false);
    expect(await alarms()).toEqual([]);

    vendor.faults.push(
      { code: 'request-rejected' },
      { code: 'timed-out', acts: true },
      { code: 'credentials-rejected' },
    );
    await engine.accept(['user-1', 'user-2', 'late'].map((value) => requestFor(value)));
    await engine.run({ waitAtMostMs: 5000 });
    expect(await alarms()).toEqual(
      Object.keys(isAlarm)
        .filter((alert) => alert !== 'the database')
        .sort(),
    );
  });
});
