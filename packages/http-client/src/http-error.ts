import { ConnectorError, type ConnectorErrorCode } from '@expunge/core';
import type { HttpResponse } from './http-request.ts';
import { readRetryAfterMs } from './retry-after.ts';

/** What a connector knows better than the status alone. */
export interface HttpErrorOptions {
  /** The vendor's name. */
  readonly vendor: string;
  /** What the vendor means by this answer, where that is not what the status usually means. */
  readonly code?: ConnectorErrorCode | undefined;
  /** What happened and what to do, where there is more to say than the status. No identifier, no vendor text. */
  readonly message?: string | undefined;
  /** The vendor's own documented code. */
  readonly vendorStatus?: string | undefined;
}

/** Turns an answer that is no success into the error it means. */
export function httpError(response: HttpResponse, options: HttpErrorOptions): ConnectorError {
  const code = options.code ?? codeOfStatus(response.status);
  return new ConnectorError({
    code,
    vendor: options.vendor,
    message: options.message ?? `${sentenceOf(code)} (HTTP ${response.status}).`,
    httpStatus: response.status,
    vendorStatus: options.vendorStatus,
    retryAfterMs: readRetryAfterMs(response),
  });
}

/** What an HTTP status means until a vendor says otherwise. */
export function codeOfStatus(status: number): ConnectorErrorCode {
  switch (status) {
    case 401:
    case 407:
      return 'credentials-rejected';
    case 402:
      return 'quota-spent';
    case 403:
      return 'permission-missing';
    case 404:
    case 405:
    case 410:
    case 421:
      return 'setup-wrong';
    case 408:
      return 'timed-out';
    case 413:
      return 'request-too-large';
    case 425:
    case 429:
      return 'rate-limited';
  }
  if (status >= 500) return 'vendor-unavailable';
  if (status >= 400) return 'request-rejected';
  // A 2xx that is not the documented answer, a redirect (never followed: it would turn a POST into a GET), a 1xx.
  return 'response-unexpected';
}

function sentenceOf(code: ConnectorErrorCode): string {
  switch (code) {
    case 'credentials-rejected':
      return 'The vendor rejected the credentials';
    case 'permission-missing':
      return 'The credentials lack the permission for this';
    case 'setup-wrong':
      return 'The vendor knows no such address; check host, project or account';
    case 'quota-spent':
      return "The plan's volume is used up";
    case 'request-rejected':
      return 'The vendor rejected the request';
    case 'request-too-large':
      return 'The request is too large for the vendor';
    case 'rate-limited':
      return 'Too many calls for the vendor';
    case 'vendor-unavailable':
      return 'The vendor reports trouble of its own';
    case 'timed-out':
      return 'The vendor gave up waiting for the request';
    case 'answer-contradictory':
      return 'The answer contradicts what was asked; somebody has to look into it';
    default:
      return 'The answer is not one that the vendor documents';
  }
}
