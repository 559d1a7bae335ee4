import type { SubmitOutcome } from '@expunge/core';
import { callCalmly, checkAll, eachOf, submissionsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { resultOf } from './expect-failure.ts';
import { unless, without, withoutField } from './not-asked.ts';
import { areGone, areThere, type Person, personOf, seedPeople, seedPerson } from './people.ts';
import { addSubmitFault, submitOne } from './submit-one.ts';

/** The person is gone, and nobody else. */
export const deletionChecks: readonly ConformanceCheck[] = [
  {
    name: 'deletes the person from the vendor, and says so in the end',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const outcomes = await submitAll(harness, person.targets);
      await harness.settle();
      const states = await checkAll(harness, person.targets, outcomes);
      ensure(
        await areGone(harness, [person]),
        "The person is still in the vendor's memory after harness.settle(), although submit() reported success. Look at " +
          'vendor.requests: does the call name the right record, and is it the call that deletes?',
      );
      const refused = outcomes.find(({ type }) => type === 'rejected' || type === 'deferred');
      ensure(
        refused === undefined,
        `submit() reports '${refused?.type}' for a person whom the vendor deleted. Report what the vendor did.`,
      );
      const unfinished = states.find(({ state }) => state !== 'deleted');
      ensure(
        unfinished === undefined,
        `check() still says '${unfinished?.state}' after the vendor was done. Map every final word of the vendor's status.`,
      );
    },
  },
  {
    name: 'touches nobody else',
    async run(harness) {
      const [person, ...bystanders] = await seedPeople(
        harness,
        ...['person-10', 'person-1', 'person-100', 'person-1 0', 'aperson-10', 'somebody-else'],
      );
      ensure(person !== undefined, 'No person was made.');
      await submitAll(harness, person.targets);
      await harness.settle();
      ensure(
        await areThere(harness, bystanders),
        'Somebody else was deleted. Send the identifier exactly as the target holds it: not trimmed, cut, lower-cased, ' +
          'used as a pattern, or looked up by something that several people may share.',
      );
    },
  },
  {
    name: 'leaves a record alone that contradicts the person',
    notAsked: withoutField('seedSomebodyElse'),
    async run(harness) {
      const person = personOf(harness, 'ada-4711');
      const somebodyElse = await harness.seedSomebodyElse?.(person.subject);
      if (somebodyElse === undefined) return;
      ensure(
        !(await harness.isGone(somebodyElse)),
        'harness.isGone() says that a person who was just put in by harness.seedSomebodyElse() is gone.',
      );
      const result = await resultOf(() => submitAll(harness, person.targets));
      await harness.settle();
      ensure(
        !(await harness.isGone(somebodyElse)),
        'Somebody else was deleted, who shares an identifier with the person and differs in another. Compare the record with all of ' +
          'the identifiers of the person before you delete it.',
      );
      const claimed = 'error' in result ? undefined : result.value.find(({ type }) => type === 'deleted');
      ensure(
        claimed === undefined,
        "submit() reports 'deleted', and the vendor has only somebody else who shares an identifier.",
      );
    },
  },
  {
    name: "never says 'deleted' before it is true",
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const outcomes = await submitAll(harness, person.targets);
      if (outcomes.some(isOver)) {
        ensure(
          await areGone(harness, [person]),
          "submit() reports 'deleted' or 'absent' while the person is still at the vendor. Where the vendor works on it " +
            "later, report 'accepted': accepted is not deleted.",
        );
      }
      const states = await checkAll(harness, person.targets, outcomes);
      if (states.some(({ state }) => state === 'deleted')) {
        ensure(
          await areGone(harness, [person]),
          "check() says 'deleted' while the person is still at the vendor. Say 'pending' for every word that is not final.",
        );
      }
    },
  },
  {
    name: 'submitting the same person twice does what capabilities.repeat says',
    notAsked: unless(({ capabilities }) => capabilities.repeat === 'harmless', "capabilities.repeat is 'costly'"),
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      await submitAll(harness, person.targets);
      const again = await submitAll(harness, person.targets);
      await harness.settle();
      const afterwards = await submitAll(harness, person.targets);
      const refused = [...again, ...afterwards].find(({ type }) => type === 'rejected' || type === 'deferred');
      ensure(
        refused === undefined,
        `capabilities.repeat is 'harmless', and submitting the same target again is '${refused?.type}'. Report 'absent' ` +
          "for a record that is already gone, or say 'costly'.",
      );
      ensure(
        await areGone(harness, [person]),
        "capabilities.repeat is 'harmless', and after two submissions the person is still there. Say 'costly'.",
      );
    },
  },
  {
    name: 'cancels what the vendor has not begun',
    notAsked: without('cancel'),
    run: cancelEarly,
  },
  {
    name: 'cancels nothing that is done',
    notAsked: without('cancel'),
    run: cancelLate,
  },
  {
    name: 'recovers the receipt of a submission whose reply was lost',
    notAsked: without('recover'),
    run: recoverLost,
  },
];

