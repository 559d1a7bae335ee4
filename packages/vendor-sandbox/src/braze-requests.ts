import type { BrazeIdentifier } from './braze-profiles.ts';
import { asRecord } from './kit/vendor-exchange.ts';

/** Whom a body of `/users/delete` names; undefined where it is not of the documented shape. */
export function readDeletion(body: unknown): readonly BrazeIdentifier[] | undefined {
  const fields = asRecord(body);
  if (fields === undefined) return undefined;
  const named = ['external_ids', 'braze_ids', 'user_aliases', 'email_addresses', 'phone_numbers'].filter(
    (field) => field in fields,
  );
  // "Only one of [these] can be included in a single request."
  if (named.length !== 1) return undefined;
  switch (named[0]) {
    case 'external_ids':
      return readTexts(fields.external_ids, 'external_id');
    case 'braze_ids':
      return readTexts(fields.braze_ids, 'braze_id');
    case 'user_aliases':
      return readAliases(fields.user_aliases);
    // By address: whom Braze picks of several people is more than this fake vendor plays.
    default:
      return undefined;
  }
}

/** What a body of `/users/export/ids` asks for; undefined where it is not of the documented shape. */
export interface BrazeExport {
  readonly identifiers: readonly BrazeIdentifier[];
  readonly fields: readonly string[];
}

/** Reads a body of `/users/export/ids`. */
export function readExport(body: unknown): BrazeExport | undefined {
  const given = asRecord(body);
  const fields = given?.fields_to_export;
  if (given === undefined || !isTextList(fields)) return undefined;
  const externalIds = given.external_ids === undefined ? [] : readTexts(given.external_ids, 'external_id');
  const aliases = given.user_aliases === undefined ? [] : readAliases(given.user_aliases);
  const brazeIds = given.braze_id === undefined ? [] : readTexts([given.braze_id], 'braze_id');
  if (externalIds === undefined || aliases === undefined || brazeIds === undefined) return undefined;
  const identifiers = [...externalIds, ...aliases, ...brazeIds];
  return identifiers.length === 0 ? undefined : { identifiers, fields };
}

function readTexts(list: unknown, kind: 'external_id' | 'braze_id'): readonly BrazeIdentifier[] | undefined {
  return isTextList(list) ? list.map((value) => ({ kind, value })) : undefined;
}

function readAliases(list: unknown): readonly BrazeIdentifier[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const aliases = list.map((entry): BrazeIdentifier | undefined => {
    const alias = asRecord(entry);
    const value = alias?.alias_name;
    const label = alias?.alias_label;
    if (typeof value !== 'string' || typeof label !== 'string') return undefined;
    return { kind: 'user_alias', label, value };
  });
  return aliases.every((alias) => alias !== undefined) ? aliases : undefined;
}

function isTextList(list: unknown): list is readonly string[] {
  return Array.isArray(list) && list.length > 0 && list.every((entry) => typeof entry === 'string' && entry !== '');
}
