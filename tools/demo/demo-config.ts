import type { SandboxProcess, SandboxVendor } from './sandbox-process.ts';

/** One of the demo's configured connectors, and how to see in the vendor's memory whether a person is gone. */
export interface DemoConnector {
  /** Its name in the configuration. */
  readonly name: string;
  /** What the demo calls it. */
  readonly title: string;
  /** Whose memory to ask. */
  readonly vendor: SandboxVendor;
  /** Which id to ask about. */
  readonly id: 'userId' | 'email';
  /** Whether the torture has it read back: then a lie is found. */
  readonly isReadBack?: boolean;
  /** What is gone when the deletion worked. */
  readonly gone: 'the profile' | 'profile and events' | 'the data' | 'the e-mail identifier';
}

/** The demo's six configured connectors. */
export const demoConnectors: readonly DemoConnector[] = [
  { name: 'mixpanel-profile', title: 'Mixpanel profile', vendor: 'mixpanel', id: 'userId', gone: 'the profile' },
  { name: 'mixpanel-gdpr', title: 'Mixpanel gdpr', vendor: 'mixpanel', id: 'userId', gone: 'profile and events' },
  {
    name: 'clevertap',
    title: 'CleverTap',
    vendor: 'clevertap',
    id: 'userId',
    gone: 'profile and events',
    isReadBack: true,
  },
  { name: 'altcraft', title: 'Altcraft', vendor: 'altcraft', id: 'email', gone: 'the profile', isReadBack: true },
  { name: 'segment-regulation', title: 'Segment regulation', vendor: 'segment', id: 'userId', gone: 'the data' },
  {
    name: 'segment-identifier',
    title: 'Segment identifier',
    vendor: 'segment',
    id: 'userId',
    gone: 'the e-mail identifier',
  },
];

/** The secrets that the configuration refers to, as the sandbox accepts them. */
export const demoEnvironment = {
  MIXPANEL_PROJECT_TOKEN: 'sandbox-project-token',
  MIXPANEL_OAUTH_TOKEN: 'sandbox-oauth-token',
  MIXPANEL_SECRET: 'sandbox-service-secret',
  CLEVERTAP_PASSCODE: 'sandbox-passcode',
  ALTCRAFT_TOKEN: 'sandbox-token',
  SEGMENT_PUBLIC_API_TOKEN: 'sandbox-public-api-token',
  SEGMENT_SPACE_TOKEN: 'sandbox-space-token',
} as const;

/** Where the demo's ledger is. */
export const demoLedgers = {
  sqlite: 'ledger: { sqlite: ./expunge.db }',
  postgres: 'ledger: { postgres: { url: { env: DATABASE_URL } }, key: { env: EXPUNGE_LEDGER_KEY } }',
} as const;

/** A configuration for the sandbox. Only addresses and waiting times differ from a real one. */
export function demoConfig({ url }: SandboxProcess, ledger: keyof typeof demoLedgers = 'sqlite'): string {
  return `${demoLedgers[ledger]}
# Two columns of the list are of no use to these connectors, and a column that nobody uses must be named on purpose.
input: { ignoreColumns: [phone, anonymous_id] }
retry: { baseMs: 200, maxMs: 10000 }
connectors:
  mixpanel-profile:
    package: "@expunge/connector-mixpanel"
    verify: before-and-after
    options:
      api: profile
      baseUrl: ${url.mixpanel}
      projectToken: { env: MIXPANEL_PROJECT_TOKEN }
      projectId: 4700001
      serviceAccount: { username: sandbox-service-account, secret: { env: MIXPANEL_SECRET } }
      timing: { readBackAfterMs: 1000 }
  mixpanel-gdpr:
    package: "@expunge/connector-mixpanel"
    options:
      api: gdpr
      baseUrl: ${url.mixpanel}
      projectToken: { env: MIXPANEL_PROJECT_TOKEN }
      oauthToken: { env: MIXPANEL_OAUTH_TOKEN }
      timing: { firstCheckAfterMs: 3000, checkEveryMs: 1500 }
  clevertap:
    package: "@expunge/connector-clevertap"
    verify: before-and-after
    options:
      baseUrl: ${url.clevertap}
      accountId: SANDBOX-ACCOUNT
      passcode: { env: CLEVERTAP_PASSCODE }
      readBackAfterMs: 2500
      limits: { readsInFlight: 3 }
  altcraft:
    package: "@expunge/connector-altcraft"
    verify: before-and-after
    options:
      baseUrl: ${url.altcraft}
      token: { env: ALTCRAFT_TOKEN }
      databaseId: 1
      absentCodes: [404]
      limits: { callsInFlight: 2 }
  segment-regulation:
    package: "@expunge/connector-segment"
    options:
      api: regulation
      baseUrl: ${url.segment}
      token: { env: SEGMENT_PUBLIC_API_TOKEN }
      regulationType: SUPPRESS_WITH_DELETE_INTERNAL
      polling: { firstCheckAfterMs: 2000, checkEveryMs: 1500 }
  segment-identifier:
    package: "@expunge/connector-segment"
    options:
      api: identifier
      baseUrl: ${url.segment}
      token: { env: SEGMENT_SPACE_TOKEN }
      spaceId: sandbox-space
      identifierTypes: [email]
`;
}
