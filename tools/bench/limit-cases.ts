import type { ConnectorChoice } from './bench-connectors.ts';
import { useOfRate, useOfRoom } from './limit-use.ts';
import type { LimitedSandbox, LoggedCall } from './limited-sandbox.ts';
import { type BenchPerson, personAt } from './people.ts';

/** The share of a vendor's rate that connectors keep to, as by default. */
export const limitShare = 0.8;

const dayMs = 86_400_000;

/** A documented limit, and how it is met. */
export interface LimitCase {
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
  /** How much of the limit some calls used, from 0 to 1. */
  use(calls: readonly LoggedCall[]): number;
  /** Of a limit of calls at a time: how many. Then the bare loop is measured beside the command. */
  readonly callsAtATime?: number;
  /** How much may be, by the limit alone. */
  readonly allowed: { readonly amount: number; readonly unit: string };
}

// The options of a real configuration: the documented limits are the connectors' defaults.
export const limitCases: readonly LimitCase[] = [
  {
    what: 'Segment identifier: 100 calls/s',
    vendor: 'segment',
    choice: {
      name: 'segment-identifier',
      entry: { limitShare },
      options: {
        token: { env: 'SEGMENT_SPACE_TOKEN' },
        spaceId: 'sandbox-space',
        limits: { callsInFlight: 20 },
      },
    },
    people: (seconds) => Math.ceil(seconds * 100 * limitShare),
    seed: ({ userId, email }) => ({ userId, externalIds: [`email:${email}`] }),
    key: 'userId',
    holds: ({ externalIds }, { email }) => Array.isArray(externalIds) && externalIds.includes(`email:${email}`),
    deletion: /external_ids\/delete$/,
    use: (calls) => useOfRate(startsOf(calls), 100 * limitShare, 1000),
    allowed: { amount: 100 * limitShare, unit: 'calls/s' },
  },
  {
    what: 'Mixpanel gdpr: 1 call/s, questions about tasks included',
    vendor: 'mixpanel',
    settings: { mixpanel: { taskTimes: { stagingAfterMs: 0, startedAfterMs: 0, successAfterMs: 0 } } },
    choice: {
      name: 'mixpanel-gdpr',
      entry: { package: '@expunge/connector-mixpanel', limitShare },
      options: {
        projectToken: { env: 'MIXPANEL_PROJECT_TOKEN' },
        oauthToken: { env: 'MIXPANEL_OAUTH_TOKEN' },
        limits: { maxTargets: 500 },
      },
    },
    // Each task is a call that makes it and a call that asks for its end. Of a slow rate no fewer than twenty calls are looked
    // at: a process's first one counts from its answer, which costs once what it takes to load what sends it.
    people: (seconds) => Math.max(10, Math.ceil((seconds * limitShare) / 2)) * 500,
    seed: ({ userId }) => ({ distinctId: userId }),
    key: 'userId',
    holds: ({ hasProfile, hasEvents }) => hasProfile === true || hasEvents === true,
    deletion: /data-deletions\/v3\.0\/?$/,
    use: (calls) => useOfRate(startsOf(calls), 1, 1000 / limitShare),
    allowed: { amount: limitShare, unit: 'calls/s' },
  },
  {
    what: 'CleverTap: 3 calls at a time',
    vendor: 'clevertap',
    choice: {
      name: 'clevertap',
      entry: { limitShare },
      options: { accountId: 'SANDBOX-ACCOUNT', passcode: { env: 'CLEVERTAP_PASSCODE' } },
    },
    people: (seconds, latencyMs) => Math.ceil((seconds * 3 * 1000) / latencyMs) * 100,
    seed: ({ userId }) => ({ identity: userId }),
    key: 'userId',
    holds: ({ hasProfile }) => hasProfile === true,
    deletion: /delete\/profiles/,
    use: (calls) => useOfRoom(calls, 3),
    callsAtATime: 3,
    allowed: { amount: 3, unit: 'calls at a time' },
  },
];

/** Puts as many people into the vendor's memory. */
export async function seedPeople(sandbox: LimitedSandbox, each: LimitCase, count: number): Promise<void> {
  const pieceSize = 10_000;
  for (let first = 0; first < count; first += pieceSize) {
    const length = Math.min(pieceSize, count - first);
    await sandbox.seed(Array.from({ length }, (_, offset) => each.seed(personAt(first + offset))));
  }
}

/** The calls up to the last deletion: after it there may be nothing left that could use the limit. */
export function untilLastDeletion(calls: readonly LoggedCall[], deletion: RegExp): readonly LoggedCall[] {
  const last = calls.findLastIndex(({ path }) => deletion.test(path));
  return calls.slice(0, last + 1);
}

function startsOf(calls: readonly LoggedCall[]): readonly number[] {
  return calls.map(({ at }) => at);
}

/**
 * Asks the vendor's memory whether everybody on the list is gone.
 *
 * @throws Error where somebody is not.
 */
export async function expectGone(sandbox: LimitedSandbox, each: LimitCase, count: number): Promise<void> {
  await sandbox.advance(2 * dayMs);
  const people = Array.from({ length: count }, (_, position) => personAt(position));
  const states = await sandbox.lookup(people.map((person) => person[each.key]));
  const left = people.filter((person, position) => each.holds(states[position] ?? {}, person)).length;
  if (left > 0) throw new Error(`${each.what}: ${left} of ${count} people are still there.`);
}
