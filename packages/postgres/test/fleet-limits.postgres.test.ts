import type { CallOptions, DeletionConnector } from '@expunge/core';
import { createEngine, systemClock } from '@expunge/engine';
import { expect, inject, it, onTestFinished } from 'vitest';
import { openCuttableProxy } from '../../engine/test/cuttable-proxy.ts';
import { MemoryVendor, type MemoryVendorOptions } from '../../engine/test/memory-vendor.ts';
import { allTasks } from '../../engine/test/setting.ts';
import { runSql } from '../../engine/test/test-ledger.ts';
import { openWorker } from '../src/fleet/open-fleet.ts';
import { openPostgresLedger } from '../src/index.ts';
import { fleetKey, newFleetSchema, openTestWorker, people, requestsFor, until } from './fleet-setting.ts';

function vendorWith(values: readonly string[], options: Partial<MemoryVendorOptions> = {}): MemoryVendor {
  const vendor = new MemoryVendor({ clock: systemClock, maxTargets: 1, ...options });
  for (const value of values) vendor.people.add(value);
  return vendor;
}

function namedMemory(connector: DeletionConnector) {
  return [{ name: 'memory', connector }];
}

async function dueFor(worker: Awaited<ReturnType<typeof openTestWorker>>, limit: number) {
  const { ledger, clock } = worker.fleet;
  return ledger.dueTasks('memory', 'ready', { now: clock.now(), limit, bisectedBatch: null });
}

it('counts what others have begun while its own transaction was cut off and run again', async () => {
  const schema = newFleetSchema();
  const rates = [{ kinds: ['submit' as const], calls: 5, perMs: 60_000 }];
  const connectors = namedMemory(vendorWith([], { rates, callsInFlight: 10 }).connector);
  const proxy = await openCuttableProxy(inject('postgresUrl'));
  const cutOff = await openWorker({ url: proxy.url, schema, key: fleetKey }, { isStill: true });
  onTestFinished(() => cutOff.close());
  const engine = createEngine({ connectors, ledger: cutOff.ledger, clock: cutOff.clock });
  const other = await openTestWorker(schema, connectors);
  await engine.accept(requestsFor(people(10)));
  await other.engine.find([{ type: 'user_id', value: 'nobody' }]);
  const mine = await cutOff.ledger.dueTasks('memory', 'ready', {
    now: cutOff.clock.now(),
    limit: 1,
    bisectedBatch: null,
  });
  const theirs = await dueFor(other, 5);
  const isCut = new Promise<void>((resolve) => {
    proxy.onRequest = (bytes) => {
      // Room was found, the call is noted, and the audit log is being written.
      if (!bytes.includes('call-begun')) return undefined;
      proxy.onRequest = undefined;
      proxy.cut();
      resolve();
      return undefined;
    };
  });
  const beginning = cutOff.ledger.startCalls('memory', 'submit', [mine], cutOff.clock.now());
  await isCut;
  const started = await other.fleet.ledger.startCalls(
    'memory',
    'submit',
    theirs.map((task) => [task]),
    other.fleet.clock.now(),
  );
  proxy.repair();
  // Four of five, by the configured share: the others have them.
  expect(started.map((call) => call !== undefined)).toEqual([true, true, true, true, false]);
  expect(await beginning).toEqual([undefined]);
});

it('ends its calls itself before others take it for lost and use their places', async () => {
  const schema = newFleetSchema();
  const values = people(2);
  const vendor = vendorWith(values, { callsInFlight: 1 });
  let isSlow = true;
  let open = 0;
  let mostOpen = 0;
  const connector: DeletionConnector = {
    ...vendor.connector,
    submit: async (targets, options?: CallOptions) => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      try {
        // A vendor that takes long over it, for as long as somebody waits.
        if (isSlow) await systemClock.sleep(15_000, options?.signal);
        return await vendor.connector.submit(targets, options);
      } finally {
        open -= 1;
      }
    },
  };
  const cutOff = await openTestWorker(schema, namedMemory(connector));
  const other = await openTestWorker(schema, namedMemory(connector));
  await cutOff.engine.accept(requestsFor(values));
  const running = cutOff.engine.run({ waitAtMostMs: 0 });
  await until(() => open === 1);
  isSlow = false;
  cutOff.fleet.endCallsWhereUnseen(21_000);
  expect(open).toBe(1);
  cutOff.fleet.endCallsWhereUnseen(22_000);
  await runSql(`UPDATE ${schema}.workers SET seen_at = seen_at - 40000 WHERE id = 1`);
  await other.fleet.beat();
  await Promise.all([running, other.engine.run({ waitAtMostMs: 500 })]);
  expect(mostOpen).toBe(1);
  expect(vendor.people.size).toBe(0);
});

