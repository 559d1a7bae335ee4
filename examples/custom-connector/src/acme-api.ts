import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';
import type { AcmeSettings } from './acme-options.ts';

// Every URL, header and field of Acme, as in acme.md. Requests are built as values, so that a test can look at them.

/** `POST /v1/deletions`: takes up to 100 people, and deletes them within a day. */
export function createDeletion(settings: AcmeSettings, userIds: readonly string[]): HttpRequest {
  return {
    method: 'POST',
    url: `${settings.baseUrl}/v1/deletions`,
    headers: headersOf(settings),
    body: JSON.stringify({ user_ids: userIds }),
  };
}

/** `GET /v1/deletions/{job}`: how a deletion stands. */
export function getDeletion(settings: AcmeSettings, job: string): HttpRequest {
  const url = `${settings.baseUrl}/v1/deletions/${encodeURIComponent(job)}`;
  return { method: 'GET', url, headers: headersOf(settings) };
}

/** `GET /v1/users/{user_id}`: one person. */
export function getUser(settings: AcmeSettings, userId: string): HttpRequest {
  const url = `${settings.baseUrl}/v1/users/${encodeURIComponent(userId)}`;
  return { method: 'GET', url, headers: headersOf(settings) };
}

/** `GET /v1/account`: whose key this is. */
export function getAccount(settings: AcmeSettings): HttpRequest {
  return { method: 'GET', url: `${settings.baseUrl}/v1/account`, headers: headersOf(settings) };
}

/** The answer to `createDeletion`. Only the fields that are read are described. */
export const deletionTakenSchema = z.object({
  ok: z.literal(true),
  job: z.string().max(100),
  unknown: z.array(z.string()),
});
/** The answer to `getDeletion`. */
export const deletionSchema = z.object({ ok: z.literal(true), state: z.string() });
/** The answer to `getUser`. */
export const userSchema = z.object({ ok: z.literal(true), user: z.object({ id: z.string() }) });
/** The answer to `getAccount`. */
export const accountSchema = z.object({ ok: z.literal(true), account: z.string() });
/** Every refusal, whatever its HTTP status. */
export const refusalSchema = z.object({ ok: z.literal(false), error: z.string() });

/** Whether an id can be a part of a path: every URL parser takes `..` for "one up", also when it is percent-encoded. */
export function canBeInPath(userId: string): boolean {
  return userId.isWellFormed() && userId !== '.' && userId !== '..';
}

function headersOf(settings: AcmeSettings): Record<string, string> {
  return { authorization: `Bearer ${settings.apiKey}`, 'content-type': 'application/json' };
}
