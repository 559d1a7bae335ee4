import { describe, expect, it } from 'vitest';
import { findRequests } from '../src/engine/plan-tasks.ts';
import { checkChainStream } from '../src/proof/audit-chain.ts';
import { checkCertificate, makeCertificate } from '../src/proof/certificate.ts';
import { type RequestResult, resultOfRequest } from '../src/tasks/request-result.ts';
import { isTerminal, type TaskState, taskStates } from '../src/tasks/task-state.ts';
import { AutoClock } from './auto-clock.ts';
import { allTasks, openSetting } from './setting.ts';
import { openTestLedger, queryLedger } from './test-ledger.ts';
import {
  certificates,
  fixture,
  fixtureConnectors,
  fixtureVendors,
  isFinal,
  isToBeSent,
  loadFixture,
  madeAt,
  targetValueOf,
} from './version-1-fixture.ts';

/** The ledger of the version before, opened with this one. */
async function openFixture() {
  const clock = new AutoClock(madeAt);
  const vendors = fixtureVendors(clock);
  const connectors = fixtureConnectors(vendors);
  return { vendors, connectors, ...(await openSetting(connectors, { clock, path: await loadFixture() })) };
}

type Stored = (typeof fixture.requests)[number]['tasks'][number]['stored'];

/** The states that an open task of version 1 may have now. */
function statesOfToday(state: string, lead: Stored): readonly string[] {
  if (state === 'held') return [lead.held_from ?? 'ready'];
  if (state === 'ready' && lead.resume_at !== undefined) return ['blocked'];
  // On hold it lost its time, and its reason alone tells whether it would have gone on by itself.
  if (state === 'in-doubt' && lead.next_at === undefined) return ['needs-review', 'in-doubt'];
  return [state];
}

function resultOfTasks(states: readonly TaskState[]): RequestResult | undefined {
  if (states.some((state) => !isTerminal(state))) return undefined;
  const count = (how: string) => states.filter((state) => taskStates[state].countsAs === how).length;
  return resultOfRequest({ done: count('done'), undone: count('undone'), cancelled: count('cancelled') });
}

const hour = 3_600_000;
const day = 24 * hour;

/**
 * Works until nothing but holds and decisions is left. In steps: a connector that comes after another looks every second
 * whether that one has sent something, for as long as a run waits.
 */
async function runToTheEnd({ engine, clock }: Awaited<ReturnType<typeof openFixture>>): Promise<void> {
  // By then the vendor with a monthly volume takes more, though no task of it is due at that time.
  const nextMonth = madeAt + 25 * day;
  for (let isOver = false; !isOver; ) {
    const { connectors } = await engine.run({ waitAtMostMs: 0 });
    const now = clock.now();
    const times = connectors.flatMap(({ nextAt }) => (nextAt === undefined ? [] : [Date.parse(nextAt)]));
    // Not for every question to a vendor about its jobs.
    const nextAt = Math.max(now + 4 * hour, Math.min(...times.filter((time) => time > now)));
    if (now < nextMonth) clock.set(Math.min(nextAt, nextMonth));
    else if (Number.isFinite(nextAt)) clock.set(nextAt);
    else isOver = true;
  }
}

