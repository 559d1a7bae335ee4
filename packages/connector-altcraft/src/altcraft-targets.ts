import type { Identifier, Subject, Target } from '@expunge/core';
import type { AltcraftSettings } from './altcraft-options.ts';

/**
 * One target per identifier of a configured type. Each knows the person's other identifiers: a profile that shows other
 * values for those is somebody else's.
 */
export function targetsOf({ identifiers }: Subject, { matchings }: AltcraftSettings): Target[] {
  const usable = new Map<string, Identifier>();
  for (const { type, value } of identifiers) {
    if (matchings.some((mode) => mode.type === type)) usable.set(`${type}:${value}`, { type, value });
  }
  return [...usable].map(([key, identifier]) => {
    // In one order, so that the same person gives the same target.
    const others = [...usable.keys()].filter((other) => other !== key).sort();
    if (others.length === 0) return identifier;
    const details = others.map((other, index) => [`${index}.${usable.get(other)?.type}`, usable.get(other)?.value]);
    return { ...identifier, details: Object.fromEntries(details) };
  });
}

/** The person's other identifiers, by type. */
export function otherIdentifiers({ details = {} }: Target): ReadonlyMap<string, readonly string[]> {
  const others = new Map<string, string[]>();
  for (const [key, value] of Object.entries(details)) {
    const type = key.slice(key.indexOf('.') + 1);
    others.set(type, [...(others.get(type) ?? []), value]);
  }
  return others;
}
