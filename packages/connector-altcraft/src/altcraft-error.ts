import type { ConnectorError, ConnectorErrorCode } from '@expunge/core';
import { type HttpResponse, httpError } from '@expunge/http-client';
import type { AltcraftReply } from './altcraft-reply.ts';

/** What an error message calls the call that failed. */
export type AltcraftCallName = 'the look-up' | 'the deletion' | 'the list of databases';

/**
 * Altcraft's own number for a refusal of what was asked for.
 *
 * @returns undefined where it did not refuse, or where the HTTP status already says that nothing was looked up: rejected
 * credentials, a limit, trouble. Such an answer never says anything about a profile.
 */
export function refusalCode(response: HttpResponse, reply: AltcraftReply | undefined): number | undefined {
  if (reply === undefined || reply.error === 0 || isAboutTheCall(response.status)) return undefined;
  return isAboutTheCall(reply.error) ? undefined : reply.error;
}

/** Turns an answer that is no success into the error it means, whichever of HTTP status and `error` carries it. */
export function altcraftError(
  response: HttpResponse,
  reply: AltcraftReply | undefined,
  what: AltcraftCallName,
): ConnectorError {
  const isHttpSuccess = response.status >= 200 && response.status < 300;
  if (reply === undefined) {
    const message = `The answer to ${what} is not in a form that Altcraft documents (HTTP ${response.status}).`;
    return httpError(response, { vendor: 'altcraft', ...(isHttpSuccess ? { message } : {}) });
  }
  if (reply.error === 0) {
    return httpError(response, {
      vendor: 'altcraft',
      code: 'response-unexpected',
      message: `Altcraft answered ${what} with error 0, and not with what goes with it (HTTP ${response.status}).`,
    });
  }
  const decisive = isAboutTheCall(response.status) ? response.status : reply.error;
  return httpError(response, {
    vendor: 'altcraft',
    code: codeOfNumber(decisive),
    message: messageOf(decisive, what),
    vendorStatus: String(reply.error),
  });
}

/** Whether a number is about the call as a whole, and not about the profile that it named. */
function isAboutTheCall(number: number): boolean {
  return [401, 402, 403, 429].includes(number) || (number >= 500 && number <= 599);
}

function codeOfNumber(number: number): ConnectorErrorCode {
  switch (number) {
    case 401:
      return 'credentials-rejected';
    case 402:
      return 'quota-spent';
    case 403:
      return 'permission-missing';
    case 429:
      return 'rate-limited';
    default:
      return isAboutTheCall(number) ? 'vendor-unavailable' : 'request-rejected';
  }
}

function messageOf(number: number, what: AltcraftCallName): string {
  switch (number) {
    case 400:
      return `Altcraft rejected ${what} (error 400).`;
    case 401:
      return `Altcraft rejected the API token at ${what} (error 401).`;
    case 402:
      return `The Altcraft plan’s volume is used up (error 402 at ${what}).`;
    case 403:
      return `Altcraft does not allow this token ${what} (error 403). Check the token, its role and its object groups.`;
    case 429:
      return `Too many calls for Altcraft (error 429 at ${what}).`;
  }
  if (isAboutTheCall(number)) return `Altcraft reports trouble of its own at ${what} (error ${number}).`;
  return (
    `Altcraft refused ${what} with error ${number}, which it does not document. If this installation says ` +
    `"no such profile" with it, list it in absentCodes.`
  );
}
