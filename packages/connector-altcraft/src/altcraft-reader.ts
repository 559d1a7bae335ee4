import { type CallOptions, ConnectorError } from '@expunge/core';
import {
  type AltcraftProfile,
  databasesSchema,
  getProfile,
  listDatabases,
  type MatchingFields,
  profileSchema,
} from './altcraft-api.ts';
import { type AltcraftAnswer, type AltcraftCallOptions, callAltcraft } from './altcraft-call.ts';
import type { AltcraftSettings } from './altcraft-options.ts';

/** Reads profiles, and knows when a refusal means that there is none. */
export interface AltcraftReader {
  /** `profiles/get`. */
  readProfile(fields: MatchingFields, call: CallOptions): Promise<AltcraftAnswer<AltcraftProfile>>;
  /**
   * Whether a refusal means that there is no such profile: only a number of `absentCodes` does, and only where the service has
   * been proven once. Altcraft answers a wrong path and an unknown database with such numbers too.
   *
   * @throws ConnectorError `setup-wrong` where the service can't be proven.
   */
  meansAbsence(code: number, call: CallOptions): Promise<boolean>;
  /** Looks for the database among those that the token sees. Undefined: the list is too long to tell. */
  seesDatabase(call: CallOptions): Promise<true | undefined>;
}

/** Makes the reader of one connector. */
export function createAltcraftReader(
  settings: AltcraftSettings,
  optionsOf: (call: CallOptions) => AltcraftCallOptions,
): AltcraftReader {
  // A profile that was shown proves the address and the database, and so does the database in the list.
  let isProven = false;

  async function seesDatabase(call: CallOptions): Promise<true | undefined> {
    const what = 'the list of databases';
    const list = await callAltcraft(listDatabases(settings), databasesSchema, what, optionsOf(call));
    if (list.type === 'refused')
      throw unproven(`Altcraft refuses ${what} with error ${list.code}. Check host or baseUrl.`);
    if (list.data.some(({ id }) => String(id) === String(settings.databaseId))) return true;
    if ((list.totalCount ?? 0) > list.data.length) return undefined;
    throw unproven(
      `The token does not see database ${settings.databaseId}. Check databaseId and the token’s object groups.`,
    );
  }

  return {
    seesDatabase,

    async readProfile(fields, call) {
      const found = await callAltcraft(getProfile(settings, fields), profileSchema, 'the look-up', optionsOf(call));
      if (found.type === 'done') isProven = true;
      return found;
    },

    async meansAbsence(code, call) {
      if (!settings.absentCodes.includes(code)) return false;
      if (!isProven) await seesDatabase(call);
      isProven = true;
      return true;
    },
  };
}

function unproven(message: string): ConnectorError {
  return new ConnectorError({ code: 'setup-wrong', vendor: 'altcraft', message });
}
