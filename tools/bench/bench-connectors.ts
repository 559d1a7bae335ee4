import type { Column } from './people.ts';
import type { DeletionName } from './vendor-calls.ts';

/** The module beside the configuration that makes a connector without limits of rate. */
const liftedLimits = './lifted-limits.mjs';

/** A connector of the benchmarks. */
export type BenchConnector = DeletionName;

/** A connector with other options than the benchmarks' usual ones. */
export interface ConnectorChoice {
  readonly name: BenchConnector;
  /** Laid over its options. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Laid over its entry in the configuration. */
  readonly entry?: Readonly<Record<string, unknown>>;
}

const unlimited = 1_000_000_000;

// Nobody's secrets. The configuration only refers to them, as a real one does.
const environment = { BENCH_SECRET: 'bench-secret' };
const secret = { env: 'BENCH_SECRET' };

// The largest calls that the vendors document, no limit of rate, no waiting, and as many calls at a time as may be.
const entryOf: Readonly<Record<BenchConnector, (baseUrl: string) => { package: string; options: object }>> = {
  'mixpanel-gdpr': (baseUrl) => ({
    package: liftedLimits,
    options: {
      api: 'gdpr',
      baseUrl,
      projectToken: secret,
      oauthToken: secret,
      limits: { maxTargets: 1999 },
      timing: { firstCheckAfterMs: 0, checkEveryMs: 100 },
    },
  }),
  'mixpanel-profile': (baseUrl) => ({
    package: liftedLimits,
    options: { api: 'profile', baseUrl, projectToken: secret },
  }),
  clevertap: (baseUrl) => ({
    package: '@expunge/connector-clevertap',
    options: { baseUrl, accountId: 'BENCH', passcode: secret, limits: { submitsInFlight: 3 } },
  }),
  altcraft: (baseUrl) => ({
    package: '@expunge/connector-altcraft',
    options: {
      baseUrl,
      token: secret,
      databaseId: 1,
      // One call for each person, instead of up to four.
      lookUp: false,
      readBackById: false,
      limits: { callsInFlight: 10 },
    },
  }),
  'segment-regulation': (baseUrl) => ({
    package: '@expunge/connector-segment',
    options: {
      api: 'regulation',
      baseUrl,
      token: secret,
      regulationType: 'DELETE_INTERNAL',
      polling: { firstCheckAfterMs: 0, checkEveryMs: 100 },
      limits: { readsPerMinute: unlimited, targetsPerMonth: unlimited },
    },
  }),
  'segment-identifier': (baseUrl) => ({
    package: '@expunge/connector-segment',
    options: {
      api: 'identifier',
      baseUrl,
      token: secret,
      spaceId: 'bench-space',
      identifierTypes: ['email'],
      limits: { callsPerSecond: unlimited, callsInFlight: 10 },
    },
  }),
};

/** How many calls each of them has open at a time, at the most. */
export const callsInFlight: Readonly<Record<BenchConnector, number>> = {
  'mixpanel-gdpr': 1,
  'mixpanel-profile': 4,
  clevertap: 3,
  altcraft: 10,
  'segment-regulation': 4,
  'segment-identifier': 10,
};

/** The columns that connectors can use; a list must not have others. */
export function columnsOf(names: readonly BenchConnector[]): readonly Column[] {
  const needsUserId = names.some((name) => name !== 'altcraft');
  const needsEmail = names.some((name) => name === 'altcraft' || name === 'segment-identifier');
  return ['request_id', ...(needsUserId ? (['user_id'] as const) : []), ...(needsEmail ? (['email'] as const) : [])];
}

/** A configuration with these connectors, and the environment that it refers to. */
export function benchConnectors(
  url: string,
  choices: readonly (BenchConnector | ConnectorChoice)[],
  ledger: object = { sqlite: './ledger.db' },
): { readonly config: object; readonly environment: Readonly<Record<string, string>> } {
  const connectors = choices.map((choice) => {
    const { name, options = {}, entry = {} }: ConnectorChoice = typeof choice === 'string' ? { name: choice } : choice;
    const usual = entryOf[name](url);
    return [name, { ...usual, limitShare: 1, ...entry, options: { ...usual.options, ...options } }];
  });
  return {
    config: {
      ledger,
      guard: { maxSubjects: unlimited },
      connectors: Object.fromEntries(connectors),
    },
    environment,
  };
}
