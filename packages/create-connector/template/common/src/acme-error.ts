import type { ConnectorError, ConnectorErrorCode } from '@expunge/core';
import { type HttpResponse, httpError } from '@expunge/http-client';
import { unfinished } from './unfinished.ts';

/** Turns an answer that is no success into the error that it means. */
export function acmeError(response: HttpResponse): ConnectorError {
  return httpError(response, { vendor: 'acme', ...meaningOf(response) });
}

/** What Acme's own words for a refusal mean. `{}` leaves an answer to its HTTP status. */
function meaningOf(response: HttpResponse): { code?: ConnectorErrorCode; message?: string; vendorStatus?: string } {
  return unfinished(
    'read Acme’s word for the refusal, and give each documented one its code (guide: Refusals and states)',
    response,
  );
}
