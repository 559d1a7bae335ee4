import type { ConnectorErrorCode } from '@expunge/core';

/** A read before the deletion that has not come about within six hours of being due is given up: it must not delay the law. */
export const readBeforeWithinMs = 6 * 3_600_000;

/** Why a read before the deletion did not come about, where no call for it has failed: there was no time for it. */
export const noTimeToRead = 'no-time';

const aboutTheCall: ReadonlySet<ConnectorErrorCode> = new Set([
  'request-rejected',
  'request-too-large',
  'not-sent',
  'answer-contradictory',
]);

const refusals: ReadonlySet<ConnectorErrorCode> = new Set([
  'credentials-rejected',
  'permission-missing',
  'setup-wrong',
]);

/** Whether reads are refused until a person puts something right. */
export function isRefusal(code: ConnectorErrorCode): boolean {
  return refusals.has(code);
}

/** Whether a failed read is about those whom it asked for. Every other failure is one of the vendor, of the way to it, or of the set-up. */
export function isAboutTheCall(code: ConnectorErrorCode): boolean {
  return aboutTheCall.has(code);
}

/** The record was seen, and its absence will not prove the whole deletion. */
export const readCoversLess = 'read-covers-less';

/** Our own read found nobody before the deletion: that there is nobody afterwards proves nothing. */
export const notFoundBeforeReason = 'not-found-before';
