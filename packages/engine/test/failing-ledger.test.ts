import type { DeletionConnector } from '@expunge/core';
import { expect, it } from 'vitest';
import { createEngine } from '../src/engine/create-engine.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor } from './setting.ts';

/** An engine over a ledger of which some methods are others. */
async function openFailing(
  connector: DeletionConnector,
  clock: AutoClock,
  failing: (ledger: Ledger) => Partial<Ledger>,
) {
  const { ledger } = await openSetting([], { clock });
  const methods = failing(ledger);
  const seen = new Proxy<Ledger>(ledger, {
    get(target, key) {
      const method = Reflect.get(methods, key) ?? Reflect.get(target, key);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
  const engine = createEngine({ connectors: [{ name: 'memory', connector }], ledger: seen, clock, random: () => 1 });
  return { engine, ledger };
}

it('records the results of the calls in flight also where the ledger fails in between', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, maxTargets: 1, rates: [{ kinds: ['submit'], calls: 1, perMs: 1000 }] });
  vendor.people.add('ada').add('bob');
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const connector: DeletionConnector = {
    ...vendor.connector,
    submit: async (targets) => {
      await answered;
      return vendor.connector.submit(targets);
    },
  };
  let looks = 0;
  const { engine, ledger } = await openFailing(connector, clock, (whole) => ({
    nextDue: async (name) => {
      looks += 1;
      // The first look finds a task to send.
      if (looks === 1) return whole.nextDue(name);
      setImmediate(answer);
      throw new Error('no disk');
    },
  }));
  await engine.accept([requestFor('ada'), requestFor('bob')]);
  await expect(engine.run()).rejects.toThrow('no disk');
  expect([...vendor.people]).toEqual(['bob']);
  expect(await allTasks(ledger)).toMatchObject([{ state: 'deleted' }, { state: 'ready' }]);
});

it('sends nothing and leaves nothing in doubt where the intents could not be persisted', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, maxTargets: 1, repeat: 'costly' });
  const { engine, ledger } = await openFailing(vendor.connector, clock, () => ({
    startCalls: async () => {
      throw new Error('no disk');
    },
  }));
  await engine.accept(['ada', 'bob', 'eve'].map((person) => requestFor(person)));
  await expect(engine.run()).rejects.toThrow('no disk');
  expect(vendor.submits()).toEqual([]);
  expect((await allTasks(ledger)).map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
});