it('calls nobody until it was seen again, and then goes on', async () => {
  const schema = newFleetSchema();
  const worker = await openTestWorker(schema, namedMemory(vendorWith([]).connector));
  const signal = () => worker.fleet.ledger.callSignal?.().aborted;
  expect(signal()).toBe(false);
  worker.fleet.endCallsWhereUnseen(30_000);
  expect(signal()).toBe(true);
  await worker.fleet.beat();
  expect(signal()).toBe(false);
});

it('is kept to by whoever calls a request back beside the workers', async () => {
  const schema = newFleetSchema();
  const rates = [{ kinds: ['submit' as const, 'cancel' as const], calls: 1, perMs: 60_000 }];
  const connectors = namedMemory(vendorWith([], { rates }).connector);
  const worker = await openTestWorker(schema, connectors);
  await worker.engine.accept(requestsFor(people(1)));
  const beside = await openPostgresLedger({ url: inject('postgresUrl'), schema, key: fleetKey });
  onTestFinished(() => beside.close());
  const engine = createEngine({ connectors, ledger: beside, clock: beside.clock });
  await engine.find([{ type: 'user_id', value: 'nobody' }]);
  const cancel = async () => (await beside.startCalls('memory', 'cancel', [[]], beside.clock.now()))[0];
  const due = await dueFor(worker, 1);
  const [call = 0] = await worker.fleet.ledger.startCalls('memory', 'submit', [due], worker.fleet.clock.now());
  expect(await cancel()).toBeUndefined();
  await worker.fleet.ledger.completeCall(call, { result: 'answered', steps: [] }, worker.fleet.clock.now());
  await runSql(`UPDATE ${schema}.calls SET started_at = started_at - 90000`);
  expect(await cancel()).toBe(call + 1);
});

it('is not taken up for ever by a call of somebody who is gone and was no worker', async () => {
  const schema = newFleetSchema();
  const connectors = namedMemory(vendorWith([], { callsInFlight: 1 }).connector);
  const worker = await openTestWorker(schema, connectors);
  await worker.engine.accept(requestsFor(people(1)));
  const beside = await openPostgresLedger({ url: inject('postgresUrl'), schema, key: fleetKey });
  await beside.startCalls('memory', 'submit', [await dueFor(worker, 1)], beside.clock.now());
  await beside.close();
  const endedAfter = async (minutes: number) => {
    await runSql(`UPDATE ${schema}.calls SET started_at = started_at - ${minutes * 60_000}`);
    await worker.fleet.beat();
    return (await runSql(`SELECT result FROM ${schema}.calls`)).map(({ result }) => result);
  };
  expect(await endedAfter(14)).toEqual([null]);
  expect(await endedAfter(2)).toEqual(['interrupted']);
});

it('is widened again by what is answered, for all', async () => {
  const schema = newFleetSchema();
  const values = people(40);
  const rates = [{ kinds: ['submit' as const], calls: 10, perMs: 200 }];
  const vendor = vendorWith(values, { rates });
  vendor.faults.push({ code: 'rate-limited', retryAfterMs: 20 });
  const connectors = namedMemory(vendor.connector);
  const [first, second] = [await openTestWorker(schema, connectors), await openTestWorker(schema, connectors)];
  const throttleNow = async () => {
    const [row] = await runSql(`SELECT throttle FROM ${schema}.connectors`);
    return Number(JSON.parse(String(row?.throttle)).submit);
  };
  await first.engine.accept(requestsFor(values.slice(0, 1)));
  await first.engine.run({ waitAtMostMs: 0 });
  const lowered = await throttleNow();
  expect(lowered).toBeLessThan(1);
  await first.engine.accept(requestsFor(values.slice(1)));
  await second.engine.run();
  expect(vendor.people.size).toBe(0);
  expect(await throttleNow()).toBeGreaterThan(lowered);
});