describe('a ledger of version 1', () => {
  it('has the same requests', async () => {
    const { ledger } = await openFixture();
    const requests = [];
    for await (const { request, tasks, identifiers } of ledger.requests({ identifiers: true })) {
      const { result, ...sameAsBefore } = request;
      expect([request.requestId, result]).toEqual([request.requestId, resultOfTasks(tasks.map(({ state }) => state))]);
      requests.push({ ...sameAsBefore, identifiers, tasks: tasks.map(({ task, connector }) => ({ task, connector })) });
    }
    expect(requests).toEqual(
      fixture.requests.map(({ found: _, receipt: __, isErased, identifiers, tasks, ...request }) => ({
        ...request,
        settledAt: request.settledAt,
        identifiers: isErased ? undefined : identifiers,
        tasks: tasks.map(({ task, connector }) => ({ task, connector })),
      })),
    );
  });

  it('has the same outcomes', async () => {
    const { ledger } = await openFixture();
    const now = (await allTasks(ledger)).map((task) => {
      const {
        requestId: _,
        message: __,
        parts: ___,
        isOnHold: ____,
        readBefore: _____,
        unreadReason: ______,
        ...rest
      } = task;
      return rest;
    });
    const before = fixture.requests.flatMap(({ tasks }) => tasks.map(({ stored: _, ...task }) => task));
    const ofFinal = ({ state }: { readonly state: string }) => isFinal(state);
    const withoutParts = before.map((task) => ({ ...task, parts: undefined }));
    expect(now.filter(ofFinal)).toEqual(withoutParts.filter(ofFinal));
    // Nothing that was open is over because the ledger was opened.
    expect(now.map(({ state }) => isFinal(state))).toEqual(before.map(({ state }) => isFinal(state)));
  });

  it('says what was hidden in times and numbers', async () => {
    const { ledger, path } = await openFixture();
    const hidden = new Map(
      (await queryLedger(path, 'SELECT id, effect, not_before FROM tasks')).map((row) => [Number(row.id), row]),
    );
    const wrong: unknown[] = [];
    const old = new Map(fixture.requests.flatMap(({ tasks }) => tasks.map((task) => [task.task, task] as const)));
    for (const task of await allTasks(ledger)) {
      const before = old.get(task.task);
      if (before === undefined) throw new Error(`There was no task ${task.task}.`);
      // A duplicate is where its primary is.
      const { stored: lead } = old.get(before.stored.leader ?? task.task) ?? before;
      const { effect, not_before: notBefore } = hidden.get(task.task) ?? {};
      const expected = {
        states: statesOfToday(before.state, lead),
        effect: ['none', 'unknown', 'possible'][before.stored.acted ?? 0],
        readBefore: before.stored.seen_before === 1 ? 'present' : 'unread',
      };
      const isRight =
        expected.states.includes(task.state) && effect === expected.effect && task.readBefore === expected.readBefore;
      if (!isRight) wrong.push({ task, effect, notBefore, expected, stored: before.stored });
      // Nothing is due earlier than it was.
      const dueBefore = before.stored.next_at ?? before.stored.resume_at;
      if (['ready', 'pre-read', 'blocked'].includes(task.state) && (dueBefore ?? 0) > madeAt)
        expect(Math.max(Number(notBefore), Date.parse(task.nextAt ?? '1970-01-01'))).toBeGreaterThanOrEqual(
          dueBefore ?? 0,
        );
    }
    expect(wrong).toEqual([]);
  });

  it('has the same people on hold', async () => {
    const { ledger, engine } = await openFixture();
    expect(await ledger.holds()).toEqual(fixture.holds.map(({ identifier: _, ...hold }) => hold));
    for (const { identifier, requests } of fixture.holds) expect(await engine.release(identifier)).toBe(requests);
    expect(await ledger.holds()).toEqual([]);
  });

  it('finds who was asked for, also where they are erased', async () => {
    const { ledger, connectors } = await openFixture();
    // The others are alike: each is found by its own identifiers alone.
    const special = fixture.requests.filter(
      ({ isErased, found }, index) => index % 10 === 0 || isErased || found.length !== 1,
    );
    for (const { requestId, identifiers, found } of special) {
      expect([requestId, (await findRequests(ledger, connectors, identifiers)).toSorted()]).toEqual([requestId, found]);
    }
  });

  it('has an audit log that is intact and goes on from the entry at which version 1 left it', async () => {
    const { ledger, engine } = await openFixture();
    await engine.run({ waitAtMostMs: 0 });
    const result = await checkChainStream(ledger.auditEntries(), fixture.auditHead);
    expect(result).toMatchObject({ isIntact: true });
    expect((await ledger.auditHead()).sequence).toBeGreaterThan(fixture.auditHead.sequence);
  });

  it('is opened by its last key alone', async () => {
    const path = await loadFixture();
    await expect(openTestLedger(path, { key: Buffer.alloc(32, 5) })).rejects.toMatchObject({ code: 'key-wrong' });
  });

  it('goes on where it was left', async () => {
    const setting = await openFixture();
    const { ledger, vendors } = setting;
    await runToTheEnd(setting);
    const taskOf = new Map(fixture.requests.flatMap(({ tasks }) => tasks.map((task) => [task.task, task])));
    for (const [name, vendor] of vendors) {
      const own = fixture.requests.flatMap((request) =>
        request.tasks
          .filter(({ connector }) => connector === name)
          .map((task) => ({ task, value: targetValueOf(request, task), leader: taskOf.get(task.stored.leader ?? 0) })),
      );
      const wanted = own.filter(({ task, leader }) => isToBeSent(task, leader));
      const sent = vendor.submits().flatMap(({ values }) => values);
      expect([name, [...new Set(sent)].toSorted()]).toEqual([
        name,
        [...new Set(wanted.map(({ value }) => value))].toSorted(),
      ]);
      expect([name, vendor.sentTwice()]).toEqual([name, []]);
      // Neither in a waiting period nor while the vendor is not to be called.
      for (const { task, value } of wanted) {
        const at = vendor.submits().find(({ values }) => values.includes(value))?.at;
        expect(at).toBeGreaterThanOrEqual(task.stored.next_at ?? task.stored.resume_at ?? madeAt);
      }
    }
    // A record that requests share is deleted when both were sent to the connector that comes first.
    const sentAt = (connector: string, value: string) =>
      vendors
        .get(connector)
        ?.submits()
        .find(({ values }) => values.includes(value))?.at ?? Number.NaN;
    for (const sink of ['sink', 'sink-read']) {
      for (const person of ['blocked', 'blocked-follower']) {
        expect(sentAt(sink, 'device-of-blocked.example.com')).toBeGreaterThanOrEqual(
          sentAt('pipe', `${person}@example.com`),
        );
      }
    }
    const wereOpen = new Map([...taskOf].filter(([, { state }]) => !isFinal(state)));
    for (const { task, state } of await allTasks(ledger)) {
      const before = wereOpen.get(task);
      if (before === undefined) continue;
      const leader = taskOf.get(before.stored.leader ?? 0);
      const isLeft = before.state === 'held' || (before.state === 'in-doubt' && !hasTime(before, leader));
      expect([before, isFinal(state)]).toEqual([before, !isLeft]);
    }
  });

  it('sends who was on hold once they are released, and reads first whom it was to read first', async () => {
    const { engine, clock, vendors } = await openFixture();
    // No vendor asks any more not to be called.
    clock.set(madeAt + 6 * day);
    for (const { identifier } of fixture.holds) await engine.release(identifier);
    // Once more for those that come after another connector.
    for (let run = 0; run < 2; run += 1) await engine.run({ waitAtMostMs: 0 });
    for (const request of fixture.requests) {
      for (const task of request.tasks) {
        if (task.state !== 'held') continue;
        const value = targetValueOf(request, task);
        const calls = vendors.get(task.connector)?.calls.filter(({ values }) => values.includes(value)) ?? [];
        const kinds = task.stored.held_from === 'pre-read' ? ['verify', 'submit'] : ['submit'];
        expect([request.requestId, calls.map(({ kind }) => kind)]).toEqual([request.requestId, kinds]);
      }
    }
  });
});

