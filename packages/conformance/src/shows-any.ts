import { inspect } from 'node:util';

/**
 * Looks for words in everything that a value shows when it is logged: as text, as JSON and inspected with hidden
 * properties and causes; plainly, percent-encoded, JSON-escaped and in Base64.
 *
 * @returns Whether one of them shows.
 */
export function showsAny(value: unknown, words: readonly string[]): boolean {
  const shown = [
    `${value}`,
    JSON.stringify(value) ?? '',
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, breakLength: Number.POSITIVE_INFINITY }),
    value instanceof Error ? `${value.message} ${value.stack} ${inspect(value.cause, { depth: 8 })}` : '',
  ].join('\n');
  return words.flatMap(disguisesOf).some((word) => shown.includes(word));
}

function disguisesOf(word: string): string[] {
  if (word === '') return [];
  // Basic authentication encodes a colon behind or between; the last group of three characters may then differ.
  const encoded = Buffer.from(word).toString('base64');
  const beginning = encoded.slice(0, Math.max(8, Math.floor(Buffer.byteLength(word) / 3) * 4));
  return [word, encodeURIComponent(word), JSON.stringify(word).slice(1, -1), beginning];
}
