import type { Target } from '@expunge/core';
import type { AltcraftProfile } from './altcraft-api.ts';
import type { AltcraftMatching, AltcraftSettings } from './altcraft-options.ts';
import { otherIdentifiers } from './altcraft-targets.ts';

/**
 * Whether a profile that Altcraft found by an identifier has that identifier as its own.
 *
 * Matching by email and phone also finds profiles that merely hold a subscription for the address, and such a profile
 * may be another person's (docs/vendors/altcraft.md). So the profile's own email or phones must show the value. A custom
 * field has no such second place: there a value that the answer does not show is no contradiction, another value is.
 */
export function isOwnIdentifier(profile: AltcraftProfile, mode: AltcraftMatching, value: string): boolean {
  switch (mode.matching) {
    case 'email':
      return textsIn(profile.email).some((email) => email.toLowerCase() === value.toLowerCase());
    case 'phone':
      return /\d/.test(value) && textsIn(profile.phones).some((phone) => digitsOf(phone) === digitsOf(value));
    case 'profile_id':
      return isSameProfileId(profile.id, value);
    case 'custom': {
      const shown = textsIn(profile[mode.type]);
      return shown.length === 0 || shown.includes(value);
    }
  }
}

/** Whose profile it is that Altcraft found by an identifier. */
export type Ownership =
  | { readonly type: 'own' }
  /** It does not have the identifier as its own. */
  | { readonly type: 'not-own' }
  /** It shows another value than the person's for an identifier of this type. */
  | { readonly type: 'contradicts'; readonly by: string };

/**
 * Whose profile it is. Addresses are shared and passed on, so a profile found by an email or phone also has to agree with
 * the person's other identifiers, wherever it shows values for them. A custom field is an id of the company's: only another
 * such id contradicts it, since people change their addresses. Profile ids tell profiles apart, not people.
 */
export function ownershipOf(
  profile: AltcraftProfile,
  mode: AltcraftMatching,
  target: Target,
  settings: AltcraftSettings,
): Ownership {
  const isAddress = mode.matching === 'email' || mode.matching === 'phone';
  const mayBeAnothers = isAddress && settings.allowSubscriptionMatch;
  if (!mayBeAnothers && !isOwnIdentifier(profile, mode, target.value)) return { type: 'not-own' };
  for (const [type, values] of otherIdentifiers(target)) {
    const other = settings.matchings.find((matching) => matching.type === type);
    if (other === undefined || other.matching === 'profile_id' || (!isAddress && other.matching !== 'custom')) continue;
    const shown = shownValues(profile, other);
    if (shown.length > 0 && !values.some((value) => isOwnIdentifier(profile, other, value))) {
      return { type: 'contradicts', by: type };
    }
  }
  return { type: 'own' };
}

function shownValues(profile: AltcraftProfile, { matching, type }: AltcraftMatching): string[] {
  switch (matching) {
    case 'email':
      return textsIn(profile.email);
    case 'phone':
      return textsIn(profile.phones).filter((phone) => /\d/.test(phone));
    case 'profile_id':
      return [profile.id];
    case 'custom':
      return textsIn(profile[type]);
  }
}

/** Whether two texts are one profile's id. Altcraft's ids are hexadecimal numbers, so capitals make no difference. */
export function isSameProfileId(one: string, other: string): boolean {
  return one === other || (/^[0-9a-f]{24}$/i.test(one) && one.toLowerCase() === other.toLowerCase());
}

// JSON shows a list as an array; XML repeats an element or nests one, and shows a single value as text.
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsIn);
  return [];
}

// Plus, spaces and dashes are how a number is written, not which number it is.
function digitsOf(phone: string): string {
  return phone.replace(/\D/g, '');
}
