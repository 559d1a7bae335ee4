import { type CheckOutcome, type CheckPart, ConnectorError } from '@expunge/core';
import { vendor } from './segment-call.ts';
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
 *
 * @throws ConnectorError `response-unexpected` for a word that Segment does not document.
 */
export function mapSegmentStatus(regulation: Regulation, regulationType: RegulationType): CheckOutcome {
  const vendorStatus = regulation.overallStatus;
  const parts = partsOf(regulation);
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
      throw unknownWord('a regulation');
  }
}

/** Whether Segment forwards regulations of this type to destinations. */
export function isForwarded(regulationType: RegulationType): boolean {
  return regulationType === 'DELETE_ONLY' || regulationType === 'SUPPRESS_WITH_DELETE';
}

function partsOf(regulation: Regulation): CheckPart[] {
  return (regulation.streamStatus ?? []).flatMap((stream) =>
    (stream.destinationStatus ?? []).map((destination) => ({
      name: `${destination.name === '' ? destination.id : destination.name} (source ${stream.id})`,
      state: mapPartStatus(destination.status),
      vendorStatus: destination.status,
    })),
  );
}

function mapPartStatus(status: string): CheckPart['state'] {
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
      throw unknownWord('a destination of a regulation');
  }
}

function finishedAtOf(regulation: Regulation): { finishedAt?: string } {
  const time = Date.parse(regulation.finishedAt ?? '');
  return Number.isNaN(time) ? {} : { finishedAt: new Date(time).toISOString() };
}

function unknownWord(what: string): ConnectorError {
  return new ConnectorError({
    code: 'response-unexpected',
    vendor,
    message: `Segment's status of ${what} is none of the seven documented words.`,
  });
}
