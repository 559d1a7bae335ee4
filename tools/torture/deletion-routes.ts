import type { SandboxVendor } from '../demo/sandbox-process.ts';

/** The requests with which each connector asks for deletions. */
export const deletionRoutes: readonly {
  readonly name: string;
  readonly vendor: SandboxVendor;
  readonly route: RegExp;
  /** Deletes by the vendor's own id: a request does not say who it is about. */
  readonly isAnonymous?: boolean;
}[] = [
  { name: 'mixpanel-profile', vendor: 'mixpanel', route: /^\/engage$/ },
  { name: 'mixpanel-gdpr', vendor: 'mixpanel', route: /data-deletions\/v3\.0\/?$/ },
  { name: 'clevertap', vendor: 'clevertap', route: /delete\/profiles/ },
  { name: 'altcraft', vendor: 'altcraft', route: /profiles\/delete/, isAnonymous: true },
  { name: 'segment-regulation', vendor: 'segment', route: /^\/regulations$/ },
  { name: 'segment-identifier', vendor: 'segment', route: /external_ids\/delete$/ },
];
