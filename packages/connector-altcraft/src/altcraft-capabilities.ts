import type { ConnectorCapabilities, VendorIdentifier } from '@expunge/core';
import type { AltcraftMatching, AltcraftSettings } from './altcraft-options.ts';

/** What Altcraft's "Delete profile" does, leaves behind and is limited to. */
export function altcraftCapabilities(settings: AltcraftSettings): ConnectorCapabilities {
  return {
    title: 'Altcraft profile deletion',
    reach: 'person',
    erases: ['The profile with its event history and its relations.'],
    leaves: [
      'Suppression lists, campaign statistics, backups and the audit log: Altcraft does not document what stays in them.',
      'Other profiles of the same person, in this database or another, that the identifiers do not lead to.',
      'A later import brings the profile back: stop it, or put the address on a suppression list.',
    ],
    identifiers: settings.matchings.map(vendorIdentifier),
    completion: { type: 'immediate' },
    // The read shows a profile without its events: for those the deletion's own answer stands.
    readBack: {
      covers: 'profile',
      identifiers: settings.matchings.map(({ type }) => type),
      afterMs: settings.readBackAfterMs,
    },
    repeat: 'harmless',
    limits: {
      submit: { maxTargets: 1 },
      verify: { maxTargets: 1 },
      rates: [],
      // The calls of a submission follow one after the other: never more open calls than submissions.
      inFlight: [{ kinds: ['submit', 'verify', 'access'], calls: settings.limits.callsInFlight }],
    },
  };
}

function vendorIdentifier({ matching, type }: AltcraftMatching): VendorIdentifier {
  // Nobody but Altcraft gives out profile ids. A custom field is named on purpose, so its name may serve as it is.
  return { type, from: matching === 'profile_id' ? [] : [type] };
}
