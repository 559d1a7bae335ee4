import type { DeletionConnector } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, expectCountsToBeTrue, openSetting, requestFor } from './setting.ts';

const people = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);

describe('a deletion from request to outcome', () => {
  it('deletes everyone who was requested and no one else, in full batches', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    for (const person of [...people(25), 'bystander']) vendor.people.add(person);
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });

    expect(await engine.accept(people(25).map((person) => requestFor(person)))).toEqual({
      importId: 1,
      accepted: 25,
      known: 0,
      knownSettled: 0,
      notSentAgain: 0,
      otherDueDates: 0,
      conflicts: [],
    });
    const report = await engine.run();

    expect([...vendor.people]).toEqual(['bystander']);
    expect(vendor.submits().map((call) => call.values.length)).toEqual([10, 10, 5]);
    expect(report.isSettled).toBe(true);
    expect(report.connectors).toMatchObject([{ connector: 'memory', states: { deleted: 25 } }]);
    expect(await ledger.request('r-p7')).toMatchObject({
      request: { settledAt: '2026-01-05T00:00:00.000Z', dueAt: '2026-02-05T00:00:00.000Z' },
      tasks: [{ state: 'deleted', assurance: 'confirmed', attempts: 1, targetType: 'id' }],
    });
    await close();
    await expectCountsToBeTrue(path);
  });

  it('does nothing twice when the same requests come again', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run();
    expect(await engine.accept([requestFor('ada')])).toMatchObject({ accepted: 0, known: 1, knownSettled: 1 });
    await engine.run();
    expect(vendor.submits()).toHaveLength(1);
  });

  it('refuses an id that it has for another subject, and takes the others', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada', { id: 'one' })]);
    const report = await engine.accept([requestFor('bob'), requestFor('eve', { id: 'one' })]);
    expect(report).toMatchObject({ accepted: 1, conflicts: [{ index: 1, requestId: 'one' }] });
  });

  it('tells the status of the requests of one import, apart from all others', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    const first = await engine.accept([requestFor('ada'), requestFor('bob')]);
    const second = await engine.accept([requestFor('bob'), requestFor('eve')]);
    await engine.run();
    expect([first.importId, second.importId]).toEqual([1, 2]);
    expect((await ledger.importSummary(1)).connectors).toMatchObject([{ connector: 'memory', states: { deleted: 1 } }]);
    expect((await ledger.importSummary(2)).connectors).toMatchObject([{ connector: 'memory', states: { absent: 2 } }]);
    expect((await ledger.importSummary(3)).connectors).toEqual([]);
  });

  it('sends equal targets once and answers for all their requests', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    await engine.accept([requestFor('ada', { id: 'one' }), requestFor('ada', { id: 'two' })]);
    await engine.run();
    expect(vendor.submits().map((call) => call.values)).toEqual([['ada']]);
    for (const id of ['one', 'two']) {
      expect((await ledger.request(id))?.tasks).toMatchObject([{ state: 'deleted', assurance: 'confirmed' }]);
    }
    await close();
    await expectCountsToBeTrue(path);
  });

  it('shows a subject without a usable identifier as skipped, with the reason', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('x', { subject: { identifiers: [{ type: 'email', value: 'ada@example.com' }] } })]);
    const report = await engine.run();
    expect(report.isSettled).toBe(true);
    expect((await ledger.request('r-x'))?.tasks).toMatchObject([{ state: 'skipped', reason: 'identifier-missing' }]);
    expect(vendor.calls).toEqual([]);
  });

  it('adds the tasks of a connector that was configured later', async () => {
    const clock = new AutoClock();
    const first = new MemoryVendor({ clock });
    const { engine, path, close } = await openSetting([{ name: 'first', connector: first.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run();
    await close();
    const second = new MemoryVendor({ clock });
    second.people.add('ada');
    const again = await openSetting(
      [
        { name: 'first', connector: first.connector },
        { name: 'second', connector: second.connector },
      ],
      { clock, path },
    );
    expect(await again.engine.accept([requestFor('ada')])).toMatchObject({ known: 1, knownSettled: 0 });
    await again.engine.run();
    expect([...second.people]).toEqual([]);
    expect(first.submits()).toHaveLength(1);
    await again.close();
    await expectCountsToBeTrue(path);
  });

  it('maps the company identifiers as configured', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('crm-1').add('ada');
    const { engine } = await openSetting(
      [{ name: 'memory', connector: vendor.connector, identifiers: { id: ['crm_id'] } }],
      { clock },
    );
    await engine.accept([
      requestFor('x', {
        subject: {
          identifiers: [
            { type: 'crm_id', value: 'crm-1' },
            { type: 'user_id', value: 'ada' },
          ],
        },
      }),
    ]);
    await engine.run();
    expect([...vendor.people]).toEqual(['ada']);
  });

  it('never mixes types in a call where the vendor takes one', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, oneTypePerCall: true });
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept(
      people(6).map((person) =>
        requestFor(person, {
          subject: {
            identifiers: [
              { type: 'user_id', value: `u-${person}` },
              { type: 'device_id', value: `d-${person}` },
            ],
          },
        }),
      ),
    );
    await engine.run();
    const kinds = vendor.submits().map((call) => new Set(call.values.map((value) => value[0])).size);
    expect(kinds).toEqual([1, 1]);
  });
});

