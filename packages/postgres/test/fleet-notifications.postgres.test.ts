import { type Clock, type ConfiguredConnector, createEngine, systemClock } from '@expunge/engine';
import { expect, inject, it, onTestFinished } from 'vitest';
import { MemoryVendor } from '../../engine/test/memory-vendor.ts';
import { openWorker } from '../src/fleet/open-fleet.ts';
import { openPostgresLedger } from '../src/index.ts';
import { newFleetSchema, openTestWorker, requestsFor, until } from './fleet-setting.ts';

const key = Buffer.alloc(32, 7);
const connectorsOf = (vendor: MemoryVendor) => [{ name: 'memory', connector: vendor.connector }];
const vendorWith = (values: readonly string[]) => {
  const vendor = new MemoryVendor({ clock: systemClock, maxTargets: 10 });
  for (const value of values) vendor.people.add(value);
  return vendor;
};

/** A worker that stays, and never looks for work by itself once it has gone to sleep: only news wake it. */
async function startSleeper(schema: string, connectors: readonly ConfiguredConnector[]) {
  const fleet = await openWorker({ url: inject('postgresUrl'), schema, key }, {});
  let asleepSince = Number.POSITIVE_INFINITY;
  const clock: Clock = {
    now: () => fleet.clock.now(),
    async sleep(_ms, signal) {
      asleepSince = performance.now();
      await new Promise<void>((resolve) => {
        if (signal?.aborted === true) resolve();
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
      asleepSince = Number.POSITIVE_INFINITY;
    },
  };
  const stop = new AbortController();
  const engine = createEngine({ connectors, ledger: fleet.ledger, clock, random: () => 1 });
  const running = engine.run({ stays: true, signal: stop.signal });
  onTestFinished(async () => {
    stop.abort();
    await running;
    await fleet.close();
  });
  // What ends a call wakes it too: after that it sleeps again.
  return { untilAsleep: () => until(() => performance.now() - asleepSince > 250) };
}

/** A process that knows no queue, as `expunge delete`, `hold`, `cancel` and `resume` are. */
async function openCommand(schema: string, connectors: readonly ConfiguredConnector[]) {
  const ledger = await openPostgresLedger({ url: inject('postgresUrl'), schema, key });
  onTestFinished(() => ledger.close());
  return { ledger, engine: createEngine({ connectors, ledger, clock: ledger.clock }) };
}

it('wakes a worker when a command takes somebody in, again and again', async () => {
  const vendor = vendorWith(['one', 'two', 'three', 'stays']);
  const schema = newFleetSchema();
  const { untilAsleep } = await startSleeper(schema, connectorsOf(vendor));
  const command = await openCommand(schema, connectorsOf(vendor));
  for (const value of ['one', 'two', 'three']) {
    await untilAsleep();
    await command.engine.accept(requestsFor([value]));
    await until(() => !vendor.people.has(value));
  }
  expect([...vendor.people]).toEqual(['stays']);
  expect(vendor.sentTwice()).toEqual([]);
});

it('wakes a worker when a command takes a hold away', async () => {
  const vendor = vendorWith(['held', 'stays']);
  const schema = newFleetSchema();
  const command = await openCommand(schema, connectorsOf(vendor));
  await command.engine.hold({ type: 'user_id', value: 'held' }, 'litigation');
  await command.engine.accept(requestsFor(['held']));
  const { untilAsleep } = await startSleeper(schema, connectorsOf(vendor));
  await untilAsleep();
  expect(vendor.calls).toEqual([]);
  await command.engine.release({ type: 'user_id', value: 'held' });
  await until(() => !vendor.people.has('held'));
  expect([...vendor.people]).toEqual(['stays']);
});

it('wakes a worker when a command ends a pause', async () => {
  const vendor = vendorWith(['one', 'stays']);
  const schema = newFleetSchema();
  const command = await openCommand(schema, connectorsOf(vendor));
  await command.engine.accept(requestsFor(['one']));
  await command.ledger.setPaused('memory', {
    code: 'credentials-rejected',
    message: 'no',
    at: command.ledger.clock.now(),
  });
  const { untilAsleep } = await startSleeper(schema, connectorsOf(vendor));
  await untilAsleep();
  expect(vendor.calls).toEqual([]);
  await command.ledger.setPaused('memory', undefined);
  await until(() => !vendor.people.has('one'));
  expect([...vendor.people]).toEqual(['stays']);
});

it('wakes a worker when another one has something for all', async () => {
  const vendor = vendorWith(['one', 'stays']);
  const schema = newFleetSchema();
  const { untilAsleep } = await startSleeper(schema, connectorsOf(vendor));
  const other = await openTestWorker(schema, connectorsOf(vendor));
  await untilAsleep();
  await other.engine.accept(requestsFor(['one']));
  await until(() => !vendor.people.has('one'));
  expect([...vendor.people]).toEqual(['stays']);
});
