import { demoEnvironment } from '../../demo/demo-config.ts';
import { type ConnectorChoice, columnsOf } from '../bench-connectors.ts';
import type { BenchRow, Figure } from '../bench-row.ts';
import { useOfRate, useOfRoom } from '../limit-use.ts';
import { type LimitedSandbox, type LoggedCall, startLimitedSandbox } from '../limited-sandbox.ts';
import { type BenchPerson, personAt, writePeople } from '../people.ts';
import { summarize } from '../statistics.ts';
import { openWorkplace } from '../workplace.ts';

const wanted = 0.97;
const share = 0.8;
const latencies = [20, 100];
const dayMs = 86_400_000;

/** A documented limit, and how it is met. */
interface LimitCase {
  readonly what: string;
  readonly vendor: 'mixpanel' | 'clevertap' | 'segment';
  readonly settings?: object;
  readonly choice: ConnectorChoice;
  /** How many people keep the connector busy for so long, in seconds. */
  people(seconds: number, latencyMs: number): number;
  /** As the sandbox's memory takes a person. */
  seed(person: BenchPerson): object;
  readonly key: 'userId' | 'email';
  /** Whether the vendor still has what was to be deleted, by what it says about a person. */
  holds(state: Readonly<Record<string, unknown>>, person: BenchPerson): boolean;
  /** Whether a call asks for a deletion. */
  readonly deletion: RegExp;
  use(starts: readonly number[], latencyMs: number): number;
}

// The options of a real configuration: the documented limits are the connectors' defaults.
const cases: readonly LimitCase[] = [
  {
    what: 'Segment identifier: 100 calls/s',
    vendor: 'segment',
    choice: {
      name: 'segment-identifier',
      entry: { limitShare: share },
      options: {
        token: { env: 'SEGMENT_SPACE_TOKEN' },
        spaceId: 'sandbox-space',
        limits: { callsInFlight: 20 },
      },
    },
    people: (seconds) => Math.ceil(seconds * 100 * share),
    seed: ({ userId, email }) => ({ userId, externalIds: [`email:${email}`] }),
    key: 'userId',
    holds: ({ externalIds }, { email }) => Array.isArray(externalIds) && externalIds.includes(`email:${email}`),
    deletion: /external_ids\/delete$/,
    use: (starts) => useOfRate(starts, 100 * share, 1000),
  },
  {
    what: 'Mixpanel gdpr: 1 call/s, questions about tasks included',
    vendor: 'mixpanel',
    settings: { mixpanel: { taskTimes: { stagingAfterMs: 0, startedAfterMs: 0, successAfterMs: 0 } } },
    choice: {
      name: 'mixpanel-gdpr',
      entry: { package: '@expunge/connector-mixpanel', limitShare: share },
      options: {
        projectToken: { env: 'MIXPANEL_PROJECT_TOKEN' },
        oauthToken: { env: 'MIXPANEL_OAUTH_TOKEN' },
        limits: { maxTargets: 500 },
      },
    },
    // Each task is a call that makes it and a call that asks for its end.
    people: (seconds) => Math.max(3, Math.ceil((seconds * share) / 2)) * 500,
    seed: ({ userId }) => ({ distinctId: userId }),
    key: 'userId',
    holds: ({ hasProfile, hasEvents }) => hasProfile === true || hasEvents === true,
    deletion: /data-deletions\/v3\.0\/?$/,
    use: (starts) => useOfRate(starts, 1, 1000 / share),
  },
  {
    what: 'CleverTap: 3 calls at a time',
    vendor: 'clevertap',
    choice: {
      name: 'clevertap',
      entry: { limitShare: share },
      options: { accountId: 'SANDBOX-ACCOUNT', passcode: { env: 'CLEVERTAP_PASSCODE' } },
    },
    people: (seconds, latencyMs) => Math.ceil((seconds * 3 * 1000) / latencyMs) * 100,
    seed: ({ userId }) => ({ identity: userId }),
    key: 'userId',
    holds: ({ hasProfile }) => hasProfile === true,
    deletion: /delete\/profiles/,
    use: (starts, latencyMs) => useOfRoom(starts, latencyMs, 3),
  },
];

