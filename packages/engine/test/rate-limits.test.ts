import { ConnectorError } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor } from './setting.ts';
import { isOnPostgres } from './test-ledger.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };
const hour = 3_600_000;
const weeks = 20 * 24 * hour;
const people = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);

async function auditTexts(ledger: { auditEntries(): AsyncIterable<{ text: string }> }): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of ledger.auditEntries()) texts.push(text);
  return texts;
}

describe('a refusal for too many calls', () => {
  it('is saved for its kind of call, beside a longer or shorter one of another kind', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    const now = clock.now();
    await ledger.saveConnectorState('memory', { blocked: { kinds: ['submit', 'verify'], until: now + weeks } });
    await ledger.saveConnectorState('memory', { blocked: { kinds: ['check', 'verify'], until: now + 60_000 } });
    expect((await ledger.connectorState('memory', 0, 0)).blockedUntil).toEqual({
      submit: now + weeks,
      verify: now + weeks,
      check: now + 60_000,
    });
  });

  it('of a read is kept over a restart, and delays no deletion', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true });
    vendor.people.add('ada').add('bob');
    vendor.verifyFaults.push({ code: 'rate-limited', retryAfterMs: 4 * hour });
    const connectors = [{ name: 'memory', connector: vendor.connector, verify: 'before-and-after' as const }];
    const first = await openSetting(connectors, { clock });
    const readsBefore = () => vendor.calls.filter(({ kind }) => kind === 'verify').length;
    await first.engine.accept([requestFor('ada')]);
    await first.engine.run();
    expect(readsBefore()).toBe(1);
    await first.close();
    const again = await openSetting(connectors, { clock, path: first.path });
    // A new request, whose own read was not refused yet, and one whose deadline leaves no time for a read.
    await again.engine.accept([requestFor('bob')]);
    const soon = new Date(clock.now() + 24 * hour).toISOString();
    await again.engine.accept([requestFor('cleo', { dueAt: soon })]);
    await again.engine.run();
    expect(readsBefore()).toBe(1);
    expect(vendor.submits().flatMap(({ values }) => values)).toEqual(['cleo']);
    expect((await again.ledger.summary()).connectors).toMatchObject([
      { reasons: [{ state: 'pre-read', reason: 'rate-limited', count: 1 }] },
    ]);
    await again.engine.run(forever);
    expect(vendor.people.size).toBe(0);
  });

  it('lowers the adaptive limit of the next process as well, until calls succeed again', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({
      clock,
      maxTargets: 1,
      rates: [{ kinds: ['submit'], calls: 1, perMs: 1000 }],
    });
    const connectors = [{ name: 'memory', connector: vendor.connector, limitShare: 1 }];
    vendor.faults.push({ code: 'rate-limited' }, { code: 'rate-limited' }, { code: 'rate-limited' });
    const first = await openSetting(connectors, { clock });
    await first.engine.accept(people(60).map((person) => requestFor(person)));
    const stop = new AbortController();
    const refusals = () => first.events.filter(({ type }) => type === 'connector-slowed').length;
    const run = first.engine.run({ ...forever, signal: stop.signal });
    while (refusals() < 3) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await run;
    await first.close();
    const before = vendor.submits().length;
    const again = await openSetting(connectors, { clock, path: first.path });
    await again.engine.run(forever);
    const starts = vendor.submits().map(({ at }) => at);
    const gap = (index: number) => (starts[index + 1] ?? 0) - (starts[index] ?? 0);
    expect(gap(before)).toBeGreaterThan(4000);
    expect(gap(starts.length - 2)).toBe(1000);
  });

  it('and a smaller batch stand in the audit log: they decide when and how much is sent', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, callsInFlight: 1 });
    const until = new Date(clock.now() + weeks).toISOString();
    vendor.faults.push({ code: 'request-too-large' }, { code: 'rate-limited', retryAfterMs: weeks });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept(people(10).map((person) => requestFor(person)));
    await engine.run();
    expect((await auditTexts(ledger)).filter((text) => /batch-limited|slowed/.test(text))).toEqual([
      '{"type":"batch-limited","connector":"memory","maxTargets":5,"actor":"expunge"}',
      `{"type":"slowed","connector":"memory","kinds":["submit"],"until":"${until}","actor":"expunge"}`,
    ]);
  });
});

