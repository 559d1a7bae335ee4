import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';
import type { BrazeSettings } from './braze-options.ts';

// Every URL, header and field of Braze, as in docs/vendors/braze.md. Requests are built as values, so that a test can look at them.

/** `POST /users/delete`: queues the deletion of up to 50 people, known by the kind of identifier that the options say. */
export function deleteUsers(settings: BrazeSettings, ids: readonly string[]): HttpRequest {
  switch (settings.identifier) {
    case 'external_id':
      return post(settings, '/users/delete', { external_ids: ids });
    case 'braze_id':
      return post(settings, '/users/delete', { braze_ids: ids });
    case 'user_alias':
      return post(settings, '/users/delete', { user_aliases: aliasesOf(settings, ids) });
  }
}

/** `POST /users/export/ids`: shows these people, and of each no more than the identifier that was asked by. */
export function exportUsers(settings: BrazeSettings, ids: readonly string[]): HttpRequest {
  switch (settings.identifier) {
    case 'external_id':
      return exportOf(settings, { external_ids: ids }, 'external_id');
    case 'braze_id':
      return exportOf(settings, { braze_id: ids[0] }, 'braze_id');
    case 'user_alias':
      return exportOf(settings, { user_aliases: aliasesOf(settings, ids) }, 'user_aliases');
  }
}

/** `POST /users/export/ids` for an id that nobody has: reads nobody, and is refused to a key that may not read. */
export function exportNobody(settings: BrazeSettings): HttpRequest {
  return exportOf(settings, { external_ids: ['expunge-access-check'] }, 'external_id');
}

function exportOf(settings: BrazeSettings, who: object, field: string): HttpRequest {
  return post(settings, '/users/export/ids', { ...who, fields_to_export: [field] });
}

function aliasesOf({ aliasLabel }: BrazeSettings, names: readonly string[]): object[] {
  return names.map((name) => ({ alias_name: name, alias_label: aliasLabel }));
}

function post({ baseUrl, apiKey }: BrazeSettings, path: string, body: object): HttpRequest {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  return { method: 'POST', url: `${baseUrl}${path}`, headers, body: JSON.stringify(body) };
}

// Errors beside a success are documented for messages, not for these calls: an answer with some is not understood.
const noErrors = z.array(z.unknown()).max(0).optional();

/** The answer to `deleteUsers`: how many ids were queued, and not whose. */
export const deletionTakenSchema = z.object({
  deleted: z.number().int().nonnegative(),
  message: z.literal('success').optional(),
  errors: noErrors,
});

/** The answer to `exportUsers`. What a user does not have is missing or null. */
export const exportSchema = z.object({
  message: z.literal('success'),
  users: z.array(
    z.object({
      external_id: z.string().nullish(),
      braze_id: z.string().nullish(),
      user_aliases: z.array(z.object({ alias_name: z.string(), alias_label: z.string() })).nullish(),
    }),
  ),
  invalid_user_ids: z.array(z.string()).nullish(),
  errors: noErrors,
});

/** The answer to `exportUsers`. */
export interface BrazeExport extends z.output<typeof exportSchema> {}

/** A refusal. Its text is for people. */
export const refusalSchema = z.object({ message: z.string() });
