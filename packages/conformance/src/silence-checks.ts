import { setImmediate, setTimeout } from 'node:timers/promises';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { ensureMeaning, expectFailure, resultOf } from './expect-failure.ts';
import { withoutField } from './not-asked.ts';
import { seedPerson } from './people.ts';
import { addSubmitFault, submitOne } from './submit-one.ts';

// Real time: how long a call may take to notice that it was given up.
const graceMs = 10_000;

/** A call ends when its caller, or its own patience, has had enough. */
export const silenceChecks: readonly ConformanceCheck[] = [
  {
    name: 'submit() with a signal that has been given up already',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const when = 'is never called because the signal was aborted before';
      const error = await expectFailure(harness, person, when, () => submitOne(harness, person, AbortSignal.abort()));
      ensure(harness.vendor.requests.length === 0, 'submit() calls the vendor although its signal is aborted already.');
      await ensureMeaning(harness, person, when, error, { codes: ['not-sent'], effect: 'nothing' });
    },
  },
  {
    name: 'submit() with a signal that is given up while the vendor is silent',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      addSubmitFault(harness, { type: 'hang-after' });
      const when = 'acts and stays silent until the signal is aborted';
      const abort = new AbortController();
      let hasEnded = false;
      const submission = resultOf(() => submitOne(harness, person, abort.signal)).finally(() => {
        hasEnded = true;
      });
      while (!hasEnded && !isHanging(harness)) await setImmediate();
      abort.abort();
      const result = await orLate(submission);
      ensure(
        result !== 'late',
        'submit() goes on waiting after its signal was aborted. Hand options.signal to every call that it makes.',
      );
      const error = await expectFailure(harness, person, when, async () => {
        if ('error' in result) throw result.error;
      });
      await ensureMeaning(harness, person, when, error, { codes: ['aborted'], effect: 'in-doubt' });
    },
  },
  {
    name: 'submit() when the vendor stays silent',
    notAsked: withoutField('impatientConnector'),
    async run(harness) {
      const { impatientConnector: connector = harness.connector } = harness;
      const person = await seedPerson(harness, 'ada-4711');
      addSubmitFault(harness, { type: 'hang-after' });
      const when = 'acts and stays silent';
      const result = await orLate(resultOf(() => submitOne({ connector }, person)));
      ensure(result !== 'late', 'harness.impatientConnector waits longer than ten seconds for a silent vendor.');
      const error = await expectFailure(harness, person, when, async () => {
        if ('error' in result) throw result.error;
      });
      await ensureMeaning(harness, person, when, error, { codes: ['timed-out'], effect: 'in-doubt' });
    },
  },
];

function isHanging({ vendor }: ConformanceHarness): boolean {
  return vendor.requests.some(({ fault }) => fault === 'hang-after');
}

async function orLate<Value>(promise: Promise<Value>): Promise<Value | 'late'> {
  const stop = new AbortController();
  const late = setTimeout(graceMs, 'late' as const, { signal: stop.signal }).catch(() => 'late' as const);
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
}
