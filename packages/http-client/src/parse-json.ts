/** Text that is not JSON. Carries none of the text. */
export class JsonInvalidError extends Error {
  override readonly name = 'JsonInvalidError';
}

/**
 * Parses JSON without losing digits: an integer beyond 2^53 becomes a string of its digits, because vendors' ids are
 * such numbers and rounding one would ask about somebody else's job.
 *
 * @throws JsonInvalidError where the text is not JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepDigits);
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

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d+$/.test(source) ? source : value;
}
