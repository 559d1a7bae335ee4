/** A profile's subscription: its address need not be the profile's own. */
export interface AltcraftSubscription {
  /** Which resource it belongs to. */
  readonly resourceId: number;
  /** `email`, `sms` or another channel of the vendor. */
  readonly channel: string;
  /** The address of an email subscription. */
  readonly email?: string | undefined;
  /** The number of an sms subscription. */
  readonly phone?: string | undefined;
  /** Ended softly; the address is still there. Default: false. */
  readonly isDeleted?: boolean | undefined;
}

/** The value of a custom field. A tag field holds a list. */
export type AltcraftFieldValue = string | number | readonly string[];

/** A profile in the fake account. */
export interface AltcraftProfile {
  /** 24 hexadecimal digits. */
  readonly id: string;
  readonly databaseId: number;
  readonly email?: string | undefined;
  readonly phones: readonly string[];
  readonly fields: Readonly<Record<string, AltcraftFieldValue>>;
  readonly subscriptions: readonly AltcraftSubscription[];
}

/** How a call names a profile. */
export interface AltcraftMatch {
  readonly mode: AltcraftMatchingMode;
  /** The email, phone or profile id; the field's value where the mode is `custom`. */
  readonly value: string | number;
  /** Where the mode is `custom`. */
  readonly fieldName?: string | undefined;
  /** Only profiles with a subscription to this resource. */
  readonly resourceId?: number | undefined;
  /** Whether "5" and 5 are different values of a field. */
  readonly strictFieldTypes: boolean;
}

/** The matching modes that the fake knows. The delete method documents the first four only. */
export const altcraftMatchingModes = [
  'email',
  'phone',
  'profile_id',
  'custom',
  'email_profile',
  'email_sub',
  'phone_sub',
] as const;

/** A way to name a profile. */
export type AltcraftMatchingMode = (typeof altcraftMatchingModes)[number];

/** The fake's memory of profiles. Deletion is immediate. */
export class AltcraftDatabase {
  private readonly byId = new Map<string, AltcraftProfile>();
  private readonly byValue = new Map<string, Set<AltcraftProfile>>();

  /** How many profiles there are. */
  get size(): number {
    return this.byId.size;
  }

  /** Adds a profile; one with the same id is replaced. */
  add(profile: AltcraftProfile): void {
    this.remove(profile.id);
    this.byId.set(profile.id, profile);
    for (const value of valuesOf(profile)) {
      this.byValue.set(value, (this.byValue.get(value) ?? new Set()).add(profile));
    }
  }

  /** Removes a profile with everything that hangs on it. */
  remove(id: string): void {
    const profile = this.byId.get(id);
    if (profile === undefined) return;
    this.byId.delete(id);
    for (const value of valuesOf(profile)) this.byValue.get(value)?.delete(profile);
  }

  /** The profile with this id. */
  get(id: string): AltcraftProfile | undefined {
    return this.byId.get(id);
  }

  /** The profiles of a database that a call means, oldest first. */
  find(databaseId: number, match: AltcraftMatch): readonly AltcraftProfile[] {
    return this.holding(match.value).filter((profile) => profile.databaseId === databaseId && isMeant(profile, match));
  }

  /** The profiles that hold a value anywhere: as id, address, number or in a field. */
  holding(value: string | number): readonly AltcraftProfile[] {
    const found = this.byValue.get(`${value}`) ?? this.byValue.get(tagsOf(value)[0] ?? '');
    return [...(found ?? [])];
  }
}

function valuesOf({ id, email, phones, fields, subscriptions }: AltcraftProfile): Set<string> {
  const addresses = subscriptions.flatMap((subscription) => [subscription.email, subscription.phone]);
  const held = [id, email, ...phones, ...addresses, ...Object.values(fields).flat()];
  return new Set(held.filter((value) => value !== undefined).map((value) => `${value}`));
}

function isMeant(profile: AltcraftProfile, match: AltcraftMatch): boolean {
  const { mode, value, resourceId } = match;
  const subscriptions = profile.subscriptions.filter(
    (subscription) => resourceId === undefined || subscription.resourceId === resourceId,
  );
  const isSubscribed = resourceId === undefined || subscriptions.length > 0;
  const hasEmail = subscriptions.some(({ email }) => email === value);
  const hasPhone = subscriptions.some(({ phone }) => phone === value);
  switch (mode) {
    case 'profile_id':
      return profile.id === value;
    case 'custom':
      return (
        match.fieldName !== undefined && holdsValue(profile.fields[match.fieldName], value, match.strictFieldTypes)
      );
    // The documented danger: a subscription's address counts too, and may sit on another person's profile.
    case 'email':
      return (isSubscribed && profile.email === value) || hasEmail;
    case 'email_profile':
      return isSubscribed && profile.email === value;
    case 'email_sub':
      return hasEmail;
    case 'phone':
      return (isSubscribed && profile.phones.some((phone) => phone === value)) || hasPhone;
    case 'phone_sub':
      return hasPhone;
  }
}

function holdsValue(held: AltcraftFieldValue | undefined, asked: string | number, isStrict: boolean): boolean {
  if (held === undefined) return false;
  if (typeof held === 'string' || typeof held === 'number') {
    return isStrict ? held === asked : String(held) === String(asked);
  }
  // A tag field is asked by a combination: "tag-1, tag-2".
  return tagsOf(asked).every((tag) => held.includes(tag));
}

function tagsOf(asked: string | number): string[] {
  return `${asked}`.split(',').map((tag) => tag.trim());
}
