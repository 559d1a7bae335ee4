import type { DeletionConnector } from '@expunge/core';
import { expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { openSetting, requestFor } from './setting.ts';

it('keeps the interval between calls where the first one left late, because its code had to be loaded', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, maxTargets: 1, rates: [{ kinds: ['submit'], calls: 1, perMs: 1000 }] });
  for (const person of ['ada', 'bob', 'eve']) vendor.people.add(person);
  let calls = 0;
  const connector: DeletionConnector = {
    ...vendor.connector,
    submit: async (targets, options) => {
      calls += 1;
      if (calls === 1) await clock.sleep(700);
      return vendor.connector.submit(targets, options);
    },
  };
  const { engine } = await openSetting([{ name: 'memory', connector }], { clock });
  await engine.accept(['ada', 'bob', 'eve'].map((person) => requestFor(person)));
  await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
  expect(vendor.people.size).toBe(0);
  const arrivals = vendor.submits().map(({ at }) => at);
  const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? 0));
  expect(gaps.length).toBe(2);
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(1000);
});
