import { type CallOptions, ConnectorError, type Receipt, type SubmitOutcome, type Target } from '@expunge/core';
import { findOpenRegulations } from './find-regulation.ts';
import type { SegmentCall } from './segment-call.ts';
import type { SegmentRegulationSettings } from './segment-options.ts';

// A regulation takes days. Our choice.
const retryAfterMs = 6 * 60 * 60 * 1000;

/** What a conflict is read with. */
export interface ConflictParts {
  readonly settings: SegmentRegulationSettings;
  readonly call: SegmentCall;
  readonly receiptOf: (regulateId: string) => Receipt;
  /** What the answer means where nothing explains it. */
  readonly refusal: ConnectorError;
}

/**
 * Reads HTTP 409 at the creation of a regulation. What it means there is not documented (docs/vendors/segment.md). Where Segment
 * lists an open regulation of the same type for a person, that is the conflict, and the person is followed in it: Segment is
 * deleting. Otherwise nothing is known, and nothing was taken.
 *
 * @throws ConnectorError `request-rejected` where nothing explains it for several people: a smaller call may tell.
 */
export async function readConflict(
  { settings, call, receiptOf, refusal }: ConflictParts,
  targets: readonly Target[],
  callOptions?: CallOptions,
): Promise<readonly SubmitOutcome[]> {
  const subjectIds = targets.map(({ value }) => value);
  const open = await openRegulations(settings, call, subjectIds, callOptions);
  if (open.size === 0 && new Set(subjectIds).size > 1) throw refusal;
  return targets.map(({ value }): SubmitOutcome => {
    const regulateId = open.get(value);
    if (regulateId !== undefined) return { type: 'accepted', receipt: receiptOf(regulateId) };
    return { type: 'deferred', reason: 'conflict', ...(open.size === 0 ? { retryAfterMs } : {}) };
  });
}

// Nothing was taken, and whatever the list answers changes nothing in that.
async function openRegulations(
  settings: SegmentRegulationSettings,
  call: SegmentCall,
  subjectIds: readonly string[],
  callOptions: CallOptions | undefined,
): Promise<ReadonlyMap<string, string>> {
  // For a cloud source no list is documented.
  if (settings.scope.type === 'cloud-source') return new Map();
  try {
    return await findOpenRegulations(settings, call, subjectIds, callOptions);
  } catch (error) {
    if (ConnectorError.isInstance(error)) return new Map();
    throw error;
  }
}
