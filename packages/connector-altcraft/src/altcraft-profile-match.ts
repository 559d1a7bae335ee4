import type { AltcraftProfile } from './altcraft-api.ts';
import type { AltcraftMatching } from './altcraft-options.ts';

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
