import { plural } from './table.ts';

/** What is told of known requests that were given another due date: what holds, and how a new one is made. */
export function otherDueDatesWords(count: number): readonly string[] {
  if (count === 0) return [];
  const isOne = count === 1;
  return [
    `${plural(count, 'known request')} ${isOne ? 'has' : 'have'} another due_at in the ledger, which stays. ` +
      `Where ${isOne ? 'it is' : 'they are'} new, give ${isOne ? 'it a request_id of its' : 'them request ids of their'} own.`,
  ];
}
