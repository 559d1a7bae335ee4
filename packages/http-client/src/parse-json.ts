/** Text that is not JSON, or too much of it to be an answer. Carries none of the text. */
export class JsonInvalidError extends Error {
  override readonly name = 'JsonInvalidError';
  /** `not-json`: it is no JSON. `too-large`: it holds more values, or nests them deeper, than is read. */
  readonly reason: 'not-json' | 'too-large';

  constructor(message: string, reason: 'not-json' | 'too-large' = 'not-json') {
    super(message);
    this.reason = reason;
  }
}

/** How much JSON is read. */
export interface JsonBounds {
  /** Objects, lists and members together. Default: 100,000. */
  readonly maxValues?: number | undefined;
}

const defaultMaxValues = 100_000;
/** Deeper than any documented answer, and shallow enough for every function that calls itself for each level. */
const maxDepth = 100;
/** Every integer of up to 15 digits is exact as a number. */
const exactDigits = 15;

/**
 * Parses JSON without losing digits: an integer beyond 2^53 becomes a string of its digits, because vendors' ids are
 * such numbers and rounding one would ask about somebody else's job.
 *
 * What a text costs is known before it is parsed: one pass over it counts its values. A few megabytes of `{},{},{}` would
 * otherwise become gigabytes of objects.
 *
 * @throws JsonInvalidError where the text is not JSON, or too much of it.
 */
export function parseJson(text: string, { maxValues = defaultMaxValues }: JsonBounds = {}): unknown {
  const quoted = quoteLargeIntegers(text, maxValues);
  try {
    return JSON.parse(quoted);
  } catch {
    throw new JsonInvalidError('The text is not valid JSON.');
  }
}

/** As {@link parseJson}, for a text that may be anything. undefined: it is no JSON. */
export function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/**
 * Puts quotes around integers that a number would round, in one pass. A reviver would be called for every value of the
 * text and costs many times as much as parsing it (parse-json-cost.test.ts compares).
 */
function quoteLargeIntegers(text: string, maxValues: number): string {
  const pieces: string[] = [];
  let copied = 0;
  let values = 0;
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
    } else if (isNumberPart(code)) {
      const end = endOfNumber(text, at);
      if (end - at > exactDigits && isRounded(text.slice(at, end)) && !isKey(text, end)) {
        pieces.push(text.slice(copied, at), '"', text.slice(at, end), '"');
        copied = end;
      }
      at = end;
    } else {
      if (code === openBrace || code === openBracket) depth += 1;
      else if (code === closeBrace || code === closeBracket) depth -= 1;
      if (code === comma || code === openBrace || code === openBracket) values += 1;
      if (values > maxValues) throw new JsonInvalidError(`The text has more than ${maxValues} values.`, 'too-large');
      if (depth > maxDepth) throw new JsonInvalidError(`The text is nested deeper than ${maxDepth}.`, 'too-large');
      at += 1;
    }
  }
  return copied === 0 ? text : `${pieces.join('')}${text.slice(copied)}`;
}

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    at += code === backslash ? 2 : 1;
  }
  return at;
}

/** Digits, "+", "-", ".", "e" and "E": what a number is written with. `true` and `false` have an "e" too, and no digits. */
function isNumberPart(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2b || code === 0x2e || (code | 0x20) === 0x65;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && isNumberPart(text.charCodeAt(at))) at += 1;
  return at;
}

function isRounded(token: string): boolean {
  return /^-?[1-9]\d*$/.test(token) && (token.length > exactDigits + 2 || !Number.isSafeInteger(Number(token)));
}

/** Whether a number stands where a name has to: quotes would turn a text that is not JSON into one that is. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1;
  return text.charAt(at) === ':';
}
