import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IncomingRequest } from '../src/index.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { openSetting, requestFor } from './setting.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };
const dayMs = 86_400_000;

/** A request without an id, as a list without that column gives it. */
function wish(value: string, receivedAt?: string): IncomingRequest {
  return {
    subject: { identifiers: [{ type: 'user_id', value }] },
    law: 'gdpr',
    ...(receivedAt === undefined ? {} : { receivedAt }),
  };
}

async function deletedOnce(first: IncomingRequest, source?: string) {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  vendor.people.add('ada');
  const setting = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  await setting.engine.accept([first], { source });
  await setting.engine.run(forever);
  expect(vendor.people.size).toBe(0);
  vendor.people.add('ada');
  return { ...setting, clock, vendor };
}

describe('a person who comes back and asks again', () => {
  it('with a later time is a new request, and deleted', async () => {
    const { engine, vendor } = await deletedOnce(wish('ada', '2026-01-05T00:00:00Z'));
    expect(await engine.accept([wish('ada', '2026-03-01T00:00:00Z')])).toMatchObject({ accepted: 1, known: 0 });
    await engine.run(forever);
    expect([...vendor.people]).toEqual([]);
  });

  it('with a later time is a new request also after one without any', async () => {
    const { engine, clock, vendor } = await deletedOnce(wish('ada'));
    const earlier = new Date(clock.now() - 30 * dayMs).toISOString();
    expect(await engine.accept([wish('ada', earlier)])).toMatchObject({ accepted: 0, known: 1, notSentAgain: 0 });
    clock.set(clock.now() + 60 * dayMs);
    const later = new Date(clock.now() - dayMs).toISOString();
    expect(await engine.accept([wish('ada', later)])).toMatchObject({ accepted: 1 });
    await engine.run(forever);
    expect([...vendor.people]).toEqual([]);
  });

  it('without a time is told, not sent, and sent under a label', async () => {
    const { engine, vendor } = await deletedOnce(wish('ada'));
    expect(await engine.plan([wish('ada')])).toMatchObject({ known: 1, knownSettled: 1, notSentAgain: 1 });
    expect(await engine.accept([wish('ada')])).toMatchObject({ accepted: 0, knownSettled: 1, notSentAgain: 1 });
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['ada']);
    expect(await engine.accept([wish('ada')], { batch: 'again' })).toMatchObject({ accepted: 1 });
    await engine.run(forever);
    expect([...vendor.people]).toEqual([]);
  });

  it('in the same list within its time is the same request, and later may be another one', async () => {
    const { engine, clock, vendor } = await deletedOnce(wish('ada'), 'list-1');
    expect(await engine.accept([wish('ada')], { source: 'list-1' })).toMatchObject({ known: 1, notSentAgain: 0 });
    expect(await engine.accept([wish('ada')], { source: 'list-2' })).toMatchObject({ known: 1, notSentAgain: 1 });
    expect(await engine.accept([wish('ada')], { source: 'list-2' })).toMatchObject({ notSentAgain: 0 });
    clock.set(clock.now() + 40 * dayMs);
    expect(await engine.accept([wish('ada')], { source: 'list-2' })).toMatchObject({ known: 1, notSentAgain: 1 });
    expect([...vendor.people]).toEqual(['ada']);
  });

  it('under an id of the caller’s is the same request, whatever its times', async () => {
    const { engine, vendor } = await deletedOnce(requestFor('ada', { receivedAt: '2026-01-05T00:00:00Z' }));
    const again = requestFor('ada', { receivedAt: '2026-03-01T00:00:00Z', dueAt: '2026-09-01T00:00:00Z' });
    expect(await engine.accept([again])).toMatchObject({ known: 1, notSentAgain: 0, otherDueDates: 1 });
    expect([...vendor.people]).toEqual(['ada']);
  });
});

