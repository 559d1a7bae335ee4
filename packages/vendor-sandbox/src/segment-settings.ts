/** What the Segment sandbox accepts. Obviously fake. */
export const segmentSandboxCredentials = {
  /** For the Public API, as a bearer token. */
  publicApiToken: 'sandbox-public-api-token',
  /** For the Profile API, as the user name of Basic authentication. */
  spaceToken: 'sandbox-space-token',
  spaceId: 'sandbox-space',
} as const;

/** Where Segment forwards deletions to, in the fake. */
export interface SegmentDestination {
  /** The destination's id: `dst_1`. */
  readonly id: string;
  /** The destination's name: `Amplitude`. */
  readonly name: string;
  /** How its part of a forwarded deletion ends. `NOT_SUPPORTED` makes the whole regulation `FAILED`, `FAILED` makes it `PARTIAL_SUCCESS`. */
  readonly ends: 'FINISHED' | 'FAILED' | 'NOT_SUPPORTED';
}

/** A source of the fake workspace. */
export interface SegmentSource {
  /** The source's id: `src_web`. */
  readonly id: string;
  /** `event` sources hold what people did, `cloud` sources hold objects in collections. */
  readonly kind: 'event' | 'cloud';
  /** Where its deletions are forwarded to. */
  readonly destinations: readonly SegmentDestination[];
}

/**
 * How a regulation ends, where a test wants something else than what its destinations make of it.
 * `FAILED` with `segmentDeleted` is the documented oddity: Segment's own part is done all the same.
 */
export type SegmentEnding =
  | { readonly status: 'FINISHED' | 'PARTIAL_SUCCESS' | 'NOT_SUPPORTED' | 'INVALID' }
  | { readonly status: 'FAILED'; readonly segmentDeleted: boolean };

/** The fake workspace and space: what exists, and what the documents leave open. */
export interface SegmentSettings {
  /** The workspace's id. Default: `ws_1`. */
  workspaceId: string;
  /** The workspace's sources. Default: one event source with one destination, one cloud source without. */
  sources: readonly SegmentSource[];
  /** How new regulations end. Left out: as their destinations end. */
  ending: SegmentEnding | undefined;
  /** What a regulation for people who are in an open one of its type gets. Not documented. Default: `take`, which makes two. */
  sameSubjects: 'take' | 'conflict-409';
  /** From the creation of a regulation to `RUNNING`, in milliseconds. Default: an hour. */
  beginsAfterMs: number;
  /** From the creation of a regulation to its end, in milliseconds. Default: two days; Segment promises 30. */
  finishesAfterMs: number;
  /** From the creation of a regulation to the suppression of its subjects, in milliseconds. Default: a day. */
  suppressesAfterMs: number;
  /** Create calls in any minute, for each create endpoint. Default: 600. */
  readonly createsPerMinute: number;
  /** Subjects in one calendar month (UTC), for each quota category. Default: 110,000. */
  readonly subjectsPerMonth: number;
  /** Other Public API calls in any minute. Left out: unlimited, because Segment documents no number. */
  readonly otherCallsPerMinute: number | undefined;
  /** Whether this is one of the workspaces that may use `DELETE_ARCHIVE_ONLY`. Default: true. */
  archiveDeletionEnabled: boolean;
  /** Whether the space has the identifier deletion. Without it every deletion answers 403. Default: true. */
  identifierDeletionEnabled: boolean;
  /** Whether a source is attached to the space. Without one every deletion answers 404 `source_id_not_found`. Default: true. */
  spaceHasSource: boolean;
  /** The identifier types that the space knows. */
  externalIdTypes: readonly string[];
  /** `nested`: `{ error: { code, message } }`. `flat`: `{ code, message }`. The documents do not print it. Default: `nested`. */
  profileErrorShape: 'nested' | 'flat';
  /** How long the Profile API still shows a detached identifier, in milliseconds. Default: five minutes, the longest documented. */
  profileReadDelayMs: number;
  /** Profile API calls in any second, for the space. Default: 100. */
  readonly profileCallsPerSecond: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The settings of a fresh fake. */
export function defaultSegmentSettings(): SegmentSettings {
  return {
    workspaceId: 'ws_1',
    sources: [
      { id: 'src_web', kind: 'event', destinations: [{ id: 'dst_1', name: 'Amplitude', ends: 'FINISHED' }] },
      { id: 'src_crm', kind: 'cloud', destinations: [] },
    ],
    ending: undefined,
    sameSubjects: 'take',
    beginsAfterMs: hourMs,
    finishesAfterMs: 48 * hourMs,
    suppressesAfterMs: 24 * hourMs,
    createsPerMinute: 600,
    subjectsPerMonth: 110_000,
    otherCallsPerMinute: undefined,
    archiveDeletionEnabled: true,
    identifierDeletionEnabled: true,
    spaceHasSource: true,
    externalIdTypes: ['user_id', 'email', 'phone', 'anonymous_id', 'group_id', 'android.idfa', 'ios.idfa', 'crm_id'],
    profileErrorShape: 'nested',
    profileReadDelayMs: 5 * minuteMs,
    profileCallsPerSecond: 100,
  };
}
