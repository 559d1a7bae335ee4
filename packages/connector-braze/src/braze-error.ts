import type { ConnectorError, ConnectorErrorCode } from '@expunge/core';
import { type HttpResponse, httpError, readJson } from '@expunge/http-client';
import { refusalSchema } from './braze-api.ts';

/** Braze's texts for a call with too many people. Its other texts say no more than the HTTP status. */
const tooManyIds: ReadonlySet<string> = new Set([
  'The max number of external_ids and aliases per request was exceeded',
  'The max number of ids per request was exceeded',
]);

/** Turns an answer that is no success into the error that it means. */
export function brazeError(response: HttpResponse): ConnectorError {
  return httpError(response, { vendor: 'braze', ...meaningOf(response) });
}

/** What Braze means by a refusal. `{}` leaves an answer to its HTTP status. */
function meaningOf(response: HttpResponse): { code?: ConnectorErrorCode; message?: string } {
  switch (response.status) {
    case 400:
      if (!tooManyIds.has(textOf(response))) return {};
      return { code: 'request-too-large', message: 'Braze takes 50 people in one call.' };
    case 401:
      return {
        message:
          "Braze does not know this API key at this REST endpoint. Compare both with the dashboard: a good key is unknown at another instance's endpoint.",
      };
    case 403:
      return {
        message:
          'The API key may not do this: it needs the permissions users.delete, and users.export.ids for the access check and the read-back. Or the account is inactive. A key can’t be changed; make a new one.',
      };
    case 404:
      return { message: 'Braze knows no such address. Check restEndpoint, and baseUrl if it is set.' };
    default:
      return {};
  }
}

function textOf(response: HttpResponse): string {
  const refusal = refusalSchema.safeParse(readJson(response.text));
  return refusal.success ? refusal.data.message : '';
}
