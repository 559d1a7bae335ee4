import type { ConnectorCapabilities } from '@expunge/core';
import { isForwarded } from './map-segment-status.ts';
import type { RegulationType, SegmentRegulationSettings, SubjectType } from './segment-options.ts';
import { buildCreateRegulation, subjectTypeOf } from './segment-regulation-api.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The target type of each subject type, and which of the company's identifiers it is by default. */
const identifierBySubjectType = {
  USER_ID: { type: 'userId', from: ['user_id'] },
  ANONYMOUS_ID: { type: 'anonymousId', from: ['anonymous_id'] },
  // What an object of a cloud source is called differs from company to company: it has to be mapped.
  OBJECT_ID: { type: 'objectId', from: [] },
} as const satisfies Record<SubjectType, { type: string; from: readonly string[] }>;

/** The one type of target that a configured connector takes. */
export function targetTypeOf(settings: SegmentRegulationSettings): string {
  return identifierBySubjectType[subjectTypeOf(settings)].type;
}

/** What regulations of the configured type can do (docs/vendors/segment.md). */
export function regulationCapabilities(settings: SegmentRegulationSettings): ConnectorCapabilities {
  const { regulationType, limits, polling } = settings;
  const identifier = identifierBySubjectType[subjectTypeOf(settings)];
  return {
    title: titleOf(regulationType),
    reach: isDeletion(regulationType) ? 'person' : 'nothing',
    erases: erasesOf(regulationType),
    leaves: leavesOf(regulationType),
    identifiers: [{ type: identifier.type, from: [...identifier.from] }],
    completion: {
      type: 'polled',
      firstCheckAfterMs: polling?.firstCheckAfterMs ?? hourMs,
      checkEveryMs: polling?.checkEveryMs ?? dayMs,
      expectedWithinMs: 30 * dayMs,
    },
    // A second regulation for the same people counts towards the month's quota again.
    repeat: 'costly',
    limits: {
      submit: {
        maxTargets: limits?.maxTargets ?? 5_000,
        maxBytes: maxBytesOf(settings),
        bytesPerCall: Buffer.byteLength(buildCreateRegulation(settings, []).body ?? ''),
        // The comma between two ids.
        bytesPerTarget: 1,
      },
      rates: [
        { kinds: ['submit'], calls: limits?.createsPerMinute ?? 600, perMs: 60_000 },
        { kinds: ['check', 'recover', 'access'], calls: limits?.readsPerMinute ?? 60, perMs: 60_000 },
      ],
      inFlight: [{ kinds: ['submit', 'check', 'recover', 'access'], calls: limits?.callsInFlight ?? 4 }],
      targetsPerMonth: limits?.targetsPerMonth ?? 110_000,
    },
  };
}

/** The largest body of a create call, in bytes. Segment says 4 MB; the smaller reading of a megabyte is safe for both. */
export function maxBytesOf(settings: SegmentRegulationSettings): number {
  return settings.limits?.maxBytes ?? 4_000_000;
}

function isDeletion(regulationType: RegulationType): boolean {
  return regulationType !== 'SUPPRESS_ONLY' && regulationType !== 'UNSUPPRESS';
}

function isSuppression(regulationType: RegulationType): boolean {
  return regulationType.startsWith('SUPPRESS_');
}

function titleOf(regulationType: RegulationType): string {
  switch (regulationType) {
    case 'SUPPRESS_ONLY':
      return 'Segment suppression (deletes nothing)';
    case 'UNSUPPRESS':
      return 'Segment end of suppression (deletes nothing)';
    default:
      return `Segment regulation ${regulationType}`;
  }
}

function erasesOf(regulationType: RegulationType): string[] {
  if (!isDeletion(regulationType)) return [];
  if (regulationType === 'DELETE_ARCHIVE_ONLY')
    return ["The source's messages with this id in Segment's event archive."];
  return ["Messages that carry this id in Segment's own stores, for the sources that the regulation covers."];
}

function leavesOf(regulationType: RegulationType): string[] {
  if (regulationType === 'UNSUPPRESS') {
    return [
      'Everything: this ends a suppression and deletes nothing.',
      'Segment collects these people again, and no earlier deletion covers what it collects from now on.',
    ];
  }
  const leaves: string[] = [];
  if (regulationType === 'SUPPRESS_ONLY') {
    leaves.push('Everything that Segment has: this stops the collection of new data and deletes nothing.');
  } else {
    leaves.push('Messages without this id, such as those of a person who was anonymous.');
    leaves.push(
      'Possibly copies in customer warehouses and the Unify profile: Segment does not say clearly that they go.',
    );
  }
  leaves.push(
    isForwarded(regulationType)
      ? 'Copies at destinations that take no forwarded deletions; those that take them give no guarantee. Mixpanel, CleverTap and Altcraft take none.'
      : 'All copies at destinations: nothing is forwarded to them.',
  );
  leaves.push(
    isSuppression(regulationType)
      ? 'Data of device-mode destinations: they bypass the suppression. It can take up to 30 days to hold everywhere.'
      : 'New data of the same person: nothing keeps it from being collected.',
  );
  leaves.push('A regulation cannot be called back: the Public API no longer has a call for it.');
  return leaves;
}
