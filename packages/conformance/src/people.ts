import type { Subject, Target } from '@expunge/core';
import { ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';

/** A person of a check. */
export interface Person {
  readonly value: string;
  readonly subject: Subject;
  readonly targets: readonly Target[];
}

/** Makes a person by a name of the suite's, and asks the connector which targets that gives. */
export function personOf(harness: ConformanceHarness, name: string): Person {
  return personWith(harness, harness.identifierFor?.(name) ?? name);
}

/** Makes a person with this very value. */
export function personWith(harness: ConformanceHarness, value: string): Person {
  const subject = harness.subjectOf(value);
  const targets = harness.connector.targetsOf(subject);
  ensure(
    targets.length > 0,
    'targetsOf() makes no target of a subject that harness.subjectOf() made. Let subjectOf() use one of ' +
      'capabilities.identifiers, and targetsOf() every value of that type: odd characters are no reason to drop a person.',
  );
  return { value, subject, targets };
}

/** Makes people and puts them into the vendor's memory. */
export async function seedPeople(harness: ConformanceHarness, ...names: string[]): Promise<Person[]> {
  const people = names.map((name) => personOf(harness, name));
  const values = new Set(people.map(({ value }) => value));
  ensure(
    values.size === people.length,
    `harness.identifierFor() gives ${values.size} values for ${people.length} names. Give each name a value of its own.`,
  );
  await putIn(harness, people);
  return people;
}

/** One person with this very value in the vendor's memory. */
export async function seedValue(harness: ConformanceHarness, value: string): Promise<Person> {
  const person = personWith(harness, value);
  await putIn(harness, [person]);
  return person;
}

async function putIn(harness: ConformanceHarness, people: readonly Person[]): Promise<void> {
  for (const { subject } of people) {
    await harness.seed(subject);
    ensure(
      !(await harness.isGone(subject)),
      'harness.isGone() says that a person who was just seeded is gone. Let seed() store what the connector deletes.',
    );
  }
}

/** One person in the vendor's memory. */
export async function seedPerson(harness: ConformanceHarness, name: string): Promise<Person> {
  const [person] = await seedPeople(harness, name);
  ensure(person !== undefined, 'No person was made.');
  return person;
}

/** Whether every person is gone. */
export async function areGone(harness: ConformanceHarness, people: readonly Person[]): Promise<boolean> {
  for (const { subject } of people) {
    if (!(await harness.isGone(subject))) return false;
  }
  return true;
}

/** Whether every person is still there. */
export async function areThere(harness: ConformanceHarness, people: readonly Person[]): Promise<boolean> {
  for (const { subject } of people) {
    if (await harness.isGone(subject)) return false;
  }
  return true;
}

/**
 * Cuts a list of outcomes into the outcomes of each person, in the order of the people.
 *
 * A person with several identifiers may be one record at the vendor: its first deletion leaves nothing for the second one.
 */
export function outcomesOfEach<T>(people: readonly Person[], outcomes: readonly T[]): T[][] {
  let end = 0;
  return people.map(({ targets }) => {
    const start = end;
    end += targets.length;
    return outcomes.slice(start, end);
  });
}
