import type { AcceptReport, RequestConflict } from '@expunge/engine';
import { countWords, plural } from './table.ts';

/** Why one request was not taken, whose id the ledger has already. Names no identifier. */
export function conflictWords({ who, more, fewer }: RequestConflict): string {
  switch (who) {
    case 'same-person': {
      const parts = [
        ...(more > 0 ? [`${plural(more, 'identifier')} more, by which nothing is deleted`] : []),
        ...(fewer > 0 ? [`${plural(fewer, 'identifier')} less`] : []),
      ];
      // The same identifier twice is the only other difference.
      const how = parts.length === 0 ? 'one of them twice' : parts.join(' and ');
      return `the ledger has this request_id for the same person, here with ${how}`;
    }
    case 'somebody-else':
      return 'the ledger has this request_id for another person';
    case 'unknown':
      return 'the ledger has this request_id for other identifiers, which can not be read any more';
  }
}

/** Why requests were not taken, in one clause. */
export function conflictsWords({ conflicts }: Pick<AcceptReport, 'conflicts'>): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first !== undefined) return conflictWords(first);
  const same = conflicts.filter(({ who }) => who === 'same-person').length;
  return `the ledger has them for ${otherIdentifiersWords(conflicts.length, same)}`;
}

/** For whom the ledger has request ids that come in with other identifiers. */
export function otherIdentifiersWords(conflicts: number, samePeople: number): string {
  if (samePeople === 0) return 'other people';
  if (samePeople === conflicts) return 'the same people with other identifiers';
  return `other identifiers, ${countWords(samePeople)} of them of the same person`;
}
