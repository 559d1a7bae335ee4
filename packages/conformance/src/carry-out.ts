import {
  type CallKind,
  type CheckOutcome,
  ConnectorError,
  type Receipt,
  type SubmitOutcome,
  type Target,
} from '@expunge/core';
import { ConformanceError, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';

/**
 * Makes one call that has to work: with the distance in the vendor's time that the connector's rate limits ask for,
 * and with advice where it fails.
 */
export async function callCalmly<Value>(
  { connector, clock }: ConformanceHarness,
  kind: CallKind,
  call: () => Promise<Value>,
): Promise<Value> {
  const rates = connector.capabilities.limits.rates.filter(({ kinds }) => kinds.includes(kind));
  clock.advance(Math.max(0, ...rates.map(({ calls, perMs }) => Math.ceil(perMs / calls))));
  try {
    return await call();
  } catch (error) {
    if (!ConnectorError.isInstance(error)) throw error;
    const status = error.httpStatus === undefined ? '' : ` (HTTP ${error.httpStatus})`;
    throw new ConformanceError(
      `${kind}() fails with '${error.code}'${status} although nothing is wrong with the vendor: ${error.message} Look at ` +
        'vendor.requests for what was sent and answered.',
      { cause: error },
    );
  }
}

/** Submits in calls as large as the limits allow, one outcome per target. */
export async function submitAll(
  harness: ConformanceHarness,
  targets: readonly Target[],
): Promise<readonly SubmitOutcome[]> {
  const { connector } = harness;
  const { maxTargets, oneTypePerCall } = connector.capabilities.limits.submit;
  const outcomes: SubmitOutcome[] = [];
  for (const batch of batchesOf(targets, maxTargets, oneTypePerCall === true)) {
    const answered = await callCalmly(harness, 'submit', () => connector.submit(batch));
    ensure(
      answered.length === batch.length,
      `submit() got ${batch.length} targets and returned ${answered.length} outcomes. Return one outcome per target, ` +
        'in the order of the targets: also for unknown people, duplicates and whatever the vendor leaves out of its answer.',
    );
    outcomes.push(...answered);
  }
  return outcomes;
}

/** Cuts targets into batches. */
export function batchesOf(targets: readonly Target[], maxTargets: number, isOneTyped: boolean): Target[][] {
  const batches: Target[][] = [];
  for (const target of targets) {
    const last = batches.at(-1);
    const hasRoom = last !== undefined && last.length < maxTargets;
    if (hasRoom && (!isOneTyped || last[0]?.type === target.type)) last.push(target);
    else batches.push([target]);
  }
  return batches;
}

/** The receipts among outcomes, each once, as they come back from a ledger that stores them as JSON. */
export function receiptsOf(outcomes: readonly SubmitOutcome[]): Receipt[] {
  const texts = outcomes.flatMap((outcome) =>
    outcome.type === 'accepted' && outcome.receipt !== undefined ? [JSON.stringify(outcome.receipt)] : [],
  );
  return [...new Set(texts)].map((text): Receipt => JSON.parse(text));
}

/** How the submissions of some outcomes stand. */
export async function checkAll(
  harness: ConformanceHarness,
  outcomes: readonly SubmitOutcome[],
): Promise<CheckOutcome[]> {
  const { connector } = harness;
  const states: CheckOutcome[] = [];
  for (const receipt of connector.check === undefined ? [] : receiptsOf(outcomes)) {
    const state = await callCalmly(harness, 'check', async () => connector.check?.(receipt));
    if (state !== undefined) states.push(state);
  }
  return states;
}
