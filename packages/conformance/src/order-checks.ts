import type { Target } from '@expunge/core';
import { batchesOf, callCalmly, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { identifierForms } from './identifier-forms.ts';
import { areGone, outcomesOfEach, personOf, seedPeople, seedPerson } from './people.ts';
import { verifyAll } from './verify-all.ts';

/** Which outcome belongs to whom: in mixed calls, for equal targets, and for people with several identifiers. */
export const orderChecks: readonly ConformanceCheck[] = [
  {
    name: 'outcomes stay in order where the types of identifiers are mixed',
    notAsked: ({ connector }) => {
      const { identifiers, limits } = connector.capabilities;
      if (identifiers.length === 1) return 'the connector has one type of identifier';
      if (limits.submit.oneTypePerCall === true) return 'a call takes one type of identifier';
      return limits.submit.maxTargets === 1 ? 'a call takes one target' : undefined;
    },
    async run(harness) {
      const people = await seedPeople(harness, 'ada-4711', 'grace-4712');
      const own = people.flatMap(({ targets }) => targets.slice(0, 1));
      const strangers = strangersOf(harness, own[0]?.type);
      const { maxTargets } = harness.connector.capabilities.limits.submit;
      // One of each in turn: grouped by type and put together again, the outcomes would be out of order.
      const mixed = own.flatMap((target, index) => [...strangers.slice(index, index + 1), target]).slice(0, maxTargets);
      const outcomes = await callCalmly(harness, 'submit', () => harness.connector.submit(mixed));
      ensure(
        outcomes.length === mixed.length,
        `submit() got ${mixed.length} targets and returned ${outcomes.length} outcomes.`,
      );
      const wrong = outcomes.find(({ type }, index) => own.includes(mixed[index] as Target) && isRefusal(type));
      ensure(
        wrong === undefined,
        `In a call with two types of identifiers, submit() reports '${wrong?.type}' of a person who is there, and whom it deletes. ` +
          'Put the outcomes back into the order of the targets after splitting them by type.',
      );
      await harness.settle();
      ensure(
        await areGone(harness, people),
        'In a call with two types of identifiers, a person whom submit() takes is not deleted. Look at vendor.requests.',
      );
    },
  },
  {
    name: 'equal targets of a call get equal outcomes',
    async run(harness) {
      const [ada, grace] = await seedPeople(harness, 'ada-4711', 'grace-4712');
      const first = ada?.targets.slice(0, 1) ?? [];
      const second = grace?.targets.slice(0, 1) ?? [];
      const { maxTargets, oneTypePerCall } = harness.connector.capabilities.limits.submit;
      const [targets = []] = batchesOf([...first, ...second, ...first], maxTargets, oneTypePerCall === true);
      const outcomes = await callCalmly(harness, 'submit', () => harness.connector.submit(targets));
      ensure(
        outcomes.length === targets.length,
        `submit() got ${targets.length} targets, two of them equal, and returned ${outcomes.length} outcomes. Return one per target.`,
      );
      ensure(
        outcomes.length < 3 || outcomes[0]?.type === outcomes[2]?.type,
        `submit() reports '${outcomes[0]?.type}' and '${outcomes[2]?.type}' of the same target in one call. Send equal targets ` +
          'once, and give each of them the outcome.',
      );
    },
  },
  {
    name: 'makes targets of all identifiers of a person, each once',
    async run(harness) {
      const { connector } = harness;
      const [ada, grace] = [personOf(harness, 'ada-4711'), personOf(harness, 'grace-4712')];
      const one = JSON.stringify(ada.targets);
      const both = connector.targetsOf({ identifiers: [...ada.subject.identifiers, ...grace.subject.identifiers] });
      const other = connector.targetsOf({ identifiers: [...grace.subject.identifiers, ...ada.subject.identifiers] });
      ensure(
        JSON.stringify(both) !== one && JSON.stringify(other) !== JSON.stringify(grace.targets),
        'Of a person with two identifiers of one type, targetsOf() uses one. Use all of them: a person can have several user ids ' +
          'or devices.',
      );
      const twice = connector.targetsOf({ identifiers: [...ada.subject.identifiers, ...ada.subject.identifiers] });
      ensure(
        JSON.stringify(twice) === one,
        'The same identifier given twice makes another target. Take each once: quotas would be spent twice.',
      );
    },
  },
  {
    name: 'deletes everybody of several calls in any order',
    async run(harness) {
      const people = await seedPeople(harness, 'zoe-3', 'ada-1', 'max-2');
      const stranger = personOf(harness, 'nobody-1');
      const all = [...people, stranger].toReversed();
      const outcomes = await submitAll(
        harness,
        all.flatMap((person) => person.targets),
      );
      const [, ...known] = outcomesOfEach(all, outcomes);
      const wrong = known.find((each) => each.every(({ type }) => isRefusal(type)));
      ensure(
        wrong === undefined,
        `submit() reports '${wrong?.[0]?.type}' of somebody who is there. Match the vendor's answer by id, never by position.`,
      );
      await harness.settle();
      ensure(await areGone(harness, people), 'Of three people in one submission, some are still there.');
    },
  },
  {
    name: 'verify() tells people in one call apart',
    notAsked: ({ connector }) => {
      if (connector.verify === undefined) return 'the connector has no verify()';
      return (connector.capabilities.limits.verify?.maxTargets ?? 1) > 1 ? undefined : 'a read takes one target';
    },
    async run(harness) {
      const ada = await seedPerson(harness, 'ada-4711');
      const strangers = ['nobody-1', 'nobody-2'].map((name) => personOf(harness, name));
      const [alone] = await verifyAll(harness, strangers[0]?.targets.slice(0, 1) ?? []);
      for (const people of [
        [ada, ...strangers],
        [...strangers, ada],
        [ada, ...strangers, ada],
      ]) {
        const targets = people.flatMap((person) => person.targets.slice(0, 1));
        const seen = await verifyAll(harness, targets);
        const wrong = seen.findIndex((type, index) => type !== (people[index] === ada ? 'present' : alone));
        ensure(
          wrong < 0,
          `verify() says '${seen[wrong]}' of somebody who is ${people[wrong] === ada ? 'there' : 'not there'}, in a call about ` +
            `several, and '${people[wrong] === ada ? 'present' : alone}' in a call of their own. Match the answer by id.`,
        );
      }
    },
  },
];

function isRefusal(type: string): boolean {
  return type === 'absent' || type === 'rejected' || type === 'deferred';
}

/** Targets of people whom the vendor does not know, of other types than the harness makes. */
function strangersOf(harness: ConformanceHarness, ownType: string | undefined): Target[] {
  const types = harness.connector.capabilities.identifiers.map(({ type }) => type).filter((type) => type !== ownType);
  return types.flatMap((type) => {
    const forms = [(name: string) => name, ...Object.values(identifierForms)];
    const made = forms.map((form) =>
      ['nobody-8', 'nobody-9'].flatMap((name) =>
        harness.connector.targetsOf({ identifiers: [{ type, value: form(name) }] }),
      ),
    );
    return made.find((targets) => targets.length > 0) ?? [];
  });
}