function isOver({ type }: SubmitOutcome): boolean {
  return type === 'deleted' || type === 'absent';
}

async function cancelEarly(harness: ConformanceHarness): Promise<void> {
  const { connector } = harness;
  const person = await seedPerson(harness, 'ada-4711');
  const outcomes = await submitAll(harness, person.targets);
  ensure(
    outcomes.every((outcome) => outcome.type === 'accepted' && outcome.receipt !== undefined),
    "The connector has cancel(), and submit() gives no receipt to cancel by. Put the vendor's job id into one.",
  );
  for (const { receipt, targets } of submissionsOf(person.targets, outcomes)) {
    const said = await callCalmly(harness, 'cancel', async () => connector.cancel?.(receipt, targets));
    const failed =
      said === undefined ? undefined : eachOf('cancel', said, targets).find(({ type }) => type !== 'cancelled');
    ensure(
      failed === undefined,
      `cancel() says '${failed?.type}' of a submission that the vendor has not begun. Say 'cancelled'.`,
    );
  }
  await harness.settle();
  ensure(
    await areThere(harness, [person]),
    "cancel() says 'cancelled', and the person was deleted all the same. Look at vendor.requests: is it the right job?",
  );
  const states = await checkAll(harness, person.targets, outcomes);
  ensure(
    states.every(({ state }) => state === 'cancelled'),
    `check() says '${states[0]?.state}' of a cancelled submission. Say 'cancelled'.`,
  );
}

async function cancelLate(harness: ConformanceHarness): Promise<void> {
  const { connector } = harness;
  const person = await seedPerson(harness, 'ada-4711');
  const submissions = submissionsOf(person.targets, await submitAll(harness, person.targets));
  await harness.settle();
  for (const { receipt, targets } of submissions) {
    const said = await callCalmly(harness, 'cancel', async () => connector.cancel?.(receipt, targets));
    const isCancelled = said !== undefined && eachOf('cancel', said, targets).some(({ type }) => type === 'cancelled');
    ensure(
      !isCancelled || (await areThere(harness, [person])),
      "cancel() says 'cancelled' of a submission that is done: the person is gone. Say 'too-late'.",
    );
  }
}

async function recoverLost(harness: ConformanceHarness): Promise<void> {
  const { connector, clock } = harness;
  const person = await seedPerson(harness, 'ada-4711');
  const other = personOf(harness, 'grace-4712');
  const since = new Date(clock.now()).toISOString();
  const recover = ({ targets }: Person) =>
    callCalmly(harness, 'recover', async () => connector.recover?.(targets, since));
  ensure(
    (await recover(person)) === undefined,
    'recover() finds a submission that was never made. Return undefined where the vendor knows of none.',
  );
  addSubmitFault(harness, { type: 'reset-after' });
  await resultOf(() => submitOne(harness, person));
  const receipt = await recover(person);
  ensure(
    receipt !== undefined,
    'recover() does not find a submission that reached the vendor and whose reply was lost. Compare targets and time ' +
      'with what the vendor lists, on every page of the list.',
  );
  ensure(
    (await recover(other)) === undefined,
    "recover() takes somebody else's submission for this one. Compare all targets, not only the time.",
  );
  // Longer than any tolerance between the caller's clock and the vendor's.
  clock.advance(3_600_000);
  const later = new Date(clock.now()).toISOString();
  ensure(
    (await callCalmly(harness, 'recover', async () => connector.recover?.(person.targets, later))) === undefined,
    'recover() finds a submission that was made before `since`. An older one of the same targets is another submission.',
  );
  await harness.settle();
  const said = await callCalmly(harness, 'check', async () => connector.check?.(receipt, person.targets));
  const undone =
    said === undefined ? undefined : eachOf('check', said, person.targets).find((each) => each.state !== 'deleted');
  ensure(
    said !== undefined && undone === undefined,
    `The receipt that recover() found leads check() to '${undone?.state}'.`,
  );
}
