import { systemClock } from '@expunge/engine';
import { expect, it } from 'vitest';
import { MemoryVendor } from '../../engine/test/memory-vendor.ts';
import { runSql } from '../../engine/test/test-ledger.ts';
import { newFleetSchema, openTestWorker, people, requestsFor } from './fleet-setting.ts';

it('takes no worker for lost that is well, however often others look', async () => {
  const schema = newFleetSchema();
  const vendor = new MemoryVendor({ clock: systemClock, maxTargets: 1 });
  const connectors = [{ name: 'memory', connector: vendor.connector }];
  const atWork = await openTestWorker(schema, connectors);
  const other = await openTestWorker(schema, connectors);
  await atWork.engine.accept(requestsFor(people(1)));
  const { ledger, clock } = atWork.fleet;
  const due = await ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 1, bisectedBatch: null });
  const [call = 0] = await ledger.startCalls('memory', 'submit', [due], clock.now());
  await other.fleet.beat();
  await other.fleet.beat();
  expect(await runSql(`SELECT id, ended_at FROM ${schema}.calls`)).toEqual([{ id: call, ended_at: null }]);
  expect(await runSql(`SELECT id FROM ${schema}.workers ORDER BY id`)).toHaveLength(2);
});
