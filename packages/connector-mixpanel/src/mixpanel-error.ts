import { ConnectorError, type ConnectorErrorCode } from '@expunge/core';
import { type HttpResponse, httpError, parseResponse } from '@expunge/http-client';
import { profileReplySchema } from './mixpanel-profile-api.ts';

/** Whether the status lets the body speak. It proves nothing by itself. */
export function isSuccessStatus(response: HttpResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

/**
 * What is wrong with the answer to a profile deletion. Mixpanel answers HTTP 200 also where it took nothing
 * (docs/vendors/mixpanel.md), so every sign in the body must agree.
 *
 * @param sent - How many records the call held.
 * @returns undefined where all of them were taken.
 * @throws ConnectorError `response-unexpected` where the answer has no documented shape.
 */
export function profileReplyError(response: HttpResponse, sent: number): ConnectorError | undefined {
  if (!isSuccessStatus(response)) return ingestionError(response);
  const reply = parseResponse(response, profileReplySchema, { vendor: 'mixpanel', what: 'the profile deletion' });
  if (reply === 0) return refused(response, 'Mixpanel took none of the records');
  if (reply === 1) {
    // The short reply means "at least one": it settles a call of one record and no larger one.
    return sent === 1 ? undefined : refused(response, 'Mixpanel said only that it took at least one of the records');
  }
  if (reply.status === 0) return refused(response, 'Mixpanel refused the records');
  const counted = reply.num_good_events ?? sent;
  const hasErrors = Boolean(reply.error) || Object.keys(reply.errors ?? {}).length > 0;
  if (hasErrors || counted < sent) return refused(response, 'Mixpanel did not take all of the records');
  if (counted === sent) return undefined;
  return httpError(response, {
    vendor: 'mixpanel',
    code: 'response-unexpected',
    message: `Mixpanel counted more records than were sent (HTTP ${response.status}).`,
  });
}

function refused(response: HttpResponse, what: string): ConnectorError {
  return httpError(response, {
    vendor: 'mixpanel',
    code: 'request-rejected',
    message: `${what} (HTTP ${response.status}). A smaller call shows which one it is.`,
  });
}

function ingestionError(response: HttpResponse): ConnectorError {
  if (response.status !== 401 && response.status !== 403) return httpError(response, { vendor: 'mixpanel' });
  return httpError(response, {
    vendor: 'mixpanel',
    message: `Mixpanel turned the deletion away (HTTP ${response.status}). Check the project token and the region.`,
  });
}

/** As {@link gdprError}, for questions about one task: there a 404 may mean the task, which Mixpanel leaves open. */
export function taskError(response: HttpResponse): ConnectorError {
  if (response.status !== 404) return gdprError(response);
  return httpError(response, {
    vendor: 'mixpanel',
    code: 'response-unexpected',
    message: 'Mixpanel answered HTTP 404 without saying whether it knows the task.',
  });
}

/** Turns a refusal of the data deletion API into the error it means. */
export function gdprError(response: HttpResponse): ConnectorError {
  return describedError(response, {
    401: 'Mixpanel rejected the OAuth token (HTTP 401). It lives one year: make a new one under Profile & Preferences > Data & Privacy, and check the region.',
    403: 'The OAuth token may not do this in the project (HTTP 403). Its person must be the Project Owner, or an Admin where the project has roles.',
    404: 'Mixpanel knows no data deletions at this address (HTTP 404). Check the project token and the region.',
    429: 'Too many data deletion calls (HTTP 429): Mixpanel allows one a second, and limits the work that is waiting.',
  });
}

/** Turns a refusal of the Query API or of the account look-up into the error it means. */
export function readBackError(response: HttpResponse): ConnectorError {
  return describedError(response, {
    401: 'Mixpanel rejected the service account (HTTP 401). Check its user name and secret, and the region.',
    403: 'The service account may not read the project (HTTP 403). Add it to the project.',
    429: 'Too many queries (HTTP 429): Mixpanel allows 60 an hour and 5 at the same time for the project.',
  });
}

function describedError(response: HttpResponse, messages: Readonly<Record<number, string>>): ConnectorError {
  return httpError(response, { vendor: 'mixpanel', message: messages[response.status] });
}

/** An error that no answer of the vendor brought about. */
export function mixpanelError(code: ConnectorErrorCode, message: string): ConnectorError {
  return new ConnectorError({ code, vendor: 'mixpanel', message });
}
