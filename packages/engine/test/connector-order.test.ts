import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor } from './setting.ts';
import { isOnPostgres } from './test-ledger.ts';

// The sink is told of devices, which several people may share; the pipe of each person, who goes on feeding the device's
// record until it is told.

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };
const family = (person: string, device: string) =>
  requestFor(person, {
    subject: {
      identifiers: [
        { type: 'user_id', value: person },
        { type: 'device_id', value: device },
      ],
    },
  });

async function openPipeAndSink(clock = new AutoClock()) {
  const takenByPipe = new Set<string>();
  const sentTooEarly: string[] = [];
  /** Who wants which device's record gone. */
  const wanted = new Map<string, string>();
  const pipe = new MemoryVendor({
    clock,
    maxTargets: 1,
    callsInFlight: 1,
    rates: [{ kinds: ['submit'], calls: 1, perMs: 60_000 }],
    onAct: (people) => {
      for (const person of people) takenByPipe.add(person);
    },
  });
  const sink = new MemoryVendor({
    clock,
    canVerify: true,
    onAct: (devices) => {
      for (const [person, device] of wanted) {
        if (devices.includes(device) && !takenByPipe.has(person)) sentTooEarly.push(`${device} before ${person}`);
      }
    },
  });
  const connectors = [
    { name: 'pipe', connector: pipe.connector, identifiers: { id: ['user_id'], device: [] } },
    {
      name: 'sink',
      connector: sink.connector,
      identifiers: { id: [], device: ['device_id'] },
      after: ['pipe'],
      verify: 'before-and-after',
    },
  ] as const;
  const setting = await openSetting(connectors, { clock });
  const accept = async (person: string, device: string) => {
    wanted.set(person, device);
    await setting.engine.accept([family(person, device)]);
  };
  return { ...setting, pipe, sink, wanted, accept, sentTooEarly };
}

describe('a record that two requests share', () => {
  it('is not deleted at the sink before the pipe has taken both', async () => {
    const { accept, engine, sink, sentTooEarly, ledger } = await openPipeAndSink();
    await accept('ada', 'tablet');
    await accept('bob', 'tablet');
    await engine.run(forever);
    expect(sentTooEarly).toEqual([]);
    expect(sink.submits().map(({ values }) => values)).toEqual([['tablet']]);
    expect((await allTasks(ledger)).filter(({ state }) => state !== 'absent')).toEqual([]);
  });

  it('is blocked again where a second request comes in after the first one became ready', async () => {
    const { accept, engine, pipe, sink, sentTooEarly, clock } = await openPipeAndSink();
    await accept('ada', 'tablet');
    // The pipe has taken Ada; the sink cannot be reached before it is read.
    sink.verifyFaults.push({ code: 'rate-limited', retryAfterMs: 30_000 });
    await engine.run({ waitAtMostMs: 0 });
    expect(pipe.submits()).toHaveLength(1);
    await accept('bob', 'tablet');
    clock.set(clock.now() + 31_000);
    await engine.run(forever);
    expect(sentTooEarly).toEqual([]);
    expect(sink.submits()).toHaveLength(1);
  });

  it('is not sent where a second request comes in between the query for due tasks and the call', async () => {
    const { accept, ledger, clock, engine, sink } = await openPipeAndSink();
    await accept('ada', 'tablet');
    // The vendor does nothing, and asks for half a minute: it counts as no attempt.
    sink.faults.push({ code: 'rate-limited', retryAfterMs: 30_000 });
    await engine.run({ waitAtMostMs: 0 });
    const now = clock.now() + 31_000;
    const due = await ledger.dueTasks('sink', 'ready', { now, limit: 5 });
    expect(due).toHaveLength(1);
    await accept('bob', 'tablet');
    expect(await ledger.startCalls('sink', 'submit', [due], now)).toEqual([undefined]);
  });

  it.each(['ada', 'bob'])('no longer waits for the request of %s when it is cancelled', async (person) => {
    const { accept, engine, pipe, sink } = await openPipeAndSink();
    pipe.faults.push({ code: 'rate-limited', retryAfterMs: 1000 });
    await accept('ada', 'tablet');
    await accept('bob', 'tablet');
    await engine.run({ waitAtMostMs: 0 });
    expect(sink.submits()).toEqual([]);
    await engine.cancel(`r-${person}`);
    await engine.run(forever);
    expect(sink.submits().map(({ values }) => values)).toEqual([['tablet']]);
    expect(pipe.submits().at(-1)?.values).toEqual([person === 'ada' ? 'bob' : 'ada']);
  });
});

