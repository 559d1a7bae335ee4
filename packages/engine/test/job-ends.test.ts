import {
  type CheckOutcome,
  ConnectorError,
  type ConnectorErrorCode,
  type DeletionConnector,
  type Receipt,
  type Target,
} from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../src/engine/create-engine.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { expectCountsToBeTrue, openSetting, requestFor } from './setting.ts';
import { queryLedger, tamperWith } from './test-ledger.ts';

const dayMs = 86_400_000;
const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };
const now = { waitAtMostMs: 0 };

/** A vendor that makes one job of a call, and says of each person in it how the deletion stands. */
function vendorOfJobs(clock: AutoClock, outcomeOf: (value: string, job: number) => CheckOutcome) {
  const vendor = new MemoryVendor({ clock, mode: 'polled', maxTargets: 100 });
  const asked: (readonly string[])[] = [];
  const check = async (receipt: Receipt, targets: readonly Target[]) => {
    asked.push(targets.map(({ value }) => value));
    const job = Number(String(receipt.job).slice('job-'.length));
    return targets.map(({ value }) => {
      const outcome = outcomeOf(value, job);
      if (outcome.state === 'deleted') vendor.people.delete(value);
      return outcome;
    });
  };
  const connector: DeletionConnector = { ...vendor.connector, check };
  return { vendor, connector, asked };
}

const done = { state: 'deleted', vendorStatus: 'DONE' } as const;
const running = { state: 'pending', vendorStatus: 'RUNNING' } as const;

describe('a job that ends for each of its people', () => {
  it('is over for those of whom the vendor says so, and asked about again for the others alone', async () => {
    const clock = new AutoClock();
    const startedAt = clock.now();
    const { vendor, connector, asked } = vendorOfJobs(clock, (value) => {
      if (value === 'ada') return { ...done, parts: [{ name: 'Elsewhere', state: 'deleted', vendorStatus: 'OK' }] };
      if (value === 'bob') return { state: 'failed', vendorStatus: 'REFUSED', canSubmitAgain: false };
      return clock.now() < startedAt + 10 * dayMs ? running : done;
    });
    for (const value of ['ada', 'bob', 'cleo']) vendor.people.add(value);
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept(['ada', 'bob', 'cleo'].map((value) => requestFor(value)));
    await engine.run({ waitAtMostMs: 61_000 });
    const stateOf = async (value: string) => (await ledger.request(`r-${value}`))?.tasks[0];
    expect(await stateOf('ada')).toMatchObject({
      state: 'deleted',
      assurance: 'confirmed',
      parts: [{ name: 'Elsewhere' }],
    });
    expect(await stateOf('bob')).toMatchObject({ state: 'failed', vendorStatus: 'REFUSED', parts: undefined });
    expect(await stateOf('cleo')).toMatchObject({ state: 'waiting', parts: undefined });
    expect([...vendor.people]).toEqual(['bob', 'cleo']);

    await engine.run(forever);
    expect(await stateOf('cleo')).toMatchObject({ state: 'deleted', vendorStatus: 'DONE', parts: undefined });
    expect(asked[0]).toEqual(['ada', 'bob', 'cleo']);
    expect(asked.length).toBeGreaterThan(2);
    for (const later of asked.slice(1)) expect(later).toEqual(['cleo']);
    expect(vendor.submits()).toHaveLength(1);
    expect(await ledger.verify()).toMatchObject({ log: { isIntact: true }, differences: [] });
  });

  it('says nothing of somebody whose page is damaged, and ends for the others', async () => {
    const clock = new AutoClock();
    const { vendor, connector } = vendorOfJobs(clock, () => done);
    vendor.people.add('ada').add('bob');
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.accept([requestFor('bob')]);
    await engine.run(now);
    await close();
    const [{ page } = { page: 0 }] = await queryLedger(
      path,
      `SELECT tasks.page FROM tasks JOIN requests ON requests.id = tasks.request WHERE request_id = 'r-bob'`,
    );
    await tamperWith(path, `DELETE FROM encrypted_pages WHERE id = ${page}`);
    const again = await openSetting([{ name: 'memory', connector }], { clock, path });
    await again.engine.run(forever);
    expect((await again.ledger.request('r-ada'))?.tasks).toMatchObject([{ state: 'deleted' }]);
    expect((await again.ledger.request('r-bob'))?.tasks).toMatchObject([
      { state: 'needs-review', reason: 'page-damaged' },
    ]);
    expect(ledger).not.toBe(again.ledger);
  });
});

