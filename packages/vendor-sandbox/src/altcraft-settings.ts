/** What the Altcraft sandbox accepts. Obviously fake. */
export const altcraftSandboxCredentials = { token: 'sandbox-token', databaseId: 1 } as const;

/** The fake account: which databases exist, and what the documents leave open. */
export interface AltcraftSettings {
  /** The account's databases. Default: one, with id 1. */
  databases: readonly { readonly id: number; readonly name: string }[];
  /** Whether the token's role may delete profiles. Without it every deletion answers 403. Default: true. */
  mayDeleteProfiles: boolean;
  /** Whether the tariff's limit is used up. Then every call answers 402. Default: false. */
  tariffLimitReached: boolean;
  /** The codes for what the documents give none. */
  codes: AltcraftCodes;
  /** Whether the HTTP status repeats the envelope's code. Default: false: errors come with HTTP 200. */
  mirrorHttpStatus: boolean;
  /** Which profile is meant where several match: the oldest, or none (a bad request). The documents do not say. Default: `first`. */
  severalMatches: 'first' | 'refuse';
  /** Whether the string "5" and the number 5 are different values of a custom field. The documents do not say. Default: true. */
  strictFieldTypes: boolean;
}

/** Codes of the envelope that the documents do not print. */
export interface AltcraftCodes {
  /** No profile matches. Default: 404. */
  profileUnknown: number;
  /** No such database. Default: 404. */
  databaseUnknown: number;
  /** A token that is not ours. Default: 403. */
  tokenUnknown: number;
}

/** The settings of a fresh fake. */
export function defaultAltcraftSettings(): AltcraftSettings {
  return {
    databases: [{ id: altcraftSandboxCredentials.databaseId, name: 'Customers' }],
    mayDeleteProfiles: true,
    tariffLimitReached: false,
    codes: { profileUnknown: 404, databaseUnknown: 404, tokenUnknown: 403 },
    mirrorHttpStatus: false,
    severalMatches: 'first',
    strictFieldTypes: true,
  };
}
