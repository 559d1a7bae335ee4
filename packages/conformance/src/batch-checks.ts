import { ConnectorError, type Target } from '@expunge/core';
import { checkAll, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { areGone, personOf, seedPeople } from './people.ts';

// An identifier is at most 4,096 characters long (packages/core); some are left for what subjectOf() adds.
const longestValue = 4000;

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
    name: 'refuses a batch with too many bytes before calling',
    appliesTo: ({ connector }) => {
      const { maxBytes, maxTargets } = connector.capabilities.limits.submit;
      return maxBytes !== undefined && maxTargets * longestValue > maxBytes;
    },
    run: (harness) => {
      const { maxBytes = 0, maxTargets } = harness.connector.capabilities.limits.submit;
      const length = Math.ceil(maxBytes / maxTargets) + 10;
      const values = numbered(maxTargets).map((value) => value.padEnd(length, 'x'));
      const targets = values.flatMap((value) => personOf(harness, value).targets).slice(0, maxTargets);
      return ensureRefused(harness, 'submit', targets, `maxBytes is ${maxBytes}`);
    },
  },
  {
    name: 'refuses a read-back with too many targets before calling',
    appliesTo: ({ connector }) => connector.verify !== undefined && connector.capabilities.limits.verify !== undefined,
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
