import {
  type CallKind,
  type CheckOutcome,
  ConnectorError,
  type ForTargets,
  outcomesFor,
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

/** A submission as a ledger keeps it. */
export interface Submission {
  readonly receipt: Receipt;
  /** The targets whose outcomes carried the receipt. */
  readonly targets: readonly Target[];
}

/** The submissions that are open after some outcomes, with their receipts as they come back from a ledger that stores JSON. */
export function submissionsOf(targets: readonly Target[], outcomes: readonly SubmitOutcome[]): Submission[] {
  const targetsByReceipt = new Map<string, Target[]>();
  for (const [index, outcome] of outcomes.entries()) {
    const target = targets[index];
    if (outcome.type !== 'accepted' || outcome.receipt === undefined || target === undefined) continue;
    const text = JSON.stringify(outcome.receipt);
    targetsByReceipt.set(text, [...(targetsByReceipt.get(text) ?? []), target]);
  }
  return [...targetsByReceipt].map(([text, those]) => ({ receipt: JSON.parse(text), targets: those }));
}

/** The receipts among outcomes, each once. */
export function receiptsOf(outcomes: readonly SubmitOutcome[]): Receipt[] {
  const targets = outcomes.map(() => ({ type: 'any', value: 'any' }));
  return submissionsOf(targets, outcomes).map(({ receipt }) => receipt);
}

/** One outcome per target of a submission, whichever way the connector gave them. */
export function eachOf<Outcome extends object>(
  method: string,
  said: ForTargets<Outcome>,
  targets: readonly Target[],
): readonly Outcome[] {
  const outcomes = outcomesFor(said, targets);
  ensure(
    outcomes !== undefined,
    `${method}() got ${targets.length} targets and returned a list of another length. Return one outcome for all of them, ` +
      'or one per target in their order.',
  );
  return outcomes;
}

/** How the submissions of some targets stand: one state per target that waits. */
export async function checkAll(
  harness: ConformanceHarness,
  targets: readonly Target[],
  outcomes: readonly SubmitOutcome[],
): Promise<CheckOutcome[]> {
  const { connector } = harness;
  const states: CheckOutcome[] = [];
  for (const submission of connector.check === undefined ? [] : submissionsOf(targets, outcomes)) {
    const { receipt, targets: those } = submission;
    const said = await callCalmly(harness, 'check', async () => connector.check?.(receipt, those));
    if (said !== undefined) states.push(...eachOf('check', said, those));
  }
  return states;
}
