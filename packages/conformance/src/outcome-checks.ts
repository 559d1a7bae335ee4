import { isDeepStrictEqual } from 'node:util';
import { ConnectorError, checkOutcomeSchema, submitOutcomeSchema, targetSchema } from '@expunge/core';
import { checkAll, receiptsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import { resultOf } from './expect-failure.ts';
import { outcomesOfEach, personOf, seedPeople, seedPerson } from './people.ts';
import { showsAny } from './shows-any.ts';

/** Every target gets its own outcome, in order, in the contract's words. */
export const outcomeChecks: readonly ConformanceCheck[] = [
  {
    name: 'answers every target in order: known, unknown and twice the same',
    async run(harness) {
      const unknown = personOf(harness, 'nobody-1');
      const [ada, grace] = await seedPeople(harness, 'ada-4711', 'grace-4712');
      ensure(ada !== undefined && grace !== undefined, 'No people were made.');
      // Lopsided on purpose: turned round or shifted, the unknown person's outcome lands on somebody known.
      const people = [unknown, ada, grace];
      const outcomes = await submitAll(
        harness,
        people.flatMap(({ targets }) => targets),
      );
      const [, ...known] = outcomesOfEach(people, outcomes);
      ensure(
        !known.some((each) => each.every(({ type }) => type === 'absent')),
        "submit() reports 'absent' for a person whom the vendor has. Return the outcomes in the order of the targets, " +
          "whatever order the vendor's answer has: match them by id, or ask one by one.",
      );
      await submitAll(harness, [...ada.targets, ...ada.targets]);
    },
  },
  {
    name: 'an empty submission gives no outcome and calls nobody',
    async run({ connector, vendor }) {
      const outcomes = await connector.submit([]);
      ensure(
        outcomes.length === 0 && vendor.requests.length === 0,
        'submit([]) calls the vendor or returns outcomes. Return an empty list: some vendors take an empty list for an ' +
          'error, and others for everybody.',
      );
    },
  },
  {
    name: 'outcomes have the shape of the contract',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const outcomes = await submitAll(harness, person.targets);
      const names = [person.value, ...person.targets.map(({ value }) => value), ...harness.secrets];
      for (const outcome of outcomes) {
        ensure(
          submitOutcomeSchema.safeParse(outcome).success,
          `submit() returns an outcome ('${outcome.type}') that submitOutcomeSchema of @expunge/core does not know. ` +
            'Return the fields of the contract and no others.',
        );
        ensure(
          !showsAny(outcome, names),
          `submit() returns an outcome ('${outcome.type}') that shows the person or a credential. Outcomes are printed: ` +
            'use your own words, and the words of the vendor that its documents list.',
        );
      }
      await harness.settle();
      for (const state of await checkAll(harness, person.targets, outcomes)) {
        ensure(
          !showsAny(state, names),
          `check() returns an outcome ('${state.state}') that shows the person or a credential. Outcomes are printed.`,
        );
        ensure(
          checkOutcomeSchema.safeParse(state).success,
          `check() returns an outcome ('${state.state}') that checkOutcomeSchema of @expunge/core does not know.`,
        );
      }
    },
  },
  {
    name: 'receipts are plain JSON and name no person',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const outcomes = await submitAll(harness, person.targets);
      for (const outcome of outcomes) {
        const receipt = outcome.type === 'accepted' ? outcome.receipt : undefined;
        const kept: unknown = receipt === undefined ? undefined : JSON.parse(JSON.stringify(receipt));
        ensure(
          isDeepStrictEqual(kept, receipt),
          'A receipt changes when it is stored as JSON. Put texts, numbers, lists and plain objects into it only.',
        );
      }
      const values = [person.value, ...person.targets.map(({ value }) => value)];
      ensure(
        !showsAny(receiptsOf(outcomes), values),
        "A receipt holds the person's identifier. Receipts are stored in the clear: keep the vendor's job id only.",
      );
    },
  },
  {
    name: 'makes nothing of a target of another type, and asks nobody about it',
    async run(harness) {
      const { connector, vendor } = harness;
      const { value } = await seedPerson(harness, 'ada-4711');
      const targets = [{ type: 'shoe_size_of_conformance', value }];
      const submitted = await resultOf(() => connector.submit(targets));
      const read = await resultOf(async () => (await connector.verify?.(targets)) ?? []);
      ensure(
        'error' in submitted
          ? ConnectorError.isInstance(submitted.error) && submitted.error.effect === 'nothing'
          : submitted.value.every(({ type }) => type === 'rejected'),
        `submit() reports '${'value' in submitted && submitted.value[0]?.type}' of a target whose type it does not have. Return ` +
          "'rejected' with the reason 'unsupported', and send nothing.",
      );
      ensure(
        'error' in read
          ? ConnectorError.isInstance(read.error) && read.error.effect === 'nothing'
          : read.value.every(({ type }) => type === 'unknown'),
        `verify() says '${'value' in read && read.value[0]?.type}' of a target whose type it does not have. Say 'unknown', and ask nobody.`,
      );
      ensure(
        vendor.requests.length === 0,
        'The vendor is called about a target whose type the connector does not have.',
      );
    },
  },
  {
    name: 'targetsOf() is pure, and makes nothing of identifiers it does not know',
    async run(harness) {
      const { connector, vendor } = harness;
      const { value, subject, targets } = personOf(harness, 'ada-4711');
      ensure(
        targets.every((target) => targetSchema.safeParse(target).success),
        'targetsOf() returns a target that targetSchema of @expunge/core does not know.',
      );
      ensure(
        isDeepStrictEqual(connector.targetsOf(subject), targets) &&
          isDeepStrictEqual(harness.subjectOf(value), subject),
        'targetsOf() returns something else the second time, or changes its subject. Let it depend on the subject only.',
      );
      const strange = { identifiers: [{ type: 'shoe_size_of_conformance', value: '42' }] };
      ensure(
        connector.targetsOf(strange).length === 0,
        'targetsOf() makes a target of an identifier type that is not in capabilities.identifiers. Return nothing for ' +
          'it: the caller then records that there was nothing usable.',
      );
      ensure(vendor.requests.length === 0, 'targetsOf() calls the vendor. It has to work without.');
    },
  },
];
