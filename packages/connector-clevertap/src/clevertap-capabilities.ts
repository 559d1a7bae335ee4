import type { ConnectorCapabilities } from '@expunge/core';
import type { CleverTapSettings } from './clevertap-options.ts';

// CleverTap begins to work on a deletion 24 hours after it took it (docs/vendors/clevertap.md).
const deletionDelayMs = 24 * 60 * 60 * 1000;

/** What CleverTap's "Delete User Profile" does, leaves behind and is limited to. */
export function cleverTapCapabilities(settings: CleverTapSettings): ConnectorCapabilities {
  return {
    title: 'CleverTap profile deletion',
    reach: 'person',
    erases: [
      'The profile is removed for good, by a run that begins 24 hours after CleverTap took the request.',
      'Events of the profile no longer show up in any query.',
    ],
    leaves: [
      'Whether the events are erased or only hidden from queries: CleverTap has published both; the contract should say.',
      'Backups, which CleverTap has said to keep for up to 60 days.',
      'Any other profile of the same person that the identifiers do not name: CleverTap accepts unknown ones silently.',
      'The app and the uploads: the next login or import makes a new profile unless the SDK is opted out and the import stops.',
    ],
    identifiers: [
      { type: 'identity', from: ['user_id'] },
      { type: 'guid', from: [] },
    ],
    completion: { type: 'elapsed', afterMs: deletionDelayMs },
    // The record that is read holds the profile and its events. By a guid of several the read itself says that it covers less.
    readBack: { covers: 'person', identifiers: ['identity', 'guid'], afterMs: settings.readBackAfterMs },
    repeat: 'harmless',
    limits: {
      submit: { maxTargets: settings.limits.maxTargets, oneTypePerCall: true },
      verify: { maxTargets: 1 },
      rates: [],
      inFlight: [
        { kinds: ['submit'], calls: settings.limits.submitsInFlight },
        { kinds: ['verify', 'access'], calls: settings.limits.readsInFlight },
      ],
    },
  };
}