describe('the order between connectors', () => {
  it('sends a request to the sink only when the pipe has taken it', async () => {
    const clock = new AutoClock();
    const pipe = new MemoryVendor({ clock, mode: 'polled', maxTargets: 2, callsInFlight: 1, jobMs: 600_000 });
    const sink = new MemoryVendor({ clock });
    pipe.faults.push({ code: 'connection-failed' });
    const { engine } = await openSetting(
      [
        { name: 'sink', connector: sink.connector, after: ['pipe'] },
        { name: 'pipe', connector: pipe.connector },
      ],
      { clock },
    );
    await engine.accept(['a', 'b', 'c', 'd'].map((id) => requestFor(id)));
    await engine.run(forever);
    const takenByPipe = new Map<string, number>();
    for (const call of pipe.submits().slice(1)) for (const value of call.values) takenByPipe.set(value, call.at);
    const atSink = sink.submits().flatMap((call) => call.values.map((value) => ({ value, at: call.at })));
    expect(atSink.map(({ value }) => value).sort()).toEqual(['a', 'b', 'c', 'd']);
    for (const { value, at } of atSink) expect(at).toBeGreaterThanOrEqual(takenByPipe.get(value) ?? Number.NaN);
  });

  it('does not keep the run going for a pipe whose credentials are rejected', async () => {
    const clock = new AutoClock();
    const pipe = new MemoryVendor({ clock });
    const sink = new MemoryVendor({ clock });
    pipe.faults.push({ code: 'credentials-rejected' });
    const { engine } = await openSetting(
      [
        { name: 'pipe', connector: pipe.connector },
        { name: 'sink', connector: sink.connector, after: ['pipe'] },
      ],
      { clock },
    );
    await engine.accept([requestFor('ada')]);
    const report = await engine.run();
    expect(report.connectors).toMatchObject([{ paused: { code: 'credentials-rejected' } }, { states: { blocked: 1 } }]);
    expect(sink.calls).toEqual([]);
  });

  it.each([
    [{ after: ['nobody'] }, /nobody, which is not configured/],
    [{ after: ['memory'] }, /wait for each other/],
  ])('is refused where it can not be kept: %j', async (more, message) => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    await expect(openSetting([{ name: 'memory', connector: vendor.connector, ...more }], { clock })).rejects.toThrow(
      message,
    );
  });
});

it('an order that is configured later blocks what is not sent yet', async () => {
  const clock = new AutoClock();
  const pipe = new MemoryVendor({ clock });
  const sink = new MemoryVendor({ clock });
  const connectors = [
    { name: 'pipe', connector: pipe.connector },
    { name: 'sink', connector: sink.connector },
  ] as const;
  const first = await openSetting(connectors, { clock });
  await first.engine.accept([requestFor('ada')]);
  await first.close();
  pipe.faults.push({ code: 'credentials-rejected' });
  const ordered = [connectors[0], { ...connectors[1], after: ['pipe'] }];
  const second = await openSetting(ordered, { clock, path: first.path });
  await second.engine.run(forever);
  expect(sink.submits()).toEqual([]);
  await second.engine.run(forever);
  expect(sink.submits()).toHaveLength(1);
});

const everybody = Array.from({ length: 6 }, (_, index) => `p${index}`);
const who = fc.nat({ max: 5 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ accept: who, device: fc.nat({ max: 1 }) }) },
  { weight: 3, arbitrary: fc.record({ runMs: fc.constantFrom(0, 30_000, 90_000) }) },
  fc.record({ cancel: who }),
  fc.record({ hold: who }),
  fc.record({ release: who }),
  fc.record({ fault: fc.constantFrom('connection-failed', 'timed-out', 'rate-limited') }),
  fc.record({ readFault: fc.constantFrom('timed-out', 'rate-limited') }),
);

it('a record is never sent to the sink before all requests for it are sent to the pipe, and is sent in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const { accept, engine, pipe, sink, wanted, sentTooEarly, ledger, clock, close } = await openPipeAndSink();
      const known = new Set<string>();
      for (const each of steps) {
        if ('accept' in each) {
          const person = `p${each.accept}`;
          if (!known.has(person)) await accept(person, `device-${each.device}`);
          known.add(person);
        } else if ('runMs' in each) {
          await engine.run({ waitAtMostMs: each.runMs });
          clock.set(clock.now() + each.runMs);
        } else if ('cancel' in each) {
          if (wanted.has(`p${each.cancel}`)) await engine.cancel(`r-p${each.cancel}`);
          wanted.delete(`p${each.cancel}`);
        } else if ('hold' in each) await engine.hold({ type: 'user_id', value: `p${each.hold}` }, 'why');
        else if ('release' in each) await engine.release({ type: 'user_id', value: `p${each.release}` });
        else if ('fault' in each) pipe.faults.push({ code: each.fault });
        else sink.verifyFaults.push({ code: each.readFault });
      }
      for (const person of everybody) await engine.release({ type: 'user_id', value: person });
      await engine.run(forever);
      expect(sentTooEarly).toEqual([]);
      const open = (await allTasks(ledger)).filter(({ state }) => !['absent', 'cancelled'].includes(state));
      expect(open).toEqual([]);
      await close();
    }),
    // On a server each scenario costs ten times as much.
    { numRuns: isOnPostgres ? 8 : 60 },
  );
});