/** How much of what a vendor allows is used. */
export const vendorLimits: BenchRow = {
  name: 'vendor-limits',
  title: "Use of the vendors' documented limits",
  async measure(context) {
    const { seconds = 12, repeats = 2 } = context;
    const figures: Figure[] = [];
    for (const each of cases.filter(({ choice }) => context.isWanted(choice.name))) {
      for (const latencyMs of latencies) {
        const uses: number[] = [];
        let refused = 0;
        for (let round = 1; round <= repeats; round += 1) {
          context.say(`${each.what}, ${latencyMs} ms, round ${round} of ${repeats}`);
          const calls = await callsOf(context.scratch, each, latencyMs, seconds);
          refused += calls.filter(({ status }) => status === 429).length;
          uses.push(each.use(startsOf(calls, each.deletion), latencyMs));
        }
        const isMet = summarize(uses).median >= wanted && refused === 0;
        figures.push({
          what: `${each.what}; ${latencyMs} ms latency; ${refused} calls refused (429)`,
          unit: 'of the limit',
          values: uses,
          target: { text: `≥ ${wanted}, none refused`, isMet },
        });
      }
    }
    return {
      figures,
      notes: [
        `The sandbox with its documented limits, in real time, about ${seconds} s a run; the connectors keep to ${share} of a rate, the default, and that is the 1 that the use is measured by. A number of calls at a time has no share.`,
        'A rate: how long after the call that had to be a window old a call began. Calls at a time: how many were open at the vendor on average, its latency taken for how long each was. Both from the first deletion to the last.',
        'Limits by the minute (Mixpanel profile, Segment regulations) are kept by the same pacing; a window of them is longer than a run here.',
        'In the end the vendor’s memory is asked whether everybody on the list is gone.',
      ],
    };
  },
};

async function callsOf(
  scratch: string,
  each: LimitCase,
  latencyMs: number,
  seconds: number,
): Promise<readonly LoggedCall[]> {
  const count = each.people(seconds, latencyMs);
  const sandbox = await startLimitedSandbox({ vendor: each.vendor, latencyMs, settings: each.settings ?? {} });
  try {
    await seedPeople(sandbox, each, count);
    const place = openWorkplace(scratch, 'vendor-limits', sandbox.url, [each.choice]);
    writePeople(place.path('people.csv'), count, columnsOf([each.choice.name]));
    await place.expunge(['delete', 'people.csv', '--quiet', '--wait', '30s'], { environment: demoEnvironment });
    await sandbox.advance(2 * dayMs);
    const people = Array.from({ length: count }, (_, position) => personAt(position));
    const states = await sandbox.lookup(people.map((person) => person[each.key]));
    const left = people.filter((person, position) => each.holds(states[position] ?? {}, person)).length;
    if (left > 0) throw new Error(`${each.what}: ${left} of ${count} people are still there.`);
    return await sandbox.calls();
  } finally {
    await sandbox.close();
  }
}

async function seedPeople(sandbox: LimitedSandbox, each: LimitCase, count: number): Promise<void> {
  const pieceSize = 10_000;
  for (let first = 0; first < count; first += pieceSize) {
    const length = Math.min(pieceSize, count - first);
    await sandbox.seed(Array.from({ length }, (_, offset) => each.seed(personAt(first + offset))));
  }
}

// After the last deletion there may be nothing left that could use the limit.
function startsOf(calls: readonly LoggedCall[], deletion: RegExp): readonly number[] {
  const last = calls.findLastIndex(({ path }) => deletion.test(path));
  return calls.slice(0, last + 1).map(({ at }) => at);
}