describe('a job that failed because of one of its people', () => {
  /** Fails every job that has somebody of whom the vendor knows nothing. */
  const failing = (clock: AutoClock, poison: ReadonlySet<string>, jobMs: number) => {
    const vendor = new MemoryVendor({ clock, mode: 'polled', maxTargets: 100, jobMs });
    const check = async (receipt: Receipt): Promise<CheckOutcome> => {
      const job = vendor.jobs.find(({ id }) => id === receipt.job);
      if (job === undefined) throw new Error('This vendor forgets no job.');
      if (clock.now() < job.submittedAt + jobMs) return running;
      if (job.values.some((value) => poison.has(value))) {
        return { state: 'failed', vendorStatus: 'FAILURE', canSubmitAgain: true, canBisect: true };
      }
      for (const value of job.values) vendor.people.delete(value);
      return done;
    };
    return { vendor, connector: { ...vendor.connector, check } satisfies DeletionConnector };
  };
  const names = Array.from({ length: 16 }, (_, index) => `p${String(index).padStart(2, '0')}`);

  it('is bisected until that one is alone; the others are deleted, in the fewest jobs', async () => {
    const clock = new AutoClock();
    const { vendor, connector } = failing(clock, new Set(['p05']), dayMs);
    for (const name of names) vendor.people.add(name);
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    const dueAt = new Date(clock.now() + 365 * dayMs).toISOString();
    await engine.accept(names.map((name) => requestFor(name, { dueAt })));
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['p05']);
    expect((await ledger.request('r-p05'))?.tasks).toMatchObject([{ state: 'failed', reason: 'failed-at-vendor' }]);
    expect((await ledger.request('r-p04'))?.tasks).toMatchObject([{ state: 'deleted' }]);
    // 16, then twice 8, 4, 2 and 1: whoever is alone has been in five jobs and is not sent again.
    expect(vendor.jobs.map(({ values }) => values.length).sort((a, b) => b - a)).toEqual([16, 8, 8, 4, 4, 2, 2, 1, 1]);
  });

  it('is divided into more parts where the deadline is near, so that the others are done in time', async () => {
    const clock = new AutoClock();
    const { vendor, connector } = failing(clock, new Set(['p05']), 7 * dayMs);
    for (const name of names) vendor.people.add(name);
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    const dueAt = new Date(clock.now() + 25 * dayMs).toISOString();
    await engine.accept(names.map((name) => requestFor(name, { dueAt })));
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['p05']);
    for (const name of names.filter((each) => each !== 'p05')) {
      const finishedAt = (await ledger.request(`r-${name}`))?.tasks[0]?.finishedAt ?? '';
      expect([name, finishedAt < dueAt]).toEqual([name, true]);
    }
    expect(vendor.jobs.map(({ values }) => values.length)).toEqual([16, 4, 4, 4, 4, 1, 1, 1, 1]);
  });

  it('is divided by the earliest deadline of all who wait for it, also of requests for the same person', async () => {
    const clock = new AutoClock();
    const { vendor, connector } = failing(clock, new Set(['p05']), 7 * dayMs);
    for (const name of names) vendor.people.add(name);
    const { engine } = await openSetting([{ name: 'memory', connector }], { clock });
    const dueIn = (days: number) => new Date(clock.now() + days * dayMs).toISOString();
    await engine.accept(names.map((name) => requestFor(name, { dueAt: dueIn(365) })));
    await engine.accept([requestFor('p02', { id: 'r-again', dueAt: dueIn(25) })]);
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['p05']);
    expect(vendor.jobs.map(({ values }) => values.length).slice(0, 5)).toEqual([16, 4, 4, 4, 4]);
  });
});

