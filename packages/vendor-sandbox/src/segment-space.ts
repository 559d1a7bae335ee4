/** One way in which Segment's identity graph knows a person. */
export interface SegmentExternalId {
  readonly type: string;
  readonly id: string;
}

/** An identifier on a profile; the Profile API goes on showing a detached one for a while. */
interface ProfileIdentifier extends SegmentExternalId {
  readonly createdAtMs: number;
  detachedAtMs: number | undefined;
}

/** Nothing but its identifiers matters here of a profile. */
type SegmentProfile = readonly ProfileIdentifier[];

/** The fake's memory of a Unify space: profiles and the identifiers that lead to them. */
export class SegmentSpace {
  private readonly byUserId = new Map<string, SegmentProfile[]>();
  private profileCount = 0;

  /** How many profiles there are. Detaching an identifier removes none. */
  get size(): number {
    return this.profileCount;
  }

  /** Adds a profile with these identifiers. */
  addProfile(externalIds: readonly SegmentExternalId[], nowMs: number): void {
    const profile = externalIds.map(({ type, id }) => ({ type, id, createdAtMs: nowMs, detachedAtMs: undefined }));
    this.profileCount += 1;
    for (const { type, id } of profile) {
      if (type !== 'user_id') continue;
      const others = this.byUserId.get(id.toLowerCase()) ?? [];
      this.byUserId.set(id.toLowerCase(), [...others, profile]);
    }
  }

  /**
   * The identifiers of the profile that a look-up key leads to; undefined where it leads to none. The key has to be in
   * lower case, whatever the case the user id is stored in: a mixed-case look-up finds nothing (docs/vendors/segment.md).
   */
  lookUp(key: string): readonly SegmentExternalId[] | undefined {
    return this.find(key, isAttached)?.filter(isAttached);
  }

  /** What the Profile API shows of that profile: a detached identifier stays visible for the delay, and leads to it. */
  read(key: string, nowMs: number, delayMs: number): SegmentProfile | undefined {
    const isShown = ({ detachedAtMs }: ProfileIdentifier) =>
      detachedAtMs === undefined || nowMs < detachedAtMs + delayMs;
    return this.find(key, isShown)?.filter(isShown);
  }

  /** Takes one identifier off the profile that a look-up key leads to. Its other identifiers stay. */
  detach(key: string, { type, id }: SegmentExternalId, nowMs: number): void {
    for (const identifier of this.find(key, isAttached) ?? []) {
      if (identifier.type === type && identifier.id === id) identifier.detachedAtMs ??= nowMs;
    }
  }

  /** What is on the profile of exactly this user id, without regard to delays; undefined where there is no such profile. */
  externalIdsOf(userId: string): readonly SegmentExternalId[] | undefined {
    const profiles = this.byUserId.get(userId.toLowerCase()) ?? [];
    return profiles
      .map((profile) => profile.filter(isAttached))
      .find((profile) => profile.some(({ type, id }) => type === 'user_id' && id === userId));
  }

  private find(key: string, counts: (identifier: ProfileIdentifier) => boolean): SegmentProfile | undefined {
    const leads = (identifier: ProfileIdentifier) =>
      identifier.type === 'user_id' && identifier.id.toLowerCase() === key && counts(identifier);
    return this.byUserId.get(key)?.find((profile) => profile.some(leads));
  }
}

function isAttached({ detachedAtMs }: ProfileIdentifier): boolean {
  return detachedAtMs === undefined;
}
