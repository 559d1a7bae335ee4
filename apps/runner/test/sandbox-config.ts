/** A configured connector of the tests. */
export type TestConnector = 'mixpanel-profile' | 'mixpanel-gdpr' | 'clevertap' | 'altcraft' | 'segment-regulation';

/** Where the fake vendors listen. */
export interface VendorUrls {
  readonly mixpanel?: { readonly url: string };
  readonly clevertap?: { readonly url: string };
  readonly altcraft?: { readonly url: string };
  readonly segment?: { readonly url: string };
}

/** A configuration for fake vendors. `extra` is added to each connector of that name. */
export function sandboxConfig(
  urls: VendorUrls,
  names: readonly TestConnector[],
  extra: { readonly top?: object; readonly connectors?: Partial<Record<TestConnector, object>> } = {},
): string {
  const all: Record<TestConnector, object> = {
    'mixpanel-profile': {
      package: '@expunge/connector-mixpanel',
      options: { api: 'profile', baseUrl: urls.mixpanel?.url, projectToken: { env: 'MIXPANEL_PROJECT_TOKEN' } },
    },
    'mixpanel-gdpr': {
      package: '@expunge/connector-mixpanel',
      options: {
        api: 'gdpr',
        baseUrl: urls.mixpanel?.url,
        projectToken: { env: 'MIXPANEL_PROJECT_TOKEN' },
        oauthToken: { env: 'MIXPANEL_OAUTH_TOKEN' },
        timing: { firstCheckAfterMs: 100, checkEveryMs: 100 },
      },
    },
    clevertap: {
      package: '@expunge/connector-clevertap',
      options: {
        baseUrl: urls.clevertap?.url,
        accountId: 'SANDBOX-ACCOUNT',
        passcode: { env: 'CLEVERTAP_PASSCODE' },
        readBackAfterMs: 0,
      },
    },
    altcraft: {
      package: '@expunge/connector-altcraft',
      options: {
        baseUrl: urls.altcraft?.url,
        token: { env: 'ALTCRAFT_TOKEN' },
        databaseId: 1,
        absentCodes: [404],
      },
    },
    'segment-regulation': {
      package: '@expunge/connector-segment',
      options: {
        api: 'regulation',
        baseUrl: urls.segment?.url,
        token: { env: 'SEGMENT_PUBLIC_API_TOKEN' },
        regulationType: 'DELETE_INTERNAL',
        polling: { firstCheckAfterMs: 100, checkEveryMs: 100 },
      },
    },
  };
  return JSON.stringify({
    ledger: { sqlite: './expunge.db' },
    retry: { baseMs: 50, maxMs: 60_000 },
    ...extra.top,
    connectors: Object.fromEntries(names.map((name) => [name, { ...all[name], ...extra.connectors?.[name] }])),
  });
}
