import { z } from 'zod';
import type { KeyPath } from './key-lines.ts';

/**
 * The keys that a schema has at a path: a list for each form that the value there can have, none where it is no map with
 * keys of its own.
 */
export function knownKeys(schema: unknown, path: KeyPath): readonly (readonly string[])[] {
  const [key, ...rest] = path;
  if (schema instanceof z.ZodOptional) return knownKeys(schema.unwrap(), path);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => knownKeys(option, path));
  if (schema instanceof z.ZodObject) {
    return key === undefined ? [Object.keys(schema.shape)] : knownKeys(schema.shape[key], rest);
  }
  if (schema instanceof z.ZodRecord && key !== undefined) return knownKeys(schema.valueType, rest);
  if (schema instanceof z.ZodArray && key !== undefined) return knownKeys(schema.element, rest);
  return [];
}
