import { type CallOptions, ConnectorError } from '@expunge/core';
import type { Fault } from '@expunge/vendor-sandbox';
import { callCalmly, receiptsOf, submissionsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { ensureSafeError, expectFailure, resultOf } from './expect-failure.ts';
import { without } from './not-asked.ts';
import { areGone, personOf, seedPeople, seedPerson } from './people.ts';
import { recordAnswers, replay } from './recorded-answers.ts';
import { addSubmitFault, submitOne } from './submit-one.ts';
import { submitUntilDone } from './submit-until-done.ts';
import { verifyAll } from './verify-all.ts';

const readFaults: readonly { readonly when: string; readonly fault: Fault }[] = [
  { when: 'answers HTTP 401', fault: { type: 'status', status: 401, body: {} } },
  { when: 'answers HTTP 403', fault: { type: 'status', status: 403, body: {} } },
  { when: 'answers HTTP 404', fault: { type: 'status', status: 404, body: {} } },
  { when: 'answers HTTP 429', fault: { type: 'status', status: 429, body: {} } },
  { when: 'answers HTTP 500', fault: { type: 'status', status: 500, body: {} } },
  { when: 'answers a web page', fault: { type: 'html' } },
  { when: 'answers half of its JSON', fault: { type: 'truncated' } },
  { when: 'resets the connection', fault: { type: 'reset-before' } },
];

/** Reading the vendor's data and the state of a submission: what is seen is said, and a failed look is no absence. */
export const readChecks: readonly ConformanceCheck[] = [
  {
    name: 'verify() sees who is there and who is not, in order',
    notAsked: without('verify'),
    async run(harness) {
      const stranger = personOf(harness, 'nobody-1');
      const people = await seedPeople(harness, 'ada-4711', 'grace-4712');
      const targets = [stranger, ...people].flatMap((person) => person.targets);
      const seen = await verifyAll(harness, targets);
      for (const [index, type] of seen.entries()) {
        const isStranger = index < stranger.targets.length;
        ensure(
          isStranger ? type !== 'present' : type === 'present',
          `verify() says '${type}' of a person who is ${isStranger ? 'not there' : 'there'}. Read the record that the ` +
            'target names, and return the outcomes in the order of the targets.',
        );
      }
    },
  },
  {
    name: 'verify() makes nothing of an absence that comes with an error status',
    notAsked: without('verify'),
    async run(harness) {
      const { vendor, clock, connector } = harness;
      const pause = Math.max(1000, ...connector.capabilities.limits.rates.map(({ perMs }) => perMs));
      const read = async (name: string) =>
        (await connector.verify?.(personOf(harness, name).targets.slice(0, 1))) ?? [];
      // The first read may also prove the service, once in a run.
      await callCalmly(harness, 'verify', () => read('nobody-1'));
      const own = await recordAnswers(harness, () => callCalmly(harness, 'verify', () => read('nobody-2')));
      const last = own.answers.at(-1);
      if (last === undefined || own.value[0]?.type !== 'absent') return;
      for (const status of [500, 503]) {
        clock.advance(pause);
        replay(harness, [...own.answers.slice(0, -1), { ...last, status }]);
        // A connector that asks more than once gets it each time.
        vendor.faults.add({ fault: { type: 'status', status, headers: last.headers, body: last.body }, times: 100 });
        const result = await resultOf(() => read('nobody-3'));
        vendor.faults.clear();
        const type = 'error' in result ? undefined : result.value[0]?.type;
        ensure(
          type === undefined || type === 'unknown',
          `The vendor answers HTTP ${status} with the body that means nobody is there, and verify() says '${type}'. Look at the ` +
            'status first: an error says nothing about a person, whatever stands in its body.',
        );
      }
    },
  },
  {
    name: 'verify() no longer sees a person who was deleted',
    notAsked: without('verify'),
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      await submitAll(harness, person.targets);
      await harness.settle();
      const [type] = await verifyAll(harness, person.targets);
      ensure(
        type !== 'present',
        "verify() says 'present' of a person who is gone from the vendor's memory. Let harness.settle() wait as long as " +
          'capabilities.readBack.afterMs.',
      );
      ensure(
        type === 'absent',
        `verify() says '${type}' of a person who is gone. A read-back that sees nobody's absence proves no deletion: leave ` +
          "verify() out, or say 'absent' where the vendor answers that it has no such record.",
      );
    },
  },
  {
    name: 'a person who comes back is seen again, and deleted again',
    notAsked: without('verify'),
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      await verifyAll(harness, person.targets);
      await submitAll(harness, person.targets);
      await harness.settle();
      await verifyAll(harness, person.targets);
      await harness.seed(person.subject);
      // A vendor that was told to keep somebody out does so.
      if (await areGone(harness, [person])) return;
      const [type] = await verifyAll(harness, person.targets);
      ensure(
        type === 'present',
        `verify() says '${type}' of a person who was deleted and came back. What was read before a deletion, or right after it, ` +
          'says nothing of later: ask the vendor each time.',
      );
      await submitAll(harness, person.targets);
      await harness.settle();
      ensure(
        await areGone(harness, [person]),
        'A person who was deleted and came back is still there after a second deletion. An id that was read before the first one ' +
          'is not theirs any more.',
      );
    },
  },
  {
    name: 'verify() is worth its call at capabilities.readBack.afterMs',
    notAsked: without('verify'),
    async run(harness) {
      const { connector, clock } = harness;
      const { readBack } = connector.capabilities;
      const person = await seedPerson(harness, 'ada-4711');
      await submitUntilDone(harness, person);
      clock.advance(readBack?.afterMs ?? 0);
      const [type] = await verifyAll(harness, person.targets);
      ensure(
        type !== 'present' || !(await areGone(harness, [person])),
        `capabilities.readBack.afterMs is ${readBack?.afterMs}, and that long after the end verify() still says 'present' of a person ` +
          "who is gone from the vendor's memory. The engine reads then: state the time that reads lag behind.",
      );
    },
  },
  {
    name: 'verify() catches a vendor that says it deleted and did not',
    notAsked: without('verify'),
    async run(harness) {
      const { vendor } = harness;
      const person = await seedPerson(harness, 'ada-4711');
      addSubmitFault(harness, { type: 'lie' });
      // Some connectors read back at once and complain by themselves.
      await resultOf(() => submitOne(harness, person));
      vendor.faults.clear();
      await harness.settle();
      const [type] = await verifyAll(harness, person.targets);
      ensure(
        type === 'present',
        `verify() says '${type}' of a person who is still there. Ask the vendor, and remember nothing of the submission.`,
      );
    },
  },
  {
    name: 'verify() of nobody, and with a signal that has been given up already',
    notAsked: without('verify'),
    async run(harness) {
      const { connector, vendor } = harness;
      const { targets } = personOf(harness, 'ada-4711');
      const seen = await connector.verify?.([]);
      ensure(seen?.length === 0 && vendor.requests.length === 0, 'verify([]) calls the vendor. Return an empty list.');
      await ensureNotSent(harness, 'verify', (call) => connector.verify?.(targets.slice(0, 1), call));
    },
  },
  {
    name: 'check() with a signal that has been given up already',
    notAsked: without('check'),
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const [receipt] = receiptsOf(await submitAll(harness, person.targets));
      if (receipt === undefined) return;
      await ensureNotSent(harness, 'check', (call) => harness.connector.check?.(receipt, person.targets, call));
    },
  },
  {
    name: 'a receipt of another connector is refused before any call',
    notAsked: ({ connector }) =>
      connector.check === undefined && connector.cancel === undefined
        ? 'the connector has no check() and no cancel()'
        : undefined,
    async run({ connector, vendor, ...harness }) {
      const { targets } = personOf({ connector, vendor, ...harness }, 'ada-4711');
      for (const receipt of [{}, { receipt_of_conformance: 'job-1' }]) {
        for (const method of ['check', 'cancel'] as const) {
          if (connector[method] === undefined) continue;
          const result = await resultOf(async () => connector[method]?.(receipt, targets));
          ensure(
            vendor.requests.length === 0 && 'error' in result && ConnectorError.isInstance(result.error),
            `${method}() calls the vendor with a receipt that is not one of this connector, or says something of it. Whoever changes ` +
              "a configuration can hand it one: check its form, and throw 'request-rejected' before any call.",
          );
        }
      }
    },
  },
  {
    name: 'cancel() with a signal that has been given up already',
    notAsked: without('cancel'),
    async run(harness) {
      const { targets } = await seedPerson(harness, 'ada-4711');
      const [submission] = submissionsOf(targets, await submitAll(harness, targets));
      if (submission === undefined) return;
      await ensureNotSent(harness, 'cancel', (call) =>
        harness.connector.cancel?.(submission.receipt, submission.targets, call),
      );
    },
  },
  {
    name: 'recover() with a signal that has been given up already',
    notAsked: without('recover'),
    async run(harness) {
      const { targets } = await seedPerson(harness, 'ada-4711');
      const since = new Date(harness.clock.now()).toISOString();
      await ensureNotSent(harness, 'recover', (call) => harness.connector.recover?.(targets, since, call));
    },
  },
  ...readFaults.map(
    ({ when, fault }): ConformanceCheck => ({
      name: `verify() when the vendor ${when}`,
      notAsked: without('verify'),
      async run(harness) {
        const person = await seedPerson(harness, 'ada-4711');
        harness.vendor.faults.add({ fault, times: 100 });
        const [target] = person.targets;
        const result = await resultOf(
          async () => (await harness.connector.verify?.(target === undefined ? [] : [target])) ?? [],
        );
        if ('error' in result) {
          ensureSafeError(harness, person, when, result.error);
          return;
        }
        ensure(
          result.value.every(({ type }) => type === 'unknown'),
          `When the vendor ${when}, verify() says '${result.value[0]?.type}'. A look-up that failed shows no absence: throw, ` +
            "or say 'unknown'.",
        );
      },
    }),
  ),
  ...readFaults.map(
    ({ when, fault }): ConformanceCheck => ({
      name: `check() when the vendor ${when}`,
      notAsked: without('check'),
      async run(harness) {
        const person = await seedPerson(harness, 'ada-4711');
        const [receipt] = receiptsOf(await submitAll(harness, person.targets));
        if (receipt === undefined) return;
        await harness.settle();
        harness.vendor.faults.add({ fault, times: 100 });
        await expectFailure(harness, person, when, async () => harness.connector.check?.(receipt, person.targets));
      },
    }),
  ),
];

async function ensureNotSent(
  { vendor }: ConformanceHarness,
  method: string,
  call: (options: CallOptions) => Promise<unknown> | undefined,
): Promise<void> {
  const before = vendor.requests.length;
  const result = await resultOf(async () => call({ signal: AbortSignal.abort() }));
  ensure(
    vendor.requests.length === before,
    `${method}() calls the vendor although its signal is aborted. Hand options.signal to every call that it makes.`,
  );
  ensure(
    !('error' in result) || ConnectorError.isInstance(result.error),
    `${method}() with an aborted signal throws something else than a ConnectorError.`,
  );
}
