import type { ConnectorCapabilities } from '@expunge/core';
import type { ProfileSettings } from './mixpanel-options.ts';
import { readBackCapabilities } from './mixpanel-read-back-capabilities.ts';
import { distinctId } from './mixpanel-targets.ts';

// docs/vendors/mixpanel.md: about 30,000 records a second, counted over a rolling minute.
const recordsPerMinute = 30_000 * 60;

/** What the profile deletion can do and leaves behind. The documented limits are the defaults. */
export function profileCapabilities(options: ProfileSettings): ConnectorCapabilities {
  const maxTargets = options.limits?.maxTargets ?? 2000;
  const readBack = readBackCapabilities(options);
  return {
    title: 'Mixpanel profile deletion',
    reach: 'profile',
    erases: ['The Mixpanel profile and all its properties, for good.'],
    leaves: [
      'All events of the person stay in Mixpanel and can be queried by distinct_id: use a data deletion task (api: gdpr) for those.',
      'Any later update of the same distinct_id creates the profile again: stop sending first.',
      'Copies that were exported from Mixpanel, and group profiles, are not touched.',
      options.ignoreAlias
        ? 'Where a distinct_id is an alias, the original profile stays (ignoreAlias).'
        : 'Whether a profile merged under another distinct_id goes too is not documented: name every distinct_id of the person.',
    ],
    identifiers: [{ type: distinctId, from: ['user_id'] }],
    // The reply proves that the records were well-formed, no more; no delay is documented.
    completion: { type: 'unknowable' },
    ...readBack?.shows,
    // Deleting a profile twice changes nothing, unless it was created anew in between.
    repeat: 'harmless',
    limits: {
      submit: { maxTargets },
      ...readBack?.batch,
      rates: [
        { kinds: ['submit'], calls: Math.floor(recordsPerMinute / maxTargets), perMs: 60_000 },
        ...(readBack?.rates ?? []),
      ],
      inFlight: [{ kinds: ['submit'], calls: options.limits?.callsInFlight ?? 4 }, ...(readBack?.inFlight ?? [])],
    },
  };
}
