import { ConformanceError } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';

const fields = {
  connector: 'required',
  vendor: 'required',
  clock: 'required',
  subjectOf: 'required',
  seed: 'required',
  isGone: 'required',
  settle: 'required',
  close: 'required',
  secrets: 'required',
  identifierFor: 'optional',
  submitPath: 'optional',
  refusals: 'optional',
  wrongBody: 'optional',
  oddIdentifiers: 'optional',
  documentedAnswers: 'optional',
  seedSomebodyElse: 'optional',
  readsMayBeNameless: 'optional',
  connectorThrough: 'optional',
  connectorWithWrongCredentials: 'optional',
  impatientConnector: 'optional',
} as const satisfies Record<keyof ConformanceHarness, 'required' | 'optional'>;

/**
 * Refuses a harness with a field that the suite does not know: misspelt, it would silently leave out what it is for.
 *
 * @throws ConformanceError naming each field, and the one that was probably meant.
 */
export function requireKnownFields(harness: object): void {
  const faults = [
    ...Object.keys(harness)
      .filter((name) => !Object.hasOwn(fields, name))
      .map((name) => `harness.${name} is no field of a harness${suggestion(name)}.`),
    ...Object.entries(fields)
      .filter(([name, need]) => need === 'required' && (harness as Record<string, unknown>)[name] === undefined)
      .map(([name]) => `harness.${name} is missing.`),
  ];
  if (faults.length === 0) return;
  const list = 'The fields are explained in the README of @expunge/conformance.';
  throw new ConformanceError(`${faults.join(' ')} ${list}`);
}

function suggestion(name: string): string {
  const [nearest] = Object.keys(fields)
    .map((field) => ({ field, distance: distanceOf(name.toLowerCase(), field.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  return nearest !== undefined && nearest.distance <= Math.max(2, name.length / 3)
    ? ` (did you mean ${nearest.field}?)`
    : '';
}

/** How many letters have to be changed, added or taken away (Levenshtein). */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let column = 0; column < other.length; column += 1) {
      const changed = (row[column] ?? 0) + (letter === other[column] ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
