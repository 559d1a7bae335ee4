/** A Profile API path, taken apart and decoded. */
export interface SegmentProfilePath {
  readonly spaceId: string;
  readonly collection: string;
  /** The identifier type of the look-up: `user_id`. */
  readonly lookUpType: string;
  readonly lookUpId: string;
  /** What follows the profile: `external_ids` or `external_ids/delete`. */
  readonly resource: string;
}

const pattern =
  /^\/v1\/spaces\/([^/]+)\/collections\/([^/]+)\/profiles\/([^/:]+):([^/]*)\/(external_ids(?:\/delete)?)$/;
// Letters, digits, the four signs that no percent-encoding touches, and percent-encoded bytes.
const encodedPattern = /^([A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+$/;

/**
 * Takes a raw path apart.
 *
 * @returns undefined for another path; `unencoded` where the look-up id holds characters that should have been
 * percent-encoded, which the vendor answers with HTTP 500 (docs/vendors/segment.md).
 */
export function readProfilePath(path: string): SegmentProfilePath | 'unencoded' | undefined {
  // A slash left raw inside the id makes further segments; it is the same mistake.
  const [, spaceId, collection, lookUpType, rawId, resource] = pattern.exec(path) ?? [];
  if (!spaceId || !collection || !lookUpType || rawId === undefined || !resource) {
    return /\/profiles\/[^/:]+:.*\/external_ids(\/delete)?$/.test(path) ? 'unencoded' : undefined;
  }
  if (!encodedPattern.test(rawId)) return 'unencoded';
  try {
    return { spaceId, collection, lookUpType, lookUpId: decodeURIComponent(rawId), resource };
  } catch {
    return 'unencoded';
  }
}
