import type { RecordedRequest } from '@expunge/vendor-sandbox';
import { submissionsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { resultOf } from './expect-failure.ts';
import { without } from './not-asked.ts';
import { seedPerson } from './people.ts';
import { checkOne } from './submissions.ts';
import { submitOne } from './submit-one.ts';

/** A wrong path, region or project: the vendor answers in its own form, and about nobody. */
export const wrongAddressChecks: readonly ConformanceCheck[] = [
  {
    name: "submit() does not take the vendor's own answer at a wrong address for one about the person",
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      await atWrongAddress(
        harness,
        () => submitOne(harness, person),
        async () => (await submitOne(harness, person)).map(({ type }) => type).find((type) => type !== 'deferred'),
        'submit',
      );
    },
  },
  {
    name: "check() does not take the vendor's own answer at a wrong address for one about the submission",
    notAsked: without('check'),
    async run(harness) {
      const { targets } = await seedPerson(harness, 'ada-4711');
      const [submission] = submissionsOf(targets, await submitAll(harness, targets));
      if (submission === undefined) return;
      const ask = () => checkOne(harness, submission);
      await atWrongAddress(
        harness,
        ask,
        // 'lost' claims nothing of the person, and many vendors answer for an unknown job as for an unknown path.
        async () => (await ask()).map(({ state }) => state).find((state) => state !== 'unknown' && state !== 'lost'),
        'check',
      );
    },
  },
  {
    name: "verify() does not take the vendor's own answer at a wrong address for an absence",
    notAsked: without('verify'),
    async run(harness) {
      const { targets } = await seedPerson(harness, 'ada-4711');
      const read = async () => (await harness.connector.verify?.(targets.slice(0, 1))) ?? [];
      await atWrongAddress(
        harness,
        read,
        async () => (await read()).map(({ type }) => type).find((type) => type !== 'unknown'),
        'verify',
      );
    },
  },
];

/**
 * Sees what a call asks, asks the fake vendor the same at an address that it does not have, and gives that answer to the call. The
 * connector is fresh: whatever it has seen to be right, it has not seen at this address.
 */
async function atWrongAddress(
  harness: ConformanceHarness,
  see: () => Promise<unknown>,
  call: () => Promise<string | undefined>,
  method: string,
): Promise<void> {
  const { vendor, clock, connector, submitPath } = harness;
  const path = method === 'submit' ? submitPath : undefined;
  const pause = Math.max(1000, ...connector.capabilities.limits.rates.map(({ perMs }) => perMs));
  const before = vendor.requests.length;
  clock.advance(pause);
  vendor.faults.add({
    fault: { type: 'status', status: 500, body: {} },
    times: 100,
    ...(path === undefined ? {} : { path }),
  });
  await resultOf(see);
  vendor.faults.clear();
  const request = vendor.requests.slice(before).find(({ fault }) => fault !== undefined);
  const answer = request === undefined ? undefined : await answerElsewhere(request);
  // Some fake vendors look at the end of a path alone.
  if (answer === undefined || answer.status < 400) return;
  clock.advance(pause);
  vendor.faults.add({ fault: { type: 'status', ...answer }, times: 100 });
  const result = await resultOf(call);
  vendor.faults.clear();
  ensure(
    'error' in result || result.value === undefined,
    `At an address that the vendor does not have, it answers HTTP ${answer.status} in its own form, and ${method}() says ` +
      `'${'value' in result && result.value}'. Only the very words that the vendor documents for somebody who is not there mean that: ` +
      'with a wrong path or region everybody would be.',
  );
}

async function answerElsewhere({ method, path, query, headers, body }: RecordedRequest) {
  const { host, 'content-length': _length, connection: _connection, 'transfer-encoding': _encoding, ...kept } = headers;
  if (host === undefined) return undefined;
  const sent = Object.entries(kept).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, `${value}`]],
  );
  const response = await fetch(`http://${host}/conformance${path}${query === '' ? '' : `?${query}`}`, {
    method,
    headers: sent,
    redirect: 'manual',
    ...(method === 'GET' || body === '' ? {} : { body }),
  }).catch(() => undefined);
  if (response === undefined) return undefined;
  const type = response.headers.get('content-type');
  return {
    status: response.status,
    headers: type === null ? {} : { 'content-type': type },
    body: await response.text(),
  };
}