describe('a vendor that takes single people out of a job', () => {
  it('is asked for those of the request alone; the others are deleted', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled', maxTargets: 100 });
    const takenOut: string[] = [];
    const connector: DeletionConnector = {
      ...vendor.connector,
      capabilities: { ...vendor.connector.capabilities, cancels: 'target' },
      check: async (_receipt, targets) => {
        for (const { value } of targets) vendor.people.delete(value);
        return done;
      },
      cancel: async (_receipt, targets) =>
        targets.map(({ value }) => {
          takenOut.push(value);
          return { type: 'cancelled' };
        }),
    };
    for (const value of ['ada', 'bob', 'cleo']) vendor.people.add(value);
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept(['ada', 'bob', 'cleo'].map((value) => requestFor(value)));
    // Another request for the same person: nobody may take her out for the first one alone.
    await engine.accept([{ ...requestFor('cleo'), id: 'r-cleo-again' }]);
    await engine.run(now);
    expect(await engine.cancel('r-bob')).toMatchObject({ cancelled: 1, tooLate: 0 });
    expect(await engine.cancel('r-cleo')).toMatchObject({ cancelled: 0, tooLate: 1 });
    expect(takenOut).toEqual(['bob']);
    expect((await ledger.request('r-bob'))?.tasks).toMatchObject([{ state: 'cancelled' }]);
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['bob']);
    expect((await ledger.request('r-ada'))?.tasks).toMatchObject([{ state: 'deleted' }]);
    expect((await ledger.request('r-cleo-again'))?.tasks).toMatchObject([{ state: 'deleted' }]);
  });
});

describe('a job that is called done while somebody is taken out of it', () => {
  /** A vendor whose reply to a cancellation comes when it is told to, and that calls the job done without those taken out. */
  async function openJob() {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled', maxTargets: 100 });
    const out = new Set<string>();
    let reply = () => {};
    const replied = new Promise<void>((resolve) => {
      reply = resolve;
    });
    const connector: DeletionConnector = {
      ...vendor.connector,
      capabilities: { ...vendor.connector.capabilities, cancels: 'target' },
      check: async () => {
        for (const value of vendor.people) if (!out.has(value)) vendor.people.delete(value);
        return done;
      },
      cancel: async (_receipt, targets) => {
        for (const { value } of targets) out.add(value);
        await replied;
        return targets.map(() => ({ type: 'cancelled' }));
      },
    };
    vendor.people.add('ada').add('bob');
    const setting = await openSetting([{ name: 'memory', connector }], { clock });
    await setting.engine.accept([requestFor('ada'), requestFor('bob')]);
    await setting.engine.run(now);
    return { ...setting, vendor, connector, reply, out };
  }

  it('is not believed while the cancellation is open: nobody who is still there is called deleted', async () => {
    const { engine, ledger, vendor, reply, out } = await openJob();
    const report = engine.cancel('r-bob');
    await expect.poll(() => out.size).toBe(1);
    await engine.run({ waitAtMostMs: 61_000 });
    reply();
    expect(await report).toMatchObject({ cancelled: 1, tooLate: 0, inDoubt: 0 });
    expect((await ledger.request('r-bob'))?.tasks).toMatchObject([{ state: 'cancelled' }]);
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['bob']);
    expect((await ledger.request('r-ada'))?.tasks).toMatchObject([{ state: 'deleted' }]);
  });

  it('needs a review where another process has believed it meanwhile', async () => {
    const { engine, ledger, path, clock, vendor, reply, out, connector } = await openJob();
    const report = engine.cancel('r-bob');
    await expect.poll(() => out.size).toBe(1);
    const other = createEngine({ connectors: [{ name: 'memory', connector }], ledger, clock, random: () => 1 });
    await other.run({ waitAtMostMs: 61_000 });
    expect((await ledger.request('r-bob'))?.tasks).toMatchObject([{ state: 'deleted' }]);
    reply();
    expect(await report).toMatchObject({ cancelled: 0, tooLate: 1, inDoubt: 1 });
    expect((await ledger.request('r-bob'))?.tasks).toMatchObject([
      { state: 'needs-review', reason: 'cancelled-and-done', assurance: undefined },
    ]);
    expect((await ledger.request('r-bob'))?.request.settledAt).toBeUndefined();
    expect([...vendor.people]).toEqual(['bob']);
    await expectCountsToBeTrue(path);
  });
});

