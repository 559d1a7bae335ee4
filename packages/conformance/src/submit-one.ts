import type { SubmitOutcome } from '@expunge/core';
import type { Fault } from '@expunge/vendor-sandbox';
import { batchesOf } from './carry-out.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import type { Person } from './people.ts';

/** Submits one call for one person: the first batch, since a person may give more targets than a call takes. */
export function submitOne(
  { connector }: Pick<ConformanceHarness, 'connector'>,
  { targets }: Person,
  signal?: AbortSignal,
): Promise<readonly SubmitOutcome[]> {
  const { maxTargets, oneTypePerCall } = connector.capabilities.limits.submit;
  const [batch = []] = batchesOf(targets, maxTargets, oneTypePerCall === true);
  return connector.submit(batch, signal === undefined ? {} : { signal });
}

/** Lets the next deletion meet a fault; calls that only look something up go through. */
export function addSubmitFault({ vendor, submitPath }: ConformanceHarness, fault: Fault): void {
  vendor.faults.add({ fault, ...(submitPath === undefined ? {} : { path: submitPath }) });
}
