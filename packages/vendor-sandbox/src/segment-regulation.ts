import type { SegmentEnding, SegmentSource } from './segment-settings.ts';

/** All regulation types, as in docs/vendors/segment.md. */
export const segmentRegulationTypes = [
  'DELETE_INTERNAL',
  'SUPPRESS_WITH_DELETE_INTERNAL',
  'SUPPRESS_ONLY',
  'UNSUPPRESS',
  'DELETE_ARCHIVE_ONLY',
  'DELETE_ONLY',
  'SUPPRESS_WITH_DELETE',
] as const;

/** What a regulation does. */
export type SegmentRegulationType = (typeof segmentRegulationTypes)[number];

/** What a regulation's subject ids are. */
export type SegmentSubjectType = 'USER_ID' | 'ANONYMOUS_ID' | 'OBJECT_ID';

/** The seven words of a regulation's status. */
export type SegmentStatus =
  | 'INITIALIZED'
  | 'RUNNING'
  | 'FINISHED'
  | 'PARTIAL_SUCCESS'
  | 'FAILED'
  | 'NOT_SUPPORTED'
  | 'INVALID';

/** What a create call asks for, once it has been checked. */
export interface SegmentOrder {
  readonly regulationType: SegmentRegulationType;
  readonly subjectType: SegmentSubjectType;
  readonly subjectIds: readonly string[];
  /** The one source it is about. Left out: the whole workspace. */
  readonly sourceId?: string | undefined;
  /** The collection of a cloud source. */
  readonly collection?: string | undefined;
}

/** A regulation as the fake remembers it. Its status is computed from the clock, never stored. */
export interface SegmentRegulation extends SegmentOrder {
  readonly id: string;
  readonly createdAtMs: number;
  readonly runsAtMs: number;
  readonly endsAtMs: number;
  /** The sources it reaches, as they were when it was created. */
  readonly sources: readonly SegmentSource[];
  /** How it ends. */
  ending: SegmentEnding;
}

/** Whether the type deletes what Segment stores. */
export function deletesData(type: SegmentRegulationType): boolean {
  return type.includes('DELETE');
}

/** Whether the type stops new data of its subjects. */
export function suppresses(type: SegmentRegulationType): boolean {
  return type.startsWith('SUPPRESS_');
}

/** Whether the type is passed on to destinations. */
export function forwards(type: SegmentRegulationType): boolean {
  return type === 'DELETE_ONLY' || type === 'SUPPRESS_WITH_DELETE';
}

/** Which of the two monthly quotas the type counts towards. */
export function quotaCategory(type: SegmentRegulationType): 'segment-only' | 'segment-and-destination' {
  return forwards(type) ? 'segment-and-destination' : 'segment-only';
}

/** How a regulation of this type ends if nobody wishes otherwise: as badly as its worst destination. */
export function naturalEnding(type: SegmentRegulationType, sources: readonly SegmentSource[]): SegmentEnding {
  const endings = forwards(type) ? sources.flatMap((source) => source.destinations.map(({ ends }) => ends)) : [];
  // One unsupported destination fails the whole, although Segment's own data is gone (docs/vendors/segment.md).
  if (endings.includes('NOT_SUPPORTED')) return { status: 'FAILED', segmentDeleted: true };
  if (endings.includes('FAILED')) return { status: 'PARTIAL_SUCCESS' };
  return { status: 'FINISHED' };
}

/** Whether Segment's own data is gone once a regulation has ended so. */
export function deletesAtEnding(ending: SegmentEnding): boolean {
  if (ending.status === 'FAILED') return ending.segmentDeleted;
  return ending.status === 'FINISHED' || ending.status === 'PARTIAL_SUCCESS';
}

/** A regulation's status at a moment. */
export function statusAt(regulation: SegmentRegulation, nowMs: number): SegmentStatus {
  if (nowMs >= regulation.endsAtMs) return regulation.ending.status;
  return nowMs >= regulation.runsAtMs ? 'RUNNING' : 'INITIALIZED';
}
