import type { ReadBack, Target, VerifyPresent } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import type { LedgerTask, TaskChange } from '../src/ledger/ledger.ts';
import { type TaskState, taskStates } from '../src/tasks/task-state.ts';
import { nextStates, type TaskEventName, transitions } from '../src/tasks/transitions.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { expectCountsToBeTrue, openSetting, requestFor } from './setting.ts';
import { isOnPostgres, queryLedger } from './test-ledger.ts';

const states = Object.keys(transitions) as TaskState[];
const events = [...new Set(states.flatMap((state) => Object.keys(transitions[state]) as TaskEventName[]))];
const twoDaysMs = 48 * 3_600_000;

/** One step: what happens, and where it leads. */
type Step = readonly [event: TaskEventName, state: TaskState];

/** The shortest ways from `ready` to every state, by the table. `pre-read` and `skipped` are beginnings of their own. */
const ways: ReadonlyMap<TaskState, readonly Step[]> = (() => {
  const found = new Map<TaskState, readonly Step[]>([['ready', []]]);
  for (const [from, way] of found) {
    for (const event of Object.keys(transitions[from]) as TaskEventName[]) {
      for (const to of nextStates(from, event) ?? []) if (!found.has(to)) found.set(to, [...way, [event, to]]);
    }
  }
  return found;
})();

/** A ledger with one request in every state, once within a waiting period and once without. */
async function openWithEveryState() {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  const setting = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  const { engine, ledger, path } = setting;
  const cases = [...ways].flatMap(([state, way]) =>
    [0, twoDaysMs].map((waitMs) => ({ state, way, waitMs, person: `${state}-${waitMs === 0 ? 'now' : 'later'}` })),
  );
  for (const { person, way, waitMs } of cases) {
    await engine.accept([requestFor(person)], { waitMs });
    let [task] = await ledger
      .dueTasks('memory', 'ready', { now: Number.MAX_SAFE_INTEGER, limit: 1000 })
      .then((due) => due.filter(({ target }) => target.value === person));
    for (const [event, state] of way) {
      if (task === undefined) throw new Error(`${person} is not there.`);
      await ledger.moveTasks([{ task, change: changeTo(event, state, clock.now()) }], clock.now());
      task = { ...task, state };
    }
  }
  const row = async (person: string) => {
    const rows = await queryLedger(
      path,
      `SELECT tasks.id, request, tasks.state, effect, next_at, not_before, reason, message, attempts, reads, read_before, finished_at
       FROM tasks JOIN requests ON requests.id = tasks.request WHERE request_id = 'r-${person}'`,
    );
    return rows[0] ?? {};
  };
  return { ...setting, vendor, cases, row };
}

function changeTo(event: TaskEventName, state: TaskState, now: number): TaskChange {
  const nextAt = taskStates[state].isTimed ? now : undefined;
  return { event, state, nextAt, reason: 'some-reason', message: 'It happened.' };
}

/** What every row has to keep to, whatever a person decides. */
function expectKeptTo(after: Record<string, unknown>, before: Record<string, unknown>): void {
  expect(after.not_before).toBe(before.not_before);
  const { isToBeSent } = taskStates[after.state as TaskState];
  if (isToBeSent && after.next_at !== null)
    expect(Number(after.next_at)).toBeGreaterThanOrEqual(Number(after.not_before));
}

