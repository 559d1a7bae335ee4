import { plural } from './table.ts';

/** What is told of people who may have asked again: nothing is sent for them, and how they are sent again. */
export function notSentAgainWords(count: number, now: number): readonly string[] {
  if (count === 0) return [];
  const day = new Date(now).toISOString().slice(0, 10);
  return [
    `${plural(count, 'person was', 'people were')} asked for before, and that request is settled: nothing is sent again. ` +
      'Where somebody has asked again, say when in a column received_at, or run the same command ' +
      `with --batch ${day}: it makes a new request of everybody in this list.`,
  ];
}
