import { describe, expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { openSetting, requestFor } from './setting.ts';

const people = ['ada', 'bob', 'cleo'];

async function threePeople() {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, maxTargets: 1, callsInFlight: 1 });
  for (const person of people) vendor.people.add(person);
  // The first call is tried again a little later: all runs wait for the same moment.
  vendor.faults.push({ code: 'vendor-unavailable' });
  const setting = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await setting.engine.accept(people.map((person) => requestFor(person)));
  return { vendor, ...setting };
}

describe('a run beside a run', () => {
  it('with the same options is the same run: everybody is sent once, and all get its report', async () => {
    const { engine, vendor } = await threePeople();
    const reports = await Promise.all([
      engine.run(),
      engine.run({ waitAtMostMs: 30_000 }),
      engine.run({ stays: false }),
    ]);
    expect(reports[1]).toBe(reports[0]);
    expect(reports[2]).toBe(reports[0]);
    expect(reports[0]?.isSettled).toBe(true);
    const sent = vendor.submits().flatMap(({ values }) => values);
    expect(sent.toSorted()).toEqual(['ada', 'ada', 'bob', 'cleo']);
  });

  it.each([
    ['another wait', { waitAtMostMs: 1 }],
    ['a signal of its own', { signal: new AbortController().signal }],
    ['no end', { stays: true }],
  ])('with %s is refused, and the first one goes on', async (_what, options) => {
    const { engine, vendor } = await threePeople();
    const first = engine.run();
    await expect(engine.run(options)).rejects.toMatchObject({ name: 'EngineError', code: 'already-running' });
    expect((await first).isSettled).toBe(true);
    expect(vendor.people.size).toBe(0);
    // Afterwards it is welcome.
    const after = await engine.run({ ...options, signal: AbortSignal.abort() });
    expect(after.isSettled).toBe(true);
  });

  it('a cancellation and a hold are done while a run goes on', async () => {
    const { engine, vendor } = await threePeople();
    const run = engine.run();
    const [cancelled, held] = await Promise.all([
      engine.cancel('r-bob'),
      engine.hold({ type: 'user_id', value: 'cleo' }, 'litigation'),
    ]);
    await run;
    expect({ cancelled: cancelled?.cancelled, held: held.requests }).toEqual({ cancelled: 1, held: 1 });
    expect([...vendor.people]).toEqual(['bob', 'cleo']);
  });

  it('a run that failed does not keep the next one out', async () => {
    const { engine, ledger } = await threePeople();
    const { nextDue } = ledger;
    ledger.nextDue = () => Promise.reject(new Error('no disk'));
    await expect(engine.run()).rejects.toThrow('no disk');
    ledger.nextDue = nextDue;
    expect((await engine.run()).isSettled).toBe(true);
  });
});