describe('a status that can not be read', () => {
  const failingWith = (clock: AutoClock, code: ConnectorErrorCode, untilMs: number) => {
    const vendor = new MemoryVendor({ clock, mode: 'polled' });
    const startedAt = clock.now();
    const check = async (receipt: Receipt, targets: readonly Target[]) => {
      if (clock.now() < startedAt + untilMs) throw new ConnectorError({ code, vendor: 'memory', message: 'Odd.' });
      return (await vendor.connector.check?.(receipt, targets)) ?? running;
    };
    return { vendor, connector: { ...vendor.connector, check } satisfies DeletionConnector };
  };

  it('needs a review when the promised time is over, and is not asked for ever', async () => {
    const clock = new AutoClock();
    const startedAt = clock.now();
    const { vendor, connector } = failingWith(clock, 'response-unexpected', Number.POSITIVE_INFINITY);
    vendor.people.add('ada');
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    expect((await ledger.request('r-ada'))?.tasks).toMatchObject([
      { state: 'needs-review', reason: 'status-unknown', message: expect.stringContaining('Odd. Look it up') },
    ]);
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(30 * dayMs);
    expect(vendor.submits()).toHaveLength(1);
  });

  it('and is about another job pauses the connector, and needs a review when the promised time is over', async () => {
    const clock = new AutoClock();
    const { vendor, connector } = failingWith(clock, 'answer-contradictory', Number.POSITIVE_INFINITY);
    vendor.people.add('ada');
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept([requestFor('ada')]);
    // Whoever starts a run again has looked: it is asked about once a run.
    for (let run = 0; run < 4; run += 1) {
      const report = await engine.run({ waitAtMostMs: 12 * dayMs });
      expect(report.connectors).toMatchObject([{ paused: { code: 'answer-contradictory' }, states: { waiting: 1 } }]);
      clock.set(clock.now() + 7 * dayMs);
    }
    clock.set(clock.now() + 7 * dayMs);
    await engine.run({ waitAtMostMs: 12 * dayMs });
    expect((await ledger.request('r-ada'))?.tasks).toMatchObject([{ state: 'needs-review', reason: 'status-unknown' }]);
    await engine.accept([requestFor('bob')]);
    expect((await engine.run(now)).connectors).toMatchObject([{ paused: undefined }]);
    expect(vendor.submits()).toHaveLength(2);
  });

  it('is waited for where the vendor is away, however long', async () => {
    const clock = new AutoClock();
    const { vendor, connector } = failingWith(clock, 'vendor-unavailable', 40 * dayMs);
    vendor.people.add('ada');
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    expect((await ledger.request('r-ada'))?.tasks).toMatchObject([{ state: 'deleted' }]);
    expect([...vendor.people]).toEqual([]);
  });
});

describe('what a person should know of a deletion', () => {
  it('is kept with it, also when the record is read back', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true });
    const submit: DeletionConnector['submit'] = async (targets, options) =>
      (await vendor.connector.submit(targets, options)).map((outcome) =>
        outcome.type === 'deleted' ? { type: 'deleted', message: 'Two profiles had this address.' } : outcome,
      );
    vendor.people.add('ada');
    const connector = { ...vendor.connector, submit };
    const { engine, ledger } = await openSetting([{ name: 'memory', connector, verify: 'before-and-after' }], {
      clock,
    });
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    expect((await ledger.request('r-ada'))?.tasks).toMatchObject([
      { state: 'deleted', assurance: 'verified', message: 'Two profiles had this address.' },
    ]);
  });

  it('is that our own read found nobody before', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'accepted', canVerify: true });
    const connector = vendor.connector;
    const { engine, ledger } = await openSetting([{ name: 'memory', connector, verify: 'before-and-after' }], {
      clock,
    });
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    expect((await ledger.request('r-ada'))?.tasks).toMatchObject([
      { state: 'accepted', assurance: 'accepted', reason: 'not-found-before' },
    ]);
  });
});