describe("a person's decision, in every state, with and without a waiting period", () => {
  it('hold stops what is to be sent, changes no task, and its end sends nothing', async () => {
    const { engine, ledger, cases, row, vendor } = await openWithEveryState();
    for (const { person, state } of cases) {
      const before = await row(person);
      await engine.hold({ type: 'user_id', value: person }, 'litigation');
      expect(await row(person)).toEqual(before);
      const { stopsOnHold } = taskStates[state];
      expect((await ledger.request(`r-${person}`))?.tasks).toMatchObject([{ state, isOnHold: stopsOnHold }]);
    }
    for (const state of ['pre-read', 'ready', 'in-doubt'] as const) {
      expect(await ledger.dueTasks('memory', state, { now: Number.MAX_SAFE_INTEGER, limit: 1000 })).toEqual([]);
    }
    for (const { person } of cases) {
      const before = await row(person);
      await engine.release({ type: 'user_id', value: person });
      const after = await row(person);
      expect({ ...after, next_at: before.next_at }).toEqual(before);
      expectKeptTo(after, before);
    }
    expect(vendor.calls).toEqual([]);
  });

  it('cancel ends what is to be sent, unless the vendor may have acted', async () => {
    const { engine, cases, row, path, close } = await openWithEveryState();
    for (const { person, state } of cases) {
      const before = await row(person);
      const mayBe = taskStates[state].isToBeSent && before.effect === 'none';
      const report = await engine.cancel(`r-${person}`);
      const after = await row(person);
      expect([person, after.state]).toEqual([person, mayBe ? 'cancelled' : state]);
      expect([person, report?.cancelled]).toEqual([person, mayBe ? 1 : 0]);
      expectKeptTo(after, before);
    }
    await close();
    await expectCountsToBeTrue(path);
  });

  it.each([
    ['retry', 'failed'],
    ['resend', 'needs-review'],
  ] as const)('%s puts back what the table says, and nothing else', async (event, which) => {
    const { engine, cases, row, path, close } = await openWithEveryState();
    for (const { person, state } of cases) {
      const before = await row(person);
      const mayBe = nextStates(state, event) !== undefined;
      expect([person, await engine.reopen(which, { requestId: `r-${person}` })]).toEqual([person, mayBe ? 1 : 0]);
      const after = await row(person);
      expect([person, after.state]).toEqual([person, mayBe ? 'ready' : state]);
      expectKeptTo(after, before);
    }
    await close();
    await expectCountsToBeTrue(path);
  });

  it('restore puts back what is cancelled, and nothing else', async () => {
    const { engine, cases, row, path, close } = await openWithEveryState();
    for (const { person, state } of cases) {
      const before = await row(person);
      const mayBe = state === 'cancelled';
      expect([person, await engine.restore(`r-${person}`)]).toEqual([person, { restored: mayBe ? 1 : 0, erased: 0 }]);
      const after = await row(person);
      expect([person, after.state]).toEqual([person, mayBe ? 'ready' : state]);
      expectKeptTo(after, before);
    }
    await close();
    await expectCountsToBeTrue(path);
  });

  it('try-now changes no state, and ends no waiting period', async () => {
    const { engine, cases, row } = await openWithEveryState();
    const before = new Map<string, Record<string, unknown>>();
    for (const { person } of cases) before.set(person, await row(person));
    await engine.tryNow('memory');
    for (const { person } of cases) {
      const [then, after] = [before.get(person) ?? {}, await row(person)];
      expect({ ...after, next_at: then.next_at }).toEqual(then);
      expectKeptTo(after, then);
    }
  });
});

describe('the writer of the ledger', () => {
  it('refuses every move that the table does not have', async () => {
    const { ledger, cases, row, clock, path, close } = await openWithEveryState();
    const now = clock.now();
    for (const { person, state, waitMs } of cases) {
      if (waitMs !== 0) continue;
      const before = await row(person);
      const task = taskOf(before, person);
      for (const event of events) {
        const allowed = nextStates(state, event) ?? [];
        const forbidden = states.filter((each) => !allowed.includes(each));
        // One rule refuses for both storages; on a server, one of each shows that it is asked.
        for (const to of isOnPostgres ? forbidden.slice(0, 1) : forbidden) {
          const move = ledger.moveTasks([{ task, change: changeTo(event, to, now) }], now);
          await expect(move, `${state} by ${event} to ${to}`).rejects.toThrow('no way from');
        }
      }
      expect(await row(person)).toEqual(before);
    }
    await close();
    await expectCountsToBeTrue(path);
  });
});

// The writer compares state and call with what is there.
function taskOf(row: Record<string, unknown>, person: string): LedgerTask {
  return {
    id: Number(row.id),
    request: Number(row.request),
    state: row.state as TaskState,
    target: { type: 'id', value: person },
    attempts: Number(row.attempts),
    callId: undefined,
    bisectedBatch: undefined,
    claim: undefined,
    vendorStatus: undefined,
    reason: undefined,
    message: undefined,
    readBefore: 'unread',
    unreadReason: undefined,
    readBy: undefined,
    contradictions: 0,
    reads: 0,
  };
}

