import type { CheckOutcome, CheckPart } from '@expunge/core';
import type { RegulationType } from './segment-options.ts';
import type { Regulation } from './segment-regulation-api.ts';

/**
 * How a regulation stands (docs/vendors/segment.md).
 *
 * - `FAILED` may only mean that one destination cannot delete, while Segment's own part succeeded: it is `partial` with
 *   the parts. Only where nothing was forwarded and no part is named is there nothing else that can have failed: `failed`.
 * - An end that still names parts at work is `pending`: Segment can say `FAILED` as soon as the first part has failed.
 * - `FINISHED` with a part that is not done is `partial`: a contradiction is never rounded up.
 * - `NOT_SUPPORTED` and `INVALID` are not defined by Segment: nothing is known to be deleted, so they are `failed`,
 *   except where `NOT_SUPPORTED` comes with parts that say more.
 * - A word that Segment does not document, of the whole or of a part, is `unknown`.
 */
export function mapSegmentStatus(regulation: Regulation, regulationType: RegulationType): CheckOutcome {
  const vendorStatus = regulation.overallStatus;
  const parts = partsOf(regulation);
  if (parts === undefined) return unknownWord('a destination of the regulation');
  const partial: CheckOutcome = { state: 'partial', vendorStatus, parts };
  const ended: CheckOutcome = parts.some((part) => part.state === 'pending')
    ? { state: 'pending', vendorStatus }
    : partial;
  switch (vendorStatus) {
    case 'INITIALIZED':
    case 'RUNNING':
      return { state: 'pending', vendorStatus };
    case 'FINISHED':
      return parts.every((part) => part.state === 'deleted')
        ? { state: 'deleted', vendorStatus, parts, ...finishedAtOf(regulation) }
        : ended;
    case 'PARTIAL_SUCCESS':
      return ended;
    case 'FAILED':
      return parts.length > 0 || isForwarded(regulationType)
        ? ended
        : { state: 'failed', vendorStatus, canSubmitAgain: true };
    case 'NOT_SUPPORTED':
      return parts.length > 0 ? ended : { state: 'failed', vendorStatus, canSubmitAgain: false };
    case 'INVALID':
      return { state: 'failed', vendorStatus, canSubmitAgain: false };
    default:
      return unknownWord('the regulation');
  }
}

/** Whether Segment forwards regulations of this type to destinations. */
export function isForwarded(regulationType: RegulationType): boolean {
  return regulationType === 'DELETE_ONLY' || regulationType === 'SUPPRESS_WITH_DELETE';
}

/** Undefined where the status of one of them is none of the documented words. */
function partsOf(regulation: Regulation): CheckPart[] | undefined {
  const parts: CheckPart[] = [];
  for (const stream of regulation.streamStatus ?? []) {
    for (const { id, name, status } of stream.destinationStatus ?? []) {
      const state = mapPartStatus(status);
      if (state === undefined) return undefined;
      parts.push({ name: `${name === '' ? id : name} (source ${stream.id})`, state, vendorStatus: status });
    }
  }
  return parts;
}

function mapPartStatus(status: string): CheckPart['state'] | undefined {
  switch (status) {
    case 'INITIALIZED':
    case 'RUNNING':
      return 'pending';
    case 'FINISHED':
      return 'deleted';
    case 'FAILED':
    case 'INVALID':
      return 'failed';
    case 'NOT_SUPPORTED':
      return 'not-supported';
    case 'PARTIAL_SUCCESS':
      // Segment does not say which half of one destination this means.
      return 'unknown';
    default:
      return undefined;
  }
}

function finishedAtOf(regulation: Regulation): { finishedAt?: string } {
  const time = Date.parse(regulation.finishedAt ?? '');
  return Number.isNaN(time) ? {} : { finishedAt: new Date(time).toISOString() };
}

function unknownWord(what: string): CheckOutcome {
  const reason = `Segment gives ${what} a status that is none of the seven documented words. Look it up at Segment.`;
  return { state: 'unknown', vendorStatus: 'undocumented-word', reason };
}
