import { isDeepStrictEqual } from 'node:util';
import { connectorFaults } from '@expunge/core';
import { checkAll, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import { seedPerson } from './people.ts';

/** What a connector says about itself is true. */
export const capabilityChecks: readonly ConformanceCheck[] = [
  {
    name: 'keeps to the shape of the contract',
    async run({ connector }) {
      const faults = connectorFaults(connector);
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
    async run({ connector, subjectOf }) {
      const { identifiers } = connector.capabilities;
      const stated = new Set(identifiers.map(({ type }) => type));
      const used = subjectOf('ada-4711').identifiers.find(({ type }) => !stated.has(type));
      ensure(
        used === undefined,
        `harness.subjectOf() uses the identifier type '${used?.type}', which capabilities.identifiers does not state. A ` +
          "subject carries the vendor's names for identifiers.",
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
          types.has('deleted') && types.size === 1,
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
      const [early] = await checkAll(harness, outcomes);
      ensure(
        early?.state === 'pending' || early?.state === 'deleted',
        `check() says '${early?.state}' right after the submission. Say 'pending'.`,
      );
    },
  },
];
