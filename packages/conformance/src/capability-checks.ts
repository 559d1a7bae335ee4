import { isDeepStrictEqual } from 'node:util';
import { connectorIssues, type DeletionConnector } from '@expunge/core';
import { checkAll, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import { identifierForms } from './identifier-forms.ts';
import { unless } from './not-asked.ts';
import { areGone, seedPerson } from './people.ts';
import { showsAny } from './shows-any.ts';

/** What a connector says about itself is true. */
export const capabilityChecks: readonly ConformanceCheck[] = [
  {
    name: 'keeps to the shape of the contract',
    async run({ connector }) {
      const faults = connectorIssues(connector);
      ensure(faults.length === 0, `The connector does not keep to the contract. ${faults.join(' ')}`);
      const { capabilities } = connector;
      ensure(
        isDeepStrictEqual(JSON.parse(JSON.stringify(capabilities)), capabilities),
        'capabilities change when they are written as JSON. They are plain data: no functions, classes or undefined.',
      );
    },
  },
  {
    name: 'makes targets of the identifier types that it states',
    async run({ connector, subjectOf, identifierFor = (name) => name }) {
      const { identifiers } = connector.capabilities;
      const stated = new Set(identifiers.map(({ type }) => type));
      const used = subjectOf(identifierFor('ada-4711')).identifiers.find(({ type }) => !stated.has(type));
      ensure(
        used === undefined,
        `harness.subjectOf() uses the identifier type '${used?.type}', which capabilities.identifiers does not state. A ` +
          "subject carries the vendor's names for identifiers.",
      );
    },
  },
  {
    name: 'makes use of every identifier type that it states',
    async run({ connector, identifierFor }) {
      const types = connector.capabilities.identifiers.map(({ type }) => type);
      // One of these fits any type: an id, an e-mail address, a phone number, a number, a UUID, and what the harness gives.
      const forms = Object.values(identifierForms).map((form) => form('ada-4711'));
      const values = ['ada-4711', ...forms, ...(identifierFor === undefined ? [] : [identifierFor('ada-4711')])];
      const everything = values.flatMap((value) => types.map((type) => ({ type, value })));
      const targetsWithout = (left: string) => {
        const identifiers = everything.filter(({ type }) => type !== left);
        return identifiers.length === 0 ? [] : connector.targetsOf({ identifiers });
      };
      const all = connector.targetsOf({ identifiers: everything });
      // A type may be of use only beside another one, as the key under which a record is looked up.
      const unused = types.find((type) => isDeepStrictEqual(targetsWithout(type), all));
      ensure(
        unused === undefined,
        `capabilities.identifiers states '${unused}', and targetsOf() makes nothing of it. People known by it only would ` +
          'be skipped: use it, or do not state it.',
      );
    },
  },
  {
    name: 'keeps identifiers of two types apart that have the same value',
    notAsked: unless(
      ({ capabilities }) => capabilities.identifiers.length > 1,
      'the connector has one identifier type',
    ),
    async run({ connector, identifierFor = (name) => name }) {
      const types = connector.capabilities.identifiers.map(({ type }) => type);
      const typesOf = (valueAt: (index: number) => string) => {
        const targets = connector.targetsOf({
          identifiers: types.map((type, index) => ({ type, value: valueAt(index) })),
        });
        return [...new Set(targets.map(({ type }) => type))].sort();
      };
      const forms = [identifierFor, ...Object.values(identifierForms)];
      for (const form of forms) {
        const apart = typesOf((index) => form(`ada-${4711 + index}`));
        const same = typesOf(() => form('ada-4711'));
        const lost = apart.find((type) => !same.includes(type));
        ensure(
          lost === undefined,
          `targetsOf() makes no '${lost}' of a subject whose identifiers all have the same value. They name different records ` +
            'at the vendor: compare type and value when you leave out what is there twice.',
        );
      }
    },
  },
  {
    name: 'is done in the time that capabilities.completion states',
    notAsked: unless((connector) => statedTime(connector) !== undefined, 'capabilities.completion states no time'),
    async run(harness) {
      const { connector, clock } = harness;
      const ms = statedTime(connector) ?? 0;
      const person = await seedPerson(harness, 'ada-4711');
      const outcomes = await submitAll(harness, person.targets);
      clock.advance(ms);
      ensure(
        await areGone(harness, [person]),
        `capabilities.completion states ${ms} ms, and after that the person is still in the vendor's memory. State the ` +
          'time that the vendor documents, and let the fake vendor take no longer.',
      );
      const pending = (await checkAll(harness, person.targets, outcomes)).find(({ state }) => state === 'pending');
      ensure(
        pending === undefined,
        `capabilities.completion states ${ms} ms, and after that check() still says 'pending' (${pending?.vendorStatus}).`,
      );
    },
  },
  {
    name: 'shows no credential in what it says about itself',
    async run({ connector, secrets }) {
      ensure(
        !showsAny(connector.capabilities, secrets),
        'capabilities show a credential. Reports print them: leave options out of sentences.',
      );
    },
  },
  {
    name: 'completion becomes known as capabilities.completion says',
    async run(harness) {
      const { connector } = harness;
      const { type } = connector.capabilities.completion;
      const person = await seedPerson(harness, 'ada-4711');
      const outcomes = await submitAll(harness, person.targets);
      const types = new Set(outcomes.map((outcome) => outcome.type));
      if (type === 'immediate') {
        ensure(
          isEndedAtOnce(outcomes.map((outcome) => outcome.type)),
          `capabilities.completion is 'immediate', and submit() reports '${[...types].join()}'. Say how completion becomes known.`,
        );
        return;
      }
      ensure(
        types.has('accepted') && types.size === 1,
        `capabilities.completion is '${type}', and submit() reports '${[...types].join()}' of a person who is there. A vendor ` +
          "that works on it later has 'accepted' it.",
      );
      if (type !== 'polled') return;
      ensure(
        outcomes.every((outcome) => outcome.type === 'accepted' && outcome.receipt !== undefined),
        "capabilities.completion is 'polled', and submit() gives no receipt to ask by.",
      );
      const [early] = await checkAll(harness, person.targets, outcomes);
      ensure(
        early?.state === 'pending' || early?.state === 'deleted',
        `check() says '${early?.state}' right after the submission. Say 'pending'.`,
      );
    },
  },
];

function statedTime({ capabilities: { completion } }: DeletionConnector): number | undefined {
  if (completion.type === 'polled') return completion.expectedWithinMs;
  return completion.type === 'elapsed' ? completion.afterMs : undefined;
}

/** A person's first deletion may leave nothing for their other identifiers. */
function isEndedAtOnce(types: readonly string[]): boolean {
  return types.includes('deleted') && types.every((type) => type === 'deleted' || type === 'absent');
}
