import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DemoReport } from './demo/compare.ts';
import { demoConnectors } from './demo/demo-config.ts';
import type { DemoPerson } from './demo/people.ts';
import type { HeldState, SandboxProcess, SandboxVendor } from './demo/sandbox-process.ts';
import { runCommand } from './run-command.ts';
import { accountForCalls, receivedDeletions } from './torture/accounts.ts';
import { cutOffLogs } from './torture/complete-logs.ts';
import { judge, unaccountedCalls } from './torture/judge.ts';

const root = join(import.meta.dirname, '..');

it('a run that is killed again and again loses nothing and claims nothing that is not so', async () => {
  const { exitCode, output } = await runCommand(
    process.execPath,
    ['tools/torture.ts', '--kills', '5', '--seed', '7', '--people-per-list', '15'],
    { folder: root, environment: process.env },
  );
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringMatching(/Seed 7: [1-9]\d* kills/) });
  expect(output).toContain('Nothing lost, nothing claimed that is not so.');
  expect(output).toMatch(/[1-9]\d* more of changes of keys/);
  // Kills that meet no call would show nothing.
  expect(output).toMatch(/[1-9]\d* calls cut off/);
});

// A judge who finds nothing is worth something only if he would have found it.

function invent(userId: string): DemoPerson {
  const email = `${userId}@example.com`;
  return { requestId: `r-${userId}`, userId, email, phone: '+12025550100', anonymousId: `${userId}-device` };
}
const ada = invent('ada');
const bob = invent('bob');
type Tasks = DemoReport['requests'][number]['tasks'];

/** Vendors that still hold the people of a list, by any of their ids, and were asked for deletions so often. */
function vendorsHolding(
  held: readonly { readonly vendor: SandboxVendor; readonly id: string }[],
  deletions = 1,
): SandboxProcess {
  const routes: Record<SandboxVendor, readonly string[]> = {
    mixpanel: ['/engage', '/api/app/data-deletions/v3.0/'],
    clevertap: ['/1/delete/profiles.json'],
    altcraft: ['/api/v1.1/profiles/delete'],
    segment: ['/regulations', '/spaces/sandbox-space/collections/users/profiles/x/external_ids/delete'],
  };
  return {
    url: { mixpanel: '', clevertap: '', altcraft: '', segment: '' },
    seed: async () => {},
    lookup: async (vendor, ids) =>
      ids.map((id): HeldState => {
        const isHeld = held.some((each) => each.vendor === vendor && each.id === id);
        return { id, hasProfile: isHeld, hasEvents: isHeld };
      }),
    requestCounts: async (vendor) =>
      routes[vendor].map((route) => ({ method: 'POST', route, status: 200, count: deletions })),
    requests: async () => [],
    fail: async () => {},
    recover: async () => {},
    close: async () => {},
  };
}

/** A report in which everybody is deleted everywhere, but for the tasks given for Ada. */
function reportWith(change: (tasks: Tasks) => Tasks): DemoReport {
  const tasks = demoConnectors.map(({ name }) => ({ connector: name, state: 'deleted', assurance: 'confirmed' }));
  return {
    requests: [ada, bob].map(({ userId, requestId }) => ({
      requestId,
      identifiers: [{ type: 'user_id', value: userId }],
      tasks: userId === ada.userId ? change(tasks) : tasks,
    })),
  };
}

const nothingReceived = { counts: new Map(), liedAbout: new Set<string>(), strangers: [] };

const withState = (state: string) => (tasks: Tasks) =>
  tasks.map((task) => (task.connector === 'clevertap' ? { connector: 'clevertap', state } : task));

async function faultsOf(
  report: DemoReport,
  held: Parameters<typeof vendorsHolding>[0] = [],
): Promise<readonly string[]> {
  return (await judge(vendorsHolding(held), [ada, bob], report, nothingReceived)).faults;
}

