import type { CallKind, CallOptions } from '@expunge/core';
import { receiptsOf } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { resultOf } from './expect-failure.ts';
import { personOf, seedPerson } from './people.ts';

/** The caller can keep the vendor's limits: it hears of every call. */
export const limitChecks: readonly ConformanceCheck[] = [
  { name: 'awaits beforeCall() before every call to the vendor', run: countCalls },
];

async function countCalls(harness: ConformanceHarness): Promise<void> {
  const { connector, vendor } = harness;
  const { targets } = await seedPerson(harness, 'ada-4711');
  const more = personOf(harness, 'bob-4712').targets;
  const { submit, verify } = connector.capabilities.limits;
  const ask = async <Value>(kind: CallKind, method: string, call: (options: CallOptions) => Promise<Value>) => {
    const before = vendor.requests.length;
    let announced = 0;
    const beforeCall = async () => {
      announced += 1;
      makeRoom(harness, kind);
    };
    makeRoom(harness, kind);
    const result = await resultOf(() => call({ beforeCall }));
    const made = vendor.requests.length - before;
    ensure(
      made <= announced,
      `${method}() makes ${made} calls to the vendor and awaits beforeCall() ${announced} times: calls that nobody hears of break ` +
        "the vendor's limits. Hand the options of the method on to sendRequest() as `call`, or await `options.beforeCall?.()` " +
        'before each call.',
    );
    return result;
  };
  await ask('access', 'checkAccess', (options) => connector.checkAccess(options));
  await ask('verify', 'verify', async (options) =>
    connector.verify?.([...targets, ...more].slice(0, verify?.maxTargets ?? 1), options),
  );
  const submittedTargets = targets.slice(0, submit.oneTypePerCall === true ? 1 : submit.maxTargets);
  const submitted = await ask('submit', 'submit', (options) => connector.submit(submittedTargets, options));
  for (const receipt of 'error' in submitted ? [] : receiptsOf(submitted.value)) {
    await ask('check', 'check', async (options) => connector.check?.(receipt, submittedTargets, options));
    await ask('recover', 'recover', async (options) =>
      connector.recover?.(submittedTargets, new Date(harness.clock.now()).toISOString(), options),
    );
    await ask('cancel', 'cancel', async (options) => connector.cancel?.(receipt, submittedTargets, options));
  }
}

function makeRoom({ connector, clock }: ConformanceHarness, kind: CallKind): void {
  const rates = connector.capabilities.limits.rates.filter(({ kinds }) => kinds.includes(kind));
  clock.advance(Math.max(0, ...rates.map(({ calls, perMs }) => Math.ceil(perMs / calls))));
}
