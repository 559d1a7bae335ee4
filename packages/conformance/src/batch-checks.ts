import { ConnectorError, type DeletionConnector, type Target } from '@expunge/core';
import { callCalmly, checkAll, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { resultOf } from './expect-failure.ts';
import { without } from './not-asked.ts';
import { areGone, type Person, personOf, personWith, seedPeople, seedValue } from './people.ts';

// An identifier is at most 4,096 characters long (packages/core); some are left for what subjectOf() adds.
const longestValue = 4000;
/** Some vendors' identifiers may not be as long as ours. */
const longestFilled = 200;
const maxFilledBytes = 200_000;
/** How many calls are worth making to try one limit. */
const mostCalls = 60;

const isAskable = ({ kinds, calls }: { readonly kinds: readonly string[]; readonly calls: number }) =>
  calls <= mostCalls && ['access', 'verify', 'submit'].some((kind) => kinds.includes(kind));

/** Limits are data: the caller obeys them, and the connector refuses what breaks them. */
export const batchChecks: readonly ConformanceCheck[] = [
  {
    name: 'takes a full batch',
    async run(harness) {
      const { maxTargets } = harness.connector.capabilities.limits.submit;
      const people = await seedPeople(harness, ...numbered(maxTargets));
      const targets = people.flatMap((person) => person.targets);
      const outcomes = await submitAll(harness, targets);
      await harness.settle();
      await checkAll(harness, targets, outcomes);
      ensure(
        await areGone(harness, people),
        `limits.submit.maxTargets is ${maxTargets}, and of that many people in one call some are still there.`,
      );
    },
  },
  {
    name: 'refuses a batch with too many targets before calling',
    run: (harness) => {
      const { maxTargets } = harness.connector.capabilities.limits.submit;
      const targets = numbered(maxTargets + 1).flatMap((value) => personOf(harness, value).targets);
      return ensureRefused(harness, 'submit', targets.slice(0, maxTargets + 1), `maxTargets is ${maxTargets}`);
    },
  },
  {
    name: 'refuses types that are mixed in a call that takes one, before calling',
    notAsked: ({ connector }) =>
      connector.capabilities.limits.submit.oneTypePerCall === true && connector.capabilities.identifiers.length > 1
        ? undefined
        : 'a call takes any types of identifiers, or there is one',
    run: (harness) => {
      const [type, other] = harness.connector.capabilities.identifiers.map((identifier) => identifier.type);
      const targets = [type, other].map((each) => ({ type: `${each}`, value: personOf(harness, 'ada-4711').value }));
      return ensureRefused(harness, 'submit', targets, 'oneTypePerCall is true');
    },
  },
  {
    name: 'refuses a batch with too many bytes before calling',
    notAsked: ({ connector, identifierFor }) => {
      const { maxBytes, maxTargets } = connector.capabilities.limits.submit;
      if (maxBytes === undefined) return 'capabilities.limits.submit states no maxBytes';
      if (maxTargets * longestValue <= maxBytes) return 'as many targets as one call takes can not be that long';
      return identifierFor === undefined
        ? undefined
        : 'harness.identifierFor gives identifiers of a length of their own';
    },
    run: (harness) => {
      const { maxBytes = 0, maxTargets } = harness.connector.capabilities.limits.submit;
      const length = Math.ceil(maxBytes / maxTargets) + 10;
      const values = numbered(maxTargets).map((value) => value.padEnd(length, 'x'));
      const targets = values.flatMap((value) => personWith(harness, value).targets).slice(0, maxTargets);
      return ensureRefused(harness, 'submit', targets, `maxBytes is ${maxBytes}`);
    },
  },
  {
    name: 'takes a batch of as many bytes as it states',
    notAsked: ({ connector, identifierFor }) => {
      const { maxBytes, maxTargets } = connector.capabilities.limits.submit;
      if (maxBytes === undefined) return 'capabilities.limits.submit states no maxBytes';
      if (maxBytes > maxFilledBytes) return `a call of more than ${maxFilledBytes} bytes is not made by the suite`;
      if (maxTargets * longestFilled <= maxBytes) return 'as many targets as one call takes can not be that long';
      return identifierFor === undefined
        ? undefined
        : 'harness.identifierFor gives identifiers of a length of their own';
    },
    async run(harness) {
      const {
        maxBytes = 0,
        maxTargets,
        bytesPerCall = 0,
        bytesPerTarget = 0,
      } = harness.connector.capabilities.limits.submit;
      const count = Math.min(maxTargets, Math.ceil(maxBytes / longestFilled));
      const perValue = Math.floor((maxBytes - bytesPerCall) / count) - bytesPerTarget - 2;
      const people: Person[] = [];
      for (const value of numbered(count)) people.push(await seedValue(harness, value.padEnd(perValue, 'x')));
      await callCalmly(harness, 'submit', () => harness.connector.submit(people.flatMap(({ targets }) => targets)));
      await harness.settle();
      ensure(
        await areGone(harness, people),
        `A call of ${maxBytes} bytes, as limits.submit states them with bytesPerCall and bytesPerTarget, is taken, and some of its ` +
          'people are still there.',
      );
    },
  },
  {
    name: 'the vendor takes calls as fast as the limits state',
    notAsked: ({ connector }) =>
      connector.capabilities.limits.rates.some(isAskable)
        ? undefined
        : `no rate of at most ${mostCalls} calls is stated`,
    async run(harness) {
      const { connector, clock, vendor } = harness;
      const { rates } = connector.capabilities.limits;
      for (const rate of rates.filter(isAskable)) {
        clock.advance(Math.max(...rates.map(({ perMs }) => perMs)) * 2);
        const kind = rate.kinds.includes('access') ? 'access' : rate.kinds.includes('verify') ? 'verify' : 'submit';
        // Other limits of the connector hold as well: within them, as fast as this one allows.
        const others = rates.filter((other) => other !== rate && other.kinds.includes(kind));
        const pauseMs = Math.max(0, ...others.map(({ calls, perMs }) => Math.ceil(perMs / calls)));
        if (pauseMs * rate.calls > rate.perMs) continue;
        for (let call = 0; call < rate.calls; call += 1) {
          clock.advance(pauseMs);
          const { targets } = personOf(harness, `fast-${call}`);
          const result = await resultOf(() => callOnce(connector, kind, targets.slice(0, 1)));
          const isLimited =
            'error' in result && ConnectorError.isInstance(result.error) && result.error.httpStatus === 429;
          ensure(
            !isLimited,
            `limits.rates states ${rate.calls} calls in ${rate.perMs} ms, and the vendor refuses call ${call + 1} (HTTP 429). State ` +
              'the limits that the vendor documents, and let the fake vendor keep to the same.',
          );
        }
        vendor.faults.clear();
      }
    },
  },
  {
    name: 'refuses a read-back with too many targets before calling',
    notAsked: without('verify'),
    run: (harness) => {
      const { maxTargets = 1 } = harness.connector.capabilities.limits.verify ?? {};
      const targets = numbered(maxTargets + 1).flatMap((value) => personOf(harness, value).targets);
      return ensureRefused(harness, 'verify', targets.slice(0, maxTargets + 1), `maxTargets is ${maxTargets}`);
    },
  },
];

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `many-${index}`);
}

async function ensureRefused(
  { connector, vendor }: ConformanceHarness,
  method: 'submit' | 'verify',
  targets: readonly Target[],
  limit: string,
): Promise<void> {
  const error: unknown = await connector[method]?.(targets).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  ensure(
    vendor.requests.length === 0,
    `limits.${method}: ${limit}, and ${method}() calls the vendor with more. The caller splits batches and counts the ` +
      "calls; refuse more than the limit with the code 'request-too-large', before any call.",
  );
  ensure(
    ConnectorError.isInstance(error) && error.effect === 'nothing',
    `limits.${method}: ${limit}, and ${method}() takes more without an error. Throw a ConnectorError with the code ` +
      "'request-too-large', before any call.",
  );
}

async function callOnce(
  connector: DeletionConnector,
  kind: 'access' | 'verify' | 'submit',
  targets: readonly Target[],
): Promise<unknown> {
  if (kind === 'access') return connector.checkAccess();
  return kind === 'verify' ? connector.verify?.(targets) : connector.submit(targets);
}
