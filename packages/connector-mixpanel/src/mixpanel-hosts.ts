import { OptionsError } from '@expunge/core';
import type { AccountSettings } from './mixpanel-options.ts';

/** Mixpanel serves its APIs from two families of hosts. */
export interface MixpanelHosts {
  /** Takes data in, and profile deletions: `/engage`. No slash at the end. */
  readonly ingestion: string;
  /** Serves the App API (deletion tasks) and the Query API (read-back). No slash at the end. */
  readonly app: string;
}

// docs/vendors/mixpanel.md, hosts by data residency.
const hostsByRegion: Readonly<Record<'us' | 'eu' | 'in', MixpanelHosts>> = {
  us: { ingestion: 'https://api.mixpanel.com', app: 'https://mixpanel.com' },
  eu: { ingestion: 'https://api-eu.mixpanel.com', app: 'https://eu.mixpanel.com' },
  in: { ingestion: 'https://api-in.mixpanel.com', app: 'https://in.mixpanel.com' },
};

/** The hosts that the options name. `baseUrl` wins over `region`. There is no default: a wrong region is a silent miss. */
export function mixpanelHosts(options: Pick<AccountSettings, 'region' | 'baseUrl'>): MixpanelHosts {
  if (options.baseUrl !== undefined) return { ingestion: options.baseUrl, app: options.baseUrl };
  if (options.region === undefined) {
    throw new OptionsError('connector-mixpanel', [
      { path: ['region'], message: 'is needed where there is no baseUrl' },
    ]);
  }
  return hostsByRegion[options.region];
}
