import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';
import type { CleverTapSettings } from './clevertap-options.ts';

/** What CleverTap can delete by: an own identity, or CleverTap's own id of a profile. */
export type CleverTapIdentifier = 'identity' | 'guid';

/** `POST /1/delete/profiles.json`: queues the deletion of up to 100 profiles, all named in the same way. */
export function deleteProfiles(
  settings: CleverTapSettings,
  type: CleverTapIdentifier,
  values: readonly string[],
): HttpRequest {
  return {
    method: 'POST',
    url: `${settings.baseUrl}/1/delete/profiles.json`,
    headers: headersOf(settings),
    body: JSON.stringify({ [type]: values }),
  };
}

/** `GET /1/profile.json`: one whole profile. The answer is personal data through and through. */
export function getProfile(settings: CleverTapSettings, type: CleverTapIdentifier, value: string): HttpRequest {
  // The same id is called guid by the deletion and objectId everywhere else.
  const parameter = type === 'guid' ? 'objectId' : 'identity';
  return {
    method: 'GET',
    url: `${settings.baseUrl}/1/profile.json?${parameter}=${encodeURIComponent(value)}`,
    headers: headersOf(settings),
  };
}

/** The answer to a deletion, and every refusal. */
export const replySchema = z.object({
  status: z.string(),
  error: z.string().nullish(),
  code: z.number().int().nullish(),
});

/** The answer to a profile read. */
export const profileReplySchema = replySchema.extend({
  record: z.record(z.string(), z.unknown()).nullish(),
});

/** The devices of a record: each has a guid, which is called objectId here. */
export const devicesSchema = z.array(z.object({ objectId: z.string() }));

function headersOf(settings: CleverTapSettings): Record<string, string> {
  return {
    'x-clevertap-account-id': settings.accountId,
    'x-clevertap-passcode': settings.passcode,
    'content-type': 'application/json; charset=utf-8',
  };
}
