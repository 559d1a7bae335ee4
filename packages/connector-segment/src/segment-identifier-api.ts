import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';
import type { SegmentIdentifierSettings } from './segment-options.ts';

const hosts = { us: 'https://profiles.segment.com', eu: 'https://profiles.euw1.segment.com' } as const;

/** One identifier of the profile that a user id finds. */
export interface ProfileIdentifier {
  /** The user id under which the profile is looked up. */
  readonly userId: string;
  /** The identifier's type, as the space calls it. */
  readonly type: string;
  /** The identifier's value. */
  readonly id: string;
}

/** `POST …/external_ids/delete`: detaches one identifier from one profile. */
export function buildDetachIdentifier(settings: SegmentIdentifierSettings, identifier: ProfileIdentifier): HttpRequest {
  return {
    method: 'POST',
    url: `${externalIdsUrl(settings, identifier.userId)}/delete`,
    headers: { ...headersOf(settings), 'content-type': 'application/json' },
    body: JSON.stringify({ delete_external_ids: [{ id: identifier.id, type: identifier.type }] }),
  };
}

/** `GET …/external_ids`: one page of a profile's identifiers. */
export function buildListIdentifiers(
  settings: SegmentIdentifierSettings,
  userId: string,
  page: { readonly limit: number; readonly next?: string | undefined },
): HttpRequest {
  const query = new URLSearchParams({ limit: String(page.limit) });
  if (page.next !== undefined) query.set('next', page.next);
  return { method: 'GET', url: `${externalIdsUrl(settings, userId)}?${query}`, headers: headersOf(settings) };
}

// Segment wants look-ups in lower case: a mixed-case user id would look absent (docs/vendors/segment.md).
function externalIdsUrl(settings: SegmentIdentifierSettings, userId: string): string {
  const host = settings.baseUrl ?? hosts[settings.region ?? 'us'];
  const lookUpKey = encodeForPath(userId.toLowerCase());
  return `${host}/v1/spaces/${settings.spaceId}/collections/users/profiles/user_id:${lookUpKey}/external_ids`;
}

// Segment can answer 500 to any raw character that is neither letter nor digit, and encodeURIComponent leaves some of
// them. Its own examples have "-" and "_" raw.
function encodeForPath(text: string): string {
  const encode = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[.!~*'()]/g, encode);
}

function headersOf(settings: SegmentIdentifierSettings): Record<string, string> {
  // The token is the user name, and the password is empty.
  const credentials = Buffer.from(`${settings.token}:`).toString('base64');
  return { authorization: `Basic ${credentials}`, accept: 'application/json' };
}

/**
 * The answer to a detached identifier. Segment documents the code `success`, and does not print the JSON around it: it
 * may stand in the object itself or in one inside it. An object that speaks of an error is no success.
 */
export const detachedSchema = z
  .record(z.string(), z.unknown())
  .refine((body) => (body.error ?? null) === null && [body, ...Object.values(body)].some(saysSuccess), {
    message: 'does not say success',
  });

function saysSuccess(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'code' in value && value.code === 'success';
}

/** A page of a profile's identifiers. */
export const identifierListSchema = z.object({
  data: z.array(z.object({ id: z.union([z.string(), z.number()]).transform(String), type: z.string() })),
  cursor: z.object({ has_more: z.boolean(), next: z.string().nullish() }).nullish(),
});