describe('accepted is not deleted', () => {
  it('ends as accepted where completion can never be observed', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'accepted' });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run();
    expect(await allTasks(ledger)).toMatchObject([{ state: 'accepted', assurance: 'accepted' }]);
  });

  it('polls a receipt until the vendor says that it is done, and not after', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled', jobMs: 5 * 86_400_000 });
    for (const person of people(15)) vendor.people.add(person);
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept(people(15).map((person) => requestFor(person)));

    const soon = await engine.run();
    expect(soon.isSettled).toBe(false);
    expect(soon.connectors).toMatchObject([{ states: { waiting: 15 } }]);
    expect(vendor.people.size).toBe(15);

    const late = await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
    expect(late.connectors).toMatchObject([{ states: { deleted: 15 } }]);
    expect(vendor.people.size).toBe(0);
    expect(await allTasks(ledger)).toMatchObject(
      Array(15).fill({ state: 'deleted', assurance: 'confirmed', vendorStatus: 'DONE' }),
    );
    const checks = vendor.calls.filter((call) => call.kind === 'check');
    expect(checks.length).toBeLessThan(80);
    await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
    expect(vendor.calls.filter((call) => call.kind === 'check')).toHaveLength(checks.length);
  });

  it.each([
    ['PARTIAL', { state: 'partial', reason: 'partly-done', parts: [{ name: 'Elsewhere', state: 'failed' }] }],
    ['REVOKED', { state: 'failed', reason: 'revoked-at-vendor' }],
  ] as const)('reports a job that ended with %s as what it is', async (word, expected) => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled' });
    vendor.jobEnd = word;
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
    expect(await allTasks(ledger)).toMatchObject([expected]);
  });

  it.each(['FAILED', 'LOST'] as const)(
    'starts a job that ended with %s again, and gives up after three',
    async (word) => {
      const clock = new AutoClock();
      const vendor = new MemoryVendor({ clock, mode: 'polled' });
      vendor.jobEnd = word;
      const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
      await engine.accept([requestFor('ada')]);
      await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
      expect(vendor.jobs).toHaveLength(3);
      expect(await allTasks(ledger)).toMatchObject([{ state: 'failed', attempts: 3 }]);
    },
  );
});

describe("the vendor's last word, where it gives no receipt", () => {
  it.each<[string, readonly boolean[]]>([
    ['the record is read back', []],
    ['the read-back is repeated first', [true]],
    ['the read-back is given up', Array(9).fill(true)],
  ])('is kept when %s', async (_what, failures) => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true });
    const submit: DeletionConnector['submit'] = async (targets) =>
      targets.map(() => ({ type: 'absent', vendorStatus: 'not_found' }));
    const { engine, ledger } = await openSetting(
      [{ name: 'memory', connector: { ...vendor.connector, submit }, verify: 'after' }],
      { clock },
    );
    vendor.verifyFaults.push(...failures.map(() => ({ code: 'timed-out' as const })));
    await engine.accept([requestFor('ada')]);
    await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
    expect(await allTasks(ledger)).toMatchObject([{ state: 'absent', vendorStatus: 'not_found' }]);
  });
});
