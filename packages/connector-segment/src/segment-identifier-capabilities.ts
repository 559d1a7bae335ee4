import type { ConnectorCapabilities } from '@expunge/core';
import type { SegmentIdentifierSettings } from './segment-options.ts';

/** The identifier under which profiles are looked up: the only kind that Segment takes there. */
export const lookUpType = 'user_id';

/** What detaching an identifier does, and how much it leaves (docs/vendors/segment.md). */
export function identifierCapabilities(settings: SegmentIdentifierSettings): ConnectorCapabilities {
  const { identifierTypes, limits } = settings;
  return {
    title: 'Segment Unify identifier (detached; erases nobody)',
    reach: 'identifier',
    erases: [
      `The link between the profile and these identifiers: ${identifierTypes.join(', ')}. Nobody is erased by it.`,
    ],
    leaves: [
      'The person: the profile itself with its user id, traits, events and merge history. Use a regulation to delete those.',
      'The identifier in the event archive, in destinations, audiences, journeys and consent settings.',
      'The identifier can come back: when archived events are replayed, or when it arrived less than 5 minutes ago.',
      'Profiles without a user id: they cannot be addressed.',
    ],
    identifiers: [...new Set([lookUpType, ...identifierTypes])].map((type) => ({ type, from: [type] })),
    completion: { type: 'immediate' },
    readBack: {
      covers: 'identifier',
      identifiers: [...new Set([lookUpType, ...identifierTypes])],
      afterMs: settings.readBackAfterMs,
    },
    repeat: 'harmless',
    limits: {
      submit: { maxTargets: 1 },
      verify: { maxTargets: 1 },
      rates: [{ kinds: ['submit', 'verify', 'access'], calls: limits?.callsPerSecond ?? 100, perMs: 1_000 }],
      inFlight: [{ kinds: ['submit', 'verify', 'access'], calls: limits?.callsInFlight ?? 10 }],
    },
  };
}
