import { submitAll } from './carry-out.ts';
import { type ConformanceCheck, ConformanceError, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { eitherOf, type NotAsked, without } from './not-asked.ts';
import { oddIdentifiers } from './odd-identifiers.ts';
import { areGone, areThere, type Person, personWith, seedPerson, seedValue } from './people.ts';
import { verifyAll } from './verify-all.ts';

const noFreeText = 'harness.identifierFor says that identifiers are no free text';
const withoutOdd: NotAsked = ({ identifierFor, oddIdentifiers: odd }) =>
  identifierFor !== undefined && odd === undefined
    ? `${noFreeText}, and harness.oddIdentifiers is left out`
    : undefined;
const withoutDots: NotAsked = ({ identifierFor }) => (identifierFor === undefined ? undefined : noFreeText);

/** Identifiers reach the vendor as they are. */
export const oddIdentifierChecks: readonly ConformanceCheck[] = [
  {
    name: 'odd identifiers reach the right person',
    notAsked: withoutOdd,
    async run(harness) {
      for (const { label, value, decoy, isRefused = false } of harness.oddIdentifiers ?? oddIdentifiers) {
        const neighbour = await seedValue(harness, decoy);
        const person = await seedValue(harness, value);
        const requests = harness.vendor.requests.length;
        const outcomes = await withLabel(label, () => submitAll(harness, person.targets));
        await harness.settle();
        const refused = outcomes.find(({ type }) => type === 'rejected');
        ensure(
          !isRefused || (refused !== undefined && harness.vendor.requests.length === requests),
          `harness.oddIdentifiers says that an identifier with ${label} is refused, and submit() reports ` +
            `'${outcomes[0]?.type}'. Return 'rejected' with the reason 'not-addressable', before any call.`,
        );
        ensure(
          isRefused || ((await areGone(harness, [person])) && refused === undefined),
          `An identifier with ${label} does not reach its person. ${encodeAdvice} If this vendor can't carry it at all, ` +
            'because it splits a list there, say, refuse it before any call, and mark it with `isRefused` in ' +
            'harness.oddIdentifiers.',
        );
        ensure(
          await areThere(harness, [neighbour]),
          `An identifier with ${label} reaches somebody else. ${encodeAdvice}`,
        );
      }
    },
  },
  {
    name: 'odd identifiers are read back from the right person',
    notAsked: eitherOf(without('verify'), withoutOdd),
    async run(harness) {
      for (const { label, value, decoy, isRefused = false } of harness.oddIdentifiers ?? oddIdentifiers) {
        const absent = personWith(harness, value);
        await seedValue(harness, decoy);
        await ensureRead(harness, absent, 'absent', label);
        if (isRefused) continue;
        const person = await seedValue(harness, value);
        await ensureRead(harness, person, 'present', label);
      }
    },
  },
  {
    name: 'an identifier of dots only reaches its person or is refused',
    notAsked: withoutDots,
    run: deleteDots,
  },
  {
    name: 'an identifier of dots only is read back from its person or not at all',
    notAsked: eitherOf(without('verify'), withoutDots),
    run: readDots,
  },
];

/** Cannot be put into the path of a URL, not even percent-encoded: every parser takes them for "here" and "one up". */
const dots = ['.', '..'];

async function deleteDots(harness: ConformanceHarness): Promise<void> {
  const neighbour = await seedPerson(harness, 'ada-4711');
  for (const value of dots) {
    const person = await seedValue(harness, value);
    const outcomes = await withLabel('dots only', () => submitAll(harness, person.targets));
    await harness.settle();
    const isRefused = outcomes.every(({ type }) => type === 'rejected');
    ensure(
      isRefused || (await areGone(harness, [person])),
      `The identifier '${value}' does not reach its person, and submit() reports '${outcomes[0]?.type}'. ${dotsAdvice}`,
    );
    ensure(await areThere(harness, [neighbour]), `The identifier '${value}' reaches somebody else. ${dotsAdvice}`);
  }
}

async function readDots(harness: ConformanceHarness): Promise<void> {
  for (const value of dots) {
    await ensureRead(harness, personWith(harness, value), 'absent', 'dots only', dotsAdvice);
    const person = await seedValue(harness, value);
    const seen = await withLabel('dots only', () => verifyAll(harness, person.targets));
    ensure(!seen.includes('absent'), `verify() says 'absent' of '${value}', who is there. ${dotsAdvice}`);
  }
}

const dotsAdvice =
  "A URL's path cannot hold it, percent-encoded or not: return 'rejected' with the reason 'not-addressable', or " +
  "'unknown' from verify(), before any call.";

const encodeAdvice =
  'Percent-encode it in paths and queries, let JSON.stringify write it into bodies, and keep it a text: digits are no number.';

async function ensureRead(
  harness: ConformanceHarness,
  { targets }: Person,
  truth: 'present' | 'absent',
  label: string,
  advice = encodeAdvice,
): Promise<void> {
  const types = await withLabel(label, () => verifyAll(harness, targets));
  // A read that says nothing is honest; a read of somebody else is not.
  const wrong = types.find((type) => type !== truth && (truth === 'present' || type !== 'unknown'));
  ensure(wrong === undefined, `verify() says '${wrong}' where an identifier with ${label} is ${truth}. ${advice}`);
}

/** Says in a failure which identifier it is about. */
async function withLabel<Value>(label: string, call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ConformanceError)) throw error;
    throw new ConformanceError(`With an identifier with ${label}: ${error.message} ${encodeAdvice}`, { cause: error });
  }
}
