import { type Target, type VerifyOutcome, verifyOutcomeSchema } from '@expunge/core';
import { batchesOf, callCalmly } from './carry-out.ts';
import { ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';

/** Reads targets back in calls as large as the limits allow: what is seen of each, in order. */
export async function verifyAll(
  harness: ConformanceHarness,
  targets: readonly Target[],
): Promise<VerifyOutcome['type'][]> {
  const { connector } = harness;
  const { maxTargets, oneTypePerCall } = connector.capabilities.limits.verify ?? { maxTargets: 1 };
  const seen: VerifyOutcome['type'][] = [];
  for (const batch of batchesOf(targets, maxTargets, oneTypePerCall === true)) {
    const outcomes = (await callCalmly(harness, 'verify', async () => connector.verify?.(batch))) ?? [];
    ensure(
      outcomes.length === batch.length,
      `verify() got ${batch.length} targets and returned ${outcomes.length} outcomes. Return one outcome per target.`,
    );
    for (const outcome of outcomes) {
      ensure(
        verifyOutcomeSchema.safeParse(outcome).success,
        `verify() returns an outcome ('${outcome.type}') that verifyOutcomeSchema of @expunge/core does not know.`,
      );
      seen.push(outcome.type);
    }
  }
  return seen;
}