describe('the judge', () => {
  const stillThere = [{ vendor: 'clevertap' as const, id: ada.userId }];

  it('finds nothing where everything is as it is said to be', async () => {
    const report = reportWith((tasks) => tasks);
    expect(await faultsOf(report)).toEqual([]);
    const { states } = await judge(vendorsHolding([]), [ada, bob], report, nothingReceived);
    expect(states.get('clevertap deleted (confirmed)')).toBe(2);
  });

  it('names a lost task', async () => {
    expect(await faultsOf(reportWith((tasks) => tasks.filter(({ connector }) => connector !== 'clevertap')))).toEqual([
      'clevertap: person 0 has 0 tasks; there must be one.',
    ]);
  });

  it('names a lost person', async () => {
    const report = reportWith((tasks) => tasks);
    const faults = await faultsOf({ requests: report.requests.slice(1) });
    expect(faults).toHaveLength(demoConnectors.length);
  });

  it('names a task that is there twice', async () => {
    expect(await faultsOf(reportWith((tasks) => [...tasks, ...tasks.slice(2, 3)]))).toEqual([
      'clevertap: person 0 has 2 tasks; there must be one.',
    ]);
  });

  it.each(['deleted', 'absent'])('names a person who is reported %s and still there', async (state) => {
    const faults = await faultsOf(reportWith(withState(state)), stillThere);
    expect(faults[0]).toMatch(new RegExp(`clevertap: person 0 is reported ${state} .*still there`));
  });

  it.each(['ready', 'submitting', 'waiting', 'read-back', 'skipped', 'cancelled'])(
    'names a person who is still there in state %s when all is over',
    async (state) => {
      expect(await faultsOf(reportWith(withState(state)), stillThere)).toEqual([
        `clevertap: person 0 is still there, in state ${state}, with the run at its end.`,
      ]);
    },
  );

  it.each(['accepted', 'contradicted', 'failed', 'in-doubt', 'partial'])(
    'takes %s for what it is: no claim that anybody is gone',
    async (state) => {
      expect(await faultsOf(reportWith(withState(state)), stillThere)).toEqual([]);
    },
  );

  it('names calls that reached a vendor and are not in the ledger', async () => {
    const known = new Map(demoConnectors.map(({ name }) => [name, 3]));
    expect(await unaccountedCalls(vendorsHolding([], 3), known)).toEqual([]);
    expect(await unaccountedCalls(vendorsHolding([], 3), new Map([...known, ['altcraft', 2]]))).toEqual([
      'altcraft: the vendor received 3 deletions; the ledger knows of 2.',
    ]);
  });

  it('names a vendor that was asked for nothing, for then nothing was shown', async () => {
    const known = new Map(demoConnectors.map(({ name }) => [name, 3]));
    expect(await unaccountedCalls(vendorsHolding([], 0), known)).toHaveLength(demoConnectors.length);
  });

  it.each([
    ['segment-identifier', 'the word of the vendor', []],
    ['clevertap', 'read back', ['clevertap: person 0 is reported deleted (confirmed) and is still there.']],
  ])('takes what %s has lied about for %s', async (name, _what, faults) => {
    const connector = demoConnectors.find((each) => each.name === name) ?? demoConnectors[0];
    if (connector === undefined) throw new Error('There are connectors.');
    const sandbox = {
      ...vendorsHolding([{ vendor: connector.vendor, id: ada.userId }]),
      lookup: async (vendor: SandboxVendor, ids: readonly string[]) =>
        ids.map((id): HeldState => {
          const isHeld = vendor === connector.vendor && id === ada.userId;
          return { id, hasProfile: isHeld, hasEvents: false, externalIds: isHeld ? [`email:${ada.email}`] : [] };
        }),
    };
    const liedAbout = new Set([`${name} ${ada.userId}`]);
    const judged = await judge(
      sandbox,
      [ada, bob],
      reportWith((tasks) => tasks),
      { ...nothingReceived, liedAbout },
    );
    expect(judged.faults.filter((fault) => fault.startsWith(name)).slice(0, 1)).toEqual(faults);
  });
});

describe('the account of calls', () => {
  const [eve, fay] = ['list1-0001', 'list1-0002'].map(invent) as [DemoPerson, DemoPerson];
  const report: DemoReport = {
    requests: [eve, fay].map(({ userId, requestId }, index) => ({
      requestId,
      identifiers: [{ type: 'user_id', value: userId }],
      tasks: [{ task: index + 1, connector: 'clevertap', state: 'deleted', assurance: 'confirmed' }],
    })),
  };
  const asked = (...userIds: readonly string[]) => ({
    method: 'POST',
    path: '/1/delete/profiles.json',
    body: JSON.stringify({ identity: userIds }),
  });
  const both = asked(eve.userId, fay.userId);
  const answered = { result: 'answered', why: undefined };
  const lost = { result: 'timed-out', why: undefined };

  function account(
    requests: readonly (typeof both)[],
    calls: readonly (typeof lost | { result: string; why: string })[],
  ) {
    const received = receivedDeletions(new Map([['clevertap', requests]]), [eve, fay]);
    return accountForCalls(received, [eve, fay], report, new Map([1, 2].map((task) => [task, calls])));
  }

  type Call = typeof lost | { result: string; why: string };
  it.each<[string, readonly (typeof both)[], readonly Call[], string, number]>([
    ['one call each', [both], [answered], '', 0],
    ['a repeat after a lost reply', [both, both], [lost, answered], '', 0],
    ['a call that never arrived', [both], [lost, answered], '', 0],
    [
      'a second try after a contradiction',
      [both, both],
      [answered, { result: 'answered', why: 'still-present' }],
      '',
      0,
    ],
    ['a call without an intent', [both, both], [answered], 'clevertap: the vendor received person', 2],
    ['an answer that nobody gave', [], [answered], 'clevertap: the ledger has 1 answers about person', 2],
    ['a repeat for no reason', [both, both], [answered, answered], 'sent again without a reason', 2],
    ['a stranger', [both, asked('list9-0001')], [answered], 'somebody who is on no list', 1],
    ['a bystander', [both, asked('bystander-0001')], [answered], 'somebody who is on no list', 1],
  ])('of %s is right', (_what, requests, calls, fault, times) => {
    const faults = account(requests, calls);
    expect(faults).toEqual(Array(times).fill(expect.stringContaining(fault)));
  });
});

it('a log that the sandbox has cut off is named, and a whole one is not', () => {
  const request = { method: 'POST', path: '/engage', body: '' };
  const counts = new Map([
    ['mixpanel', [200, 500].map((status) => ({ method: 'POST', route: '/engage', status, count: 2 }))],
  ]);
  const kept = (requests: number) => new Map([['mixpanel', Array(requests).fill(request)]]);
  expect(cutOffLogs(kept(4), counts)).toEqual([]);
  expect(cutOffLogs(kept(3), counts)).toEqual([expect.stringContaining('kept 3 of 4 requests')]);
  expect(cutOffLogs(new Map(), counts)).toHaveLength(1);
});
