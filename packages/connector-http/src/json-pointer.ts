import { z } from 'zod';

/** A place in a JSON value, as RFC 6901 writes it: `/errors/0/code`. The empty text is the whole value. */
export const pointerSchema = z
  .string()
  .regex(/^(\/([^~/]|~[01])*)*$/, 'must be a JSON pointer such as /errors/0/code, or empty for the whole');

/**
 * The value at a place.
 *
 * Only a value's own members count, never what it inherits, so that no reply can be read that the vendor did not send.
 *
 * @returns undefined where there is nothing. JSON itself knows no undefined.
 */
export function valueAt(value: unknown, pointer: string): unknown {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce(memberOf, value);
}

function memberOf(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