it('a list that comes in again at once does nothing twice, whatever is in it', async () => {
  const people = fc.constantFrom('ada', 'bob', 'cleo');
  const times = fc.constantFrom(undefined, '2026-01-05T00:00:00Z', '2026-01-06T00:00:00+02:00');
  const lists = fc.array(fc.record({ person: people, at: times }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(lists, async (list) => {
      const clock = new AutoClock();
      const vendor = new MemoryVendor({ clock });
      for (const { person } of list) vendor.people.add(person);
      const { engine, close } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
      const requests = list.map(({ person, at }) => wish(person, at));
      await engine.accept(requests, { source: 'list' });
      await engine.run(forever);
      expect(vendor.people.size).toBe(0);
      const sent = vendor.submits().length;
      expect(await engine.accept(requests, { source: 'list' })).toMatchObject({ accepted: 0, notSentAgain: 0 });
      await engine.run(forever);
      expect(vendor.submits()).toHaveLength(sent);
      await close();
    }),
    { numRuns: 20, seed: 20261201 },
  );
});

describe('a known id that comes in with other identifiers', () => {
  const user = (value: string) => ({ type: 'user_id', value });
  const device = { type: 'device_id', value: 'device-1' };
  const asked = (...identifiers: { type: string; value: string }[]) =>
    requestFor('ada', { id: 'R-1', subject: { identifiers } });

  it.each([
    ['one more of the same person', [user('ada'), device], { who: 'same-person', more: 1, fewer: 0 }],
    ['another one instead', [device, user('ADA')], { who: 'same-person', more: 2, fewer: 1 }],
    ['those of somebody else', [user('bob')], { who: 'somebody-else', more: 0, fewer: 0 }],
  ])('is not taken, and it is said how they differ: %s', async (_what, identifiers, difference) => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('ada').add('bob').add('device-1');
    const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([asked(user('ada'))]);
    const samePeople = difference.who === 'same-person' ? 1 : 0;
    expect(await engine.plan([asked(...identifiers)])).toMatchObject({ conflicts: 1, samePeople });
    expect(await engine.accept([asked(...identifiers)])).toMatchObject({
      accepted: 0,
      known: 0,
      conflicts: [{ index: 0, requestId: 'R-1', ...difference }],
    });
    await engine.run(forever);
    expect([...vendor.people]).toEqual(['bob', 'device-1']);
    // In one list, too.
    const twice = [
      { ...asked(user('eve')), id: 'R-2' },
      { ...asked(user('eve'), device), id: 'R-2' },
    ];
    expect(await engine.accept(twice)).toMatchObject({ conflicts: [{ index: 1, who: 'same-person', more: 1 }] });
  });

  it('can not be compared once its identifiers are erased', async () => {
    const { engine, ledger, clock, vendor } = await deletedOnce(asked(user('ada')));
    await ledger.erase(clock.now());
    expect(await engine.accept([asked(user('ada'), device)])).toMatchObject({ conflicts: [{ who: 'unknown' }] });
    expect([...vendor.people]).toEqual(['ada']);
  });
});

describe('a plan', () => {
  it('counts who is known, who is on hold and what would be sent', async () => {
    const { engine } = await deletedOnce(wish('ada', '2026-01-05T00:00:00Z'));
    await engine.hold({ type: 'user_id', value: 'Eve' }, 'litigation');
    const list = [wish('ada', '2026-01-05T00:00:00Z'), wish('bob'), wish('eve'), wish('cleo')];
    expect(await engine.plan(list)).toMatchObject({
      subjects: 4,
      known: 1,
      knownSettled: 1,
      notSentAgain: 0,
      onHold: 1,
      conflicts: 0,
      connectors: [{ targets: 2 }],
    });
  });

  it('counts the reads, and says how long they take at the limits of the vendor', async () => {
    const clock = new AutoClock();
    const rates = [{ kinds: ['verify' as const], calls: 360, perMs: 3_600_000 }];
    const vendor = new MemoryVendor({ clock, canVerify: true, maxTargets: 100, readTargets: 1, rates });
    const people = Array.from({ length: 1000 }, (_, index) => wish(`p-${index}`));
    const planned = async (verify: 'off' | 'after' | 'before-and-after') => {
      const connectors = [{ name: 'memory', connector: vendor.connector, verify, limitShare: 1 }];
      const { engine } = await openSetting(connectors, { clock });
      const [plan] = (await engine.plan(people)).connectors;
      return [plan?.calls, plan?.reads, Math.round((plan?.atLeastMs ?? 0) / 60_000)];
    };
    expect(await planned('off')).toEqual([10, 0, 0]);
    expect(await planned('after')).toEqual([10, 1000, 167]);
    expect(await planned('before-and-after')).toEqual([10, 2000, 333]);
  });
});