describe('a request', () => {
  it('that was cancelled is called-back, and done when it was restored and sent', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')], { waitMs: twoDaysMs });
    expect(await engine.restore('nobody')).toBeUndefined();
    await engine.cancel('r-ada');
    const cancelled = await ledger.request('r-ada');
    expect(cancelled?.request).toMatchObject({ result: 'called-back', settledAt: expect.any(String) });
    expect((await ledger.summary()).requests).toMatchObject({ total: 1, settled: 1, calledBack: 1 });
    expect(await engine.restore('r-ada')).toEqual({ restored: 1, erased: 0 });
    await engine.run({ waitAtMostMs: 0 });
    // The waiting period goes on.
    expect([...vendor.people]).toEqual(['ada']);
    await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
    expect([...vendor.people]).toEqual([]);
    expect((await ledger.request('r-ada'))?.request).toMatchObject({ result: 'done' });
    const texts: string[] = [];
    for await (const { text } of ledger.auditEntries()) texts.push(text);
    expect(texts.filter((text) => text.includes('"restored"'))).toHaveLength(1);
  });

  it('that is restored becomes a duplicate of an open one for the same record, and is deleted once with it', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine, ledger, path, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
    });
    await engine.accept([requestFor('ada', { id: 'first' })], { waitMs: 1000 });
    await engine.cancel('first');
    await engine.accept([requestFor('ada', { id: 'second' })], { waitMs: 1000 });
    await engine.restore('first');
    await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
    expect(vendor.submits().map(({ values }) => values)).toEqual([['ada']]);
    for (const id of ['first', 'second']) expect((await ledger.request(id))?.request.result).toBe('done');
    await close();
    await expectCountsToBeTrue(path);
  });

  it('whose identifiers are erased can not be restored', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, retentionMs: 0 });
    await engine.accept([requestFor('ada')]);
    await engine.cancel('r-ada');
    await engine.run();
    clock.set(clock.now() + twoDaysMs);
    await engine.run();
    expect(await engine.restore('r-ada')).toEqual({ restored: 0, erased: 1 });
  });
});

describe('a hold that is lifted', () => {
  it('does not end the waiting period', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada');
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')], { waitMs: twoDaysMs });
    await engine.hold({ type: 'user_id', value: 'ada' }, 'litigation');
    await engine.release({ type: 'user_id', value: 'ada' });
    await engine.run({ waitAtMostMs: 0 });
    expect(vendor.submits()).toEqual([]);
    expect([...vendor.people]).toEqual(['ada']);
  });

  it('does not send again what only a person may decide', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, repeat: 'harmless' });
    vendor.people.add('ada');
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    vendor.faults.push({ code: 'answer-contradictory', acts: true });
    await engine.run({ waitAtMostMs: 0 });
    expect((await ledger.request('r-ada'))?.tasks).toMatchObject([{ state: 'needs-review' }]);
    await engine.hold({ type: 'user_id', value: 'ada' }, 'litigation');
    await engine.release({ type: 'user_id', value: 'ada' });
    await engine.run({ waitAtMostMs: 0 });
    expect(vendor.submits()).toHaveLength(1);
  });
});

describe('a status that the vendor does not explain', () => {
  it('is asked about until the promised time is over, and then needs a review', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled' });
    vendor.people.add('ada');
    const check = async () =>
      ({ state: 'unknown', vendorStatus: 'undocumented-word', reason: 'It answered oddly.' }) as const;
    const connector = { ...vendor.connector, check };
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    const startedAt = clock.now();
    await engine.accept([requestFor('ada')]);
    await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
    expect((await ledger.request('r-ada'))?.tasks).toMatchObject([
      { state: 'needs-review', reason: 'status-unknown', message: expect.stringContaining('--resend') },
    ]);
    const { completion } = connector.capabilities;
    if (completion.type !== 'polled') throw new Error('This vendor is asked about its jobs.');
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(completion.expectedWithinMs);
    expect(vendor.submits()).toHaveLength(1);
  });
});

describe('a read that covers less than the deletion', () => {
  it.each<[string, ReadBack['covers'], VerifyPresent['covers'], 'confirmed' | 'verified']>([
    ['each read', 'profile', undefined, 'confirmed'],
    ['one read, by its own words', 'person', 'identifier', 'confirmed'],
    ['none', 'person', undefined, 'verified'],
  ])("leaves the vendor's word as it is, and says what was read: %s", async (_what, covers, ofThisRead, assurance) => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, canVerify: true, readBackAfterMs: 0 });
    vendor.people.add('ada');
    const { connector } = vendor;
    const capabilities = {
      ...connector.capabilities,
      reach: 'person' as const,
      readBack: { covers, identifiers: ['id'], afterMs: 0 },
    };
    const verify = async (targets: readonly Target[]) =>
      ((await connector.verify?.(targets)) ?? []).map((outcome) =>
        outcome.type === 'present' && ofThisRead !== undefined ? { ...outcome, covers: ofThisRead } : outcome,
      );
    const configured = {
      name: 'memory',
      connector: { ...connector, capabilities, verify },
      verify: 'before-and-after' as const,
    };
    const { engine, ledger } = await openSetting([configured], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
    expect((await ledger.request('r-ada'))?.tasks).toMatchObject([
      {
        state: 'deleted',
        assurance,
        readBefore: 'present',
        reason: assurance === 'verified' ? undefined : 'read-covers-less',
      },
    ]);
  });
});
