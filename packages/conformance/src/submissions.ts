import type { CallOptions, CancelOutcome, CheckOutcome } from '@expunge/core';
import { callCalmly, eachOf, type Submission } from './carry-out.ts';
import type { ConformanceHarness } from './conformance-harness.ts';

/** Asks once how a submission stands: what is said of each of its targets. */
export async function checkOne(
  { connector }: ConformanceHarness,
  { receipt, targets }: Submission,
  options: CallOptions = {},
): Promise<readonly CheckOutcome[]> {
  const said = await connector.check?.(receipt, targets, options);
  return said === undefined ? [] : eachOf('check', said, targets);
}

/** The same, at the pace of the connector's limits, with advice where it fails. */
export function checkCalmly(harness: ConformanceHarness, submission: Submission): Promise<readonly CheckOutcome[]> {
  return callCalmly(harness, 'check', () => checkOne(harness, submission));
}

/** Cancels a submission once: what is said of each of its targets. */
export async function cancelOne(
  { connector }: ConformanceHarness,
  { receipt, targets }: Submission,
): Promise<readonly CancelOutcome[]> {
  const said = await connector.cancel?.(receipt, targets);
  return said === undefined ? [] : eachOf('cancel', said, targets);
}
