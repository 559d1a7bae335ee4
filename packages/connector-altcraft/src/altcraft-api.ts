import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';
import type { AltcraftMatching, AltcraftSettings } from './altcraft-options.ts';
import { isXmlText, writeXml } from './altcraft-xml.ts';

/** The fields of a body that say whose profile is meant. */
export type MatchingFields = Readonly<Record<string, string | number>>;

/** Why a target can't be put into a request. */
export type Unaddressable = 'type-unknown' | 'not-a-whole-number' | 'not-xml-text';

/** How Altcraft is told whose profile is meant. */
export function matchingFields(
  settings: AltcraftSettings,
  mode: AltcraftMatching,
  value: string,
): MatchingFields | Exclude<Unaddressable, 'type-unknown'> {
  if (settings.format === 'xml' && !isXmlText(value)) return 'not-xml-text';
  const resource = settings.resourceId === undefined ? {} : { resource_id: settings.resourceId };
  switch (mode.matching) {
    case 'email':
      return { matching: 'email', email: value, ...resource };
    case 'phone':
      return { matching: 'phone', phone: value, ...resource };
    case 'profile_id':
      return profileIdFields(value);
    case 'custom': {
      const custom = { matching: 'custom', field_name: mode.type };
      if (mode.fieldType === 'string') return { ...custom, field_value: value };
      // 007 is another value than 7, and digits beyond 2^53 would be rounded to somebody else's number.
      const number = Number(value);
      return Number.isSafeInteger(number) && String(number) === value
        ? { ...custom, field_value: number }
        : 'not-a-whole-number';
    }
  }
}

/** Names a profile by Altcraft's own id: the only way that can't mean somebody else. */
export function profileIdFields(profileId: string): MatchingFields {
  return { matching: 'profile_id', profile_id: profileId };
}

/** `profiles/delete`: one profile with its history and relations. */
export function deleteProfile(settings: AltcraftSettings, fields: MatchingFields): HttpRequest {
  return post(settings, '/api/v1.1/profiles/delete', { db_id: settings.databaseId, ...fields });
}

/** `profiles/get`: one whole profile. The answer is personal data through and through. */
export function getProfile(settings: AltcraftSettings, fields: MatchingFields): HttpRequest {
  return post(settings, '/api/v1.1/profiles/get/', { db_id: settings.databaseId, ...fields });
}

/** `databases/list`: the databases that the token sees. */
export function listDatabases(settings: AltcraftSettings): HttpRequest {
  return post(settings, '/api/v1.1/databases/list/', { from_id: 1, limit: 1000 });
}

/** The data of a deletion. */
export const deletedSchema = z.object({ profile_id: z.string().min(1) });

/** The data of a profile read: its id, and fields that are compared with what was asked. */
export const profileSchema = z.looseObject({ id: z.string().min(1) });

/** A profile as read. Personal data. */
export type AltcraftProfile = z.output<typeof profileSchema>;

const databaseSchema = z.object({ id: z.union([z.number(), z.string()]) });

/** The data of a list of databases. In XML a single one is no array. */
export const databasesSchema = z.union([z.array(databaseSchema), databaseSchema.transform((database) => [database])]);

function post(settings: AltcraftSettings, path: string, fields: MatchingFields): HttpRequest {
  const body = { token: settings.token, ...fields };
  const url = `${settings.baseUrl}${path}`;
  if (settings.format === 'xml') {
    const headers = { 'content-type': 'application/xml; charset=utf-8', accept: 'application/xml' };
    return { method: 'POST', url, headers, body: writeXml(body) };
  }
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  return { method: 'POST', url, headers, body: JSON.stringify(body) };
}