it('is learned for all where a vendor documents none: the time between two calls', async () => {
  const schema = newFleetSchema();
  const values = people(8);
  const vendor = vendorWith(values, { callsInFlight: 1 });
  vendor.faults.push(undefined, { code: 'rate-limited' });
  const connectors = namedMemory(vendor.connector);
  const [first, second] = [await openTestWorker(schema, connectors), await openTestWorker(schema, connectors)];
  await first.engine.accept(requestsFor(values.slice(0, 2)));
  await first.engine.run({ waitAtMostMs: 0 });
  const [row] = await runSql(`SELECT intervals FROM ${schema}.connectors`);
  const { intervalMs } = JSON.parse(String(row?.intervals)).submit;
  expect(intervalMs).toBeGreaterThan(1);
  await first.engine.accept(requestsFor(values.slice(2)));
  await second.engine.run();
  expect(vendor.people.size).toBe(0);
  const starts = vendor.submits().map(({ at }) => at);
  const gaps = starts.slice(3).map((at, index) => at - (starts[index + 2] ?? 0));
  expect(gaps).toHaveLength(6);
  // What the ledger records is a few milliseconds away from what the vendor sees.
  expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeGreaterThanOrEqual(intervalMs * 0.8);
});

it('keeps a call back whose note took so long that it would meet the next one', async () => {
  const schema = newFleetSchema();
  const vendor = vendorWith(people(1));
  const worker = await openTestWorker(schema, namedMemory(vendor.connector));
  await worker.engine.accept(requestsFor(people(1)));
  const due = await dueFor(worker, 1);
  const real = Date.now;
  onTestFinished(() => {
    Date.now = real;
  });
  const begins = worker.fleet.ledger.startCalls('memory', 'submit', [due], worker.fleet.clock.now());
  // The machine slept over the commit.
  Date.now = () => real() + 20_000;
  expect(await begins).toEqual([undefined]);
  Date.now = real;
  expect((await runSql(`SELECT result FROM ${schema}.calls`)).map(({ result }) => result)).toEqual(['not-sent']);
  expect(await allTasks(worker.fleet.ledger)).toMatchObject([{ state: 'ready' }]);
  await worker.engine.run({ waitAtMostMs: 0 });
  expect(vendor.people.size).toBe(0);
  expect(vendor.sentTwice()).toEqual([]);
});

it('breaks up no deletion calls by reads, and says for all why somebody was not read', async () => {
  const schema = newFleetSchema();
  const values = people(30);
  const vendor = vendorWith(values, { maxTargets: 10, readTargets: 1, canVerify: true, readBackAfterMs: 0 });
  const connectors = [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' as const }];
  const [first, second] = [await openTestWorker(schema, connectors), await openTestWorker(schema, connectors)];
  await first.engine.accept(requestsFor(values));
  await Promise.all([first.engine.run(), second.engine.run()]);
  expect(vendor.people.size).toBe(0);
  expect(vendor.sentTwice()).toEqual([]);
  // Two workers may each have a last one with room left.
  expect(vendor.submits().length).toBeLessThanOrEqual(5);
  expect((await allTasks(first.fleet.ledger)).every(({ assurance }) => assurance === 'verified')).toBe(true);
  // Their time is over before anybody comes to read them.
  await first.engine.accept(requestsFor(['late-1', 'late-2']));
  await runSql(`UPDATE ${schema}.tasks SET read_by = 1 WHERE state = 'pre-read'`);
  await second.engine.run();
  expect(await first.fleet.ledger.connectorSummaries()).toMatchObject([{ unread: [{ reason: 'no-time', count: 2 }] }]);
});