function hasTime(task: (typeof fixture.requests)[number]['tasks'][number], leader = task): boolean {
  return leader.stored.next_at !== undefined;
}

describe('a certificate', () => {
  it.each([...certificates.keys()])('of version 1 is still valid: %s', (requestId) => {
    const result = checkCertificate(certificates.get(requestId) ?? '', fixture.publicKey);
    expect(result).toMatchObject({ isValid: true, statement: { request: { requestId }, head: fixture.auditHead } });
  });

  it('that was changed is not', () => {
    const text = certificates.get('r-deleted-verified') ?? '';
    const changed = text.replaceAll('verified', 'confirmed');
    expect(checkCertificate(changed, fixture.publicKey)).toMatchObject({ isValid: false });
  });

  it('can be made for every settled request of a ledger of version 1, with the same key', async () => {
    const { ledger, clock } = await openFixture();
    for (const { requestId, settledAt, tasks } of fixture.requests) {
      if (settledAt === undefined) continue;
      const result = checkCertificate((await makeCertificate(ledger, requestId, clock.now())) ?? '', fixture.publicKey);
      expect(result).toMatchObject({
        isValid: true,
        statement: {
          request: { requestId, settledAt },
          outcomes: tasks.map(({ task, connector, state, assurance = null, reason = null }) => ({
            task,
            connector,
            state,
            assurance,
            reason,
          })),
        },
      });
    }
  });
});
