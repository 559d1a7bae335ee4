import type { ConnectorCapabilities } from '@expunge/core';
import { type BrazeSettings, fiveMinutesMs, maxIdsPerCall } from './braze-options.ts';

const minuteMs = 60_000;

/** What Braze's deletion does, leaves behind and is limited to. Reports print it, and the engine obeys it. */
export function brazeCapabilities(settings: BrazeSettings): ConnectorCapabilities {
  const { identifier } = settings;
  return {
    title: 'Braze user deletion',
    reach: 'person',
    erases: [
      'The profile with its attributes, addresses, identifiers and recorded behaviour, usually within seconds and within five minutes everywhere.',
      "The profile's data in Braze's data lake, within three weeks.",
    ],
    leaves: [
      'Counts of events and purchases, and the share in aggregated conversion rates.',
      'Backups of Braze, for six months, and data in its internal systems for subprocessors, for up to 90 days.',
      'Other profiles of the same person, such as anonymous ones: each has to be deleted by an identifier of its own.',
      'Exports, and what Braze has passed on to other systems.',
      'Addresses on lists of bounces, spam reports or blocks: Braze does not say whether they go; look them up.',
    ],
    identifiers: [{ type: identifier, from: identifier === 'external_id' ? ['user_id'] : [] }],
    completion: { type: 'elapsed', afterMs: fiveMinutesMs },
    // Braze names the export as the way to see whether somebody was deleted.
    readBack: { covers: 'person', identifiers: [identifier], afterMs: settings.readBackAfterMs },
    repeat: 'harmless',
    limits: {
      submit: { maxTargets: settings.targetsPerCall },
      verify: { maxTargets: identifier === 'braze_id' ? 1 : maxIdsPerCall },
      rates: [
        { kinds: ['submit'], calls: 20_000, perMs: minuteMs },
        { kinds: ['verify', 'access'], calls: settings.readsPerMinute, perMs: minuteMs },
      ],
      inFlight: [],
    },
  };
}
