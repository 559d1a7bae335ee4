import { unprintable } from '@expunge/report/words';

const shortNames: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text from elsewhere as it may be printed: one line, of which every character can be seen. What can not be is written as an
 * escape: `\u{1b}`. In lists and objects every text is made so.
 */
export function printable<Value>(value: Value): Value;
export function printable(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(unprintable, escapeOf);
  if (Array.isArray(value)) return value.map((each: unknown) => printable(each));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [printable(key), printable(each)]));
}

function escapeOf(character: string): string {
  return shortNames[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

// Only these colors are ours (picocolors); a terminal can be told to hide what follows as well.
const escapeCharacter = String.fromCharCode(0x1b);
const ownPart = new RegExp(`(\\n|${escapeCharacter}\\[(?:0|1|2|22|31|32|33|36|39)m)`);

/**
 * The last net under everything that is printed as several lines, colored or not. Values are made {@link printable} where they are
 * put in: a line break in one of them looks like one of ours here.
 */
export function printableLines(text: string): string {
  return text
    .split(ownPart)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

/** What is to be one line, with our colors: a line break in it is somebody else's. */
export function printableLine(text: string): string {
  return printableLines(text.replaceAll('\n', '\\n'));
}

/** JSON text that means the same and may be printed. */
export function printableJson(json: string): string {
  return json.replace(unprintable, (character) => {
    // Between values stand line breaks; inside of them JSON escapes those itself.
    if (character === '\n') return character;
    return [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join('');
  });
}