/** A vendor that documents no rate, and takes a call only so long after the last one. It gives no hint. */
function strictVendor(clock: AutoClock, spacingMs: number) {
  const vendor = new MemoryVendor({ clock, maxTargets: 1, callsInFlight: 1 });
  const counts = { refused: 0 };
  let takenAt = Number.NEGATIVE_INFINITY;
  const connector: typeof vendor.connector = {
    ...vendor.connector,
    submit: async (targets, options) => {
      await clock.sleep(2);
      if (clock.now() - takenAt < spacingMs) {
        counts.refused += 1;
        throw new ConnectorError({ code: 'rate-limited', vendor: 'memory', message: 'Too many.' });
      }
      takenAt = clock.now();
      return vendor.connector.submit(targets, options);
    },
  };
  return { vendor, connectors: [{ name: 'memory', connector }], counts };
}

describe('where a vendor documents no rate and refuses without a hint', () => {
  it.each([
    ['a call a second', 1000, 75, 90] as const,
    // It is learned by one rule on both storages, and 500 calls take ten seconds on a server.
    ...(isOnPostgres ? [] : [['seventy calls a second', 14, 500, 20] as const]),
  ])('the time between two calls is learned: %s', async (_what, spacingMs, count, withinSeconds) => {
    const clock = new AutoClock();
    const { vendor, connectors, counts } = strictVendor(clock, spacingMs);
    for (const person of people(count)) vendor.people.add(person);
    const { engine } = await openSetting(connectors, { clock });
    await engine.accept(people(count).map((person) => requestFor(person)));
    const startedAt = clock.now();
    await engine.run(forever);
    expect(vendor.people.size).toBe(0);
    expect((clock.now() - startedAt) / 1000).toBeLessThan(withinSeconds);
    expect(counts.refused).toBeLessThan(20);
  });

  it('the next process has it', async () => {
    const clock = new AutoClock();
    const { vendor, connectors, counts } = strictVendor(clock, 1000);
    const first = await openSetting(connectors, { clock });
    await first.engine.accept(people(30).map((person) => requestFor(person)));
    await first.engine.run(forever);
    await first.close();
    const refusedBefore = counts.refused;
    const again = await openSetting(connectors, { clock, path: first.path });
    await again.engine.accept(people(50).map((person) => requestFor(person)));
    await again.engine.run(forever);
    expect(vendor.submits()).toHaveLength(50);
    expect(counts.refused - refusedBefore).toBeLessThan(4);
  });
});

describe('a wait that the operator ends with try-now', () => {
  it('lets what was refused go on, over a restart, and is in the audit log', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, callsInFlight: 1 });
    for (const person of people(30)) vendor.people.add(person);
    vendor.faults.push({ code: 'rate-limited', retryAfterMs: weeks });
    const connectors = [{ name: 'memory', connector: vendor.connector }];
    const first = await openSetting(connectors, { clock });
    await first.engine.accept(people(30).map((person) => requestFor(person)));
    await first.engine.run();
    await first.close();
    const again = await openSetting(connectors, { clock, path: first.path });
    await again.engine.run();
    expect(vendor.submits()).toHaveLength(1);
    // Ten were refused; the others waited for the connector alone.
    expect(await again.engine.tryNow('memory')).toBe(10);
    const startedAt = clock.now();
    expect((await again.engine.run()).isSettled).toBe(true);
    expect(clock.now() - startedAt).toBeLessThan(60_000);
    expect(vendor.people.size).toBe(0);
    expect(await auditTexts(again.ledger)).toContainEqual(expect.stringContaining('{"type":"waits-ended"'));
    await expect(again.engine.tryNow('elsewhere')).rejects.toThrow('no connector elsewhere');
  });

  it('also ends for the polling of submissions', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled', jobMs: 1000 });
    vendor.people.add('ada');
    vendor.checkFaults.push({ code: 'rate-limited', retryAfterMs: weeks });
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run({ waitAtMostMs: hour });
    expect(await engine.tryNow('memory')).toBe(1);
    expect((await engine.run()).isSettled).toBe(true);
    expect(vendor.people.size).toBe(0);
  });

  it('is all that ends: a waiting period and the order between connectors are kept', async () => {
    const clock = new AutoClock();
    const pipe = new MemoryVendor({ clock });
    const sink = new MemoryVendor({ clock });
    pipe.faults.push({ code: 'vendor-unavailable' });
    const { engine, ledger } = await openSetting(
      [
        { name: 'pipe', connector: pipe.connector },
        { name: 'sink', connector: sink.connector, after: ['pipe'] },
      ],
      { clock, retry: { baseMs: hour } },
    );
    await engine.accept([requestFor('ada')], { waitMs: 3 * 24 * hour });
    await engine.run();
    expect(await engine.tryNow('pipe')).toBe(0);
    expect(await engine.tryNow('sink')).toBe(0);
    await engine.run();
    expect([...pipe.calls, ...sink.calls]).toEqual([]);
    expect((await allTasks(ledger)).map(({ state }) => state)).toEqual(['ready', 'blocked']);
  });
});
