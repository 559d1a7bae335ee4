import { createHash } from 'node:crypto';
import type { Identifier, Target, VendorIdentifier } from '@expunge/core';

/** How a processor is told an identity. */
export type IdentityFormat = 'raw' | 'sha1' | 'md5' | 'sha256';

/** One identity as it stands in a request. Personal data, hashed or not. */
export interface WireIdentity {
  readonly identity_type: string;
  readonly identity_value: string;
  readonly identity_format: IdentityFormat;
}

/** Which identity types a processor is told, each in its format. */
export type IdentityFormats = Readonly<Record<string, IdentityFormat>>;

// The protocol's and two vendors' names for the company's own id of a person.
const namesOfUserId: readonly string[] = ['controller_customer_id', 'customer_user_id', 'user_id'];

/** Which of the company's identifier types an identity type is, unless the configuration maps others. */
export function vendorIdentifiers(formats: IdentityFormats): VendorIdentifier[] {
  return Object.keys(formats).map((type) => ({ type, from: namesOfUserId.includes(type) ? ['user_id'] : [type] }));
}

/**
 * The one target of a person: all identities together, because one OpenDSR request is one person. It does not depend on
 * the order of the identifiers, so that the same person gives the same target.
 *
 * @returns undefined where none of the identifiers has a configured type.
 */
export function targetOf(identifiers: readonly Identifier[], formats: IdentityFormats): Target | undefined {
  const usable = identifiers.filter(({ type }) => Object.hasOwn(formats, type));
  const keyed = new Map(usable.map(({ type, value }) => [JSON.stringify([type, value]), { type, value }]));
  const [first, ...others] = [...keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, identity]) => identity);
  if (first === undefined) return undefined;
  if (others.length === 0) return first;
  // A person may have two identities of a type, and details need names of their own: their place makes them so.
  const details = Object.fromEntries(others.map(({ type, value }, index) => [`${index + 2}.${type}`, value]));
  return { ...first, details };
}

/**
 * The targets of a person for a processor that takes one identity of a type in a request: the first of each type together,
 * and every further one alone, so that none is left out.
 */
export function targetsByType(identifiers: readonly Identifier[], formats: IdentityFormats): Target[] {
  const all = targetOf(identifiers, formats);
  if (all === undefined) return [];
  const identities = identitiesOf(all);
  const isFirst = (identity: Identifier) => identities.find(({ type }) => type === identity.type) === identity;
  const together = targetOf(identities.filter(isFirst), formats);
  return [together ?? [], ...identities.filter((identity) => !isFirst(identity))].flat();
}

/** The identities that a target carries, in their order. */
export function identitiesOf(target: Target): readonly { readonly type: string; readonly value: string }[] {
  const others = Object.entries(target.details ?? {}).map(([key, value]) => {
    const [place = '', type = key] = splitOnce(key);
    return { place: Number(place), type, value };
  });
  others.sort((a, b) => a.place - b.place);
  return [{ type: target.type, value: target.value }, ...others.map(({ type, value }) => ({ type, value }))];
}

/** What is sent of a target. Undefined where a type is not configured: then nothing may be sent, since a part is missing. */
export function wireIdentities(target: Target, formats: IdentityFormats): readonly WireIdentity[] | undefined {
  const identities = identitiesOf(target);
  if (!identities.every(({ type }) => Object.hasOwn(formats, type))) return undefined;
  return identities.map(({ type, value }) => {
    const format = formats[type] ?? 'raw';
    return { identity_type: type, identity_value: inFormat(value, format), identity_format: format };
  });
}

// The hash is of the value exactly as given, in UTF-8, as lower-case hex. The specification names no normalisation, and
// vendors compare what they hashed themselves: lower-casing an address here could as well miss the person as find them.
function inFormat(value: string, format: IdentityFormat): string {
  return format === 'raw' ? value : createHash(format).update(value, 'utf8').digest('hex');
}

function splitOnce(key: string): readonly string[] {
  const dot = key.indexOf('.');
  return dot < 0 ? [] : [key.slice(0, dot), key.slice(dot + 1)];
}
