/**
 * What the log of a ledger of version 1 calls a state, and what the tables may call it since: the migration renamed states without
 * an entry. It holds for tasks whose last move was logged up to the entry that `meta` names under {@link wordsUntilKey}.
 */
export const wordsOfVersion1: Readonly<Record<string, readonly string[]>> = {
  held: ['pre-read', 'ready', 'blocked'],
  ready: ['ready', 'blocked'],
  'pre-read': ['pre-read', 'blocked'],
  'in-doubt': ['in-doubt', 'needs-review'],
};

/** Where `meta` keeps the last entry that was written in the words of version 1, as decimal digits. */
export const wordsUntilKey = 'words-of-version-1-until';
