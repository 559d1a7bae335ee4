import { ConnectorError, type ConnectorErrorCode, notCalled as notCalledAt } from '@expunge/core';
import { codeOfStatus, type HttpResponse, httpError, readJson, readRetryAfterMs } from '@expunge/http-client';
import type { z } from 'zod';
import type { SignatureFault } from './check-signature.ts';
import { refusalSchema } from './opendsr-api.ts';
import { vendor } from './opendsr-call.ts';
import type { OpenDsrSettings } from './opendsr-options.ts';

const hourMs = 3_600_000;

interface Meaning {
  readonly code: ConnectorErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number;
}

// AppsFlyer refuses everything with HTTP 400 and says by a code of its own what it means (docs/vendors/opendsr.md).
const meaningByAppsFlyerCode = new Map<string, Meaning>([
  ['e211', { code: 'request-rejected', message: 'The request is no longer pending and cannot be called back.' }],
  ['e212', { code: 'permission-missing', message: 'AppsFlyer does not permit this request to the account.' }],
  ['e213', { code: 'request-rejected', message: 'AppsFlyer has a request with this id already.' }],
  ['e214', { code: 'request-rejected', message: 'AppsFlyer knows no request with this id.' }],
  ['e215', { code: 'request-rejected', message: 'AppsFlyer has an open request for one of these identities.' }],
  ['e312', { code: 'setup-wrong', message: 'AppsFlyer does not take this apiVersion.' }],
  ['e315', { code: 'setup-wrong', message: 'AppsFlyer does not take the number of statusCallbackUrls.' }],
  ['e316', { code: 'setup-wrong', message: 'AppsFlyer does not take one of the statusCallbackUrls.' }],
  ['e317', { code: 'setup-wrong', message: 'AppsFlyer does not take the form of fields.property_id.' }],
  ['e319', { code: 'setup-wrong', message: "The app's platform does not fit the identities; check fields.platform." }],
  ['e411', { code: 'setup-wrong', message: 'The app in fields.property_id is wrong or not in this account.' }],
  ['e412', { code: 'permission-missing', message: 'The token may not call erasures back.' }],
  ['e413', { code: 'permission-missing', message: 'The token may not see this request.' }],
  ['e511', { code: 'vendor-unavailable', message: 'AppsFlyer reports a problem of its own.', retryAfterMs: hourMs }],
]);

/** A refusal in the processor's own form. Undefined where the answer is something else, such as a proxy's HTML page. */
export function readRefusal(response: HttpResponse): z.output<typeof refusalSchema> | undefined {
  return refusalSchema.safeParse(readJson(response.text)).data;
}

/** Turns an answer that is no success into the error it means. The processor's own text is never repeated. */
export function openDsrError(response: HttpResponse, { dialectName }: OpenDsrSettings): ConnectorError {
  const word = dialectName === 'appsflyer' ? readRefusal(response)?.af_gdpr_code : undefined;
  const meaning = meaningByAppsFlyerCode.get(word ?? '');
  if (response.status === 400 && meaning !== undefined) {
    const { code, message, retryAfterMs } = meaning;
    return new ConnectorError({
      code,
      vendor,
      message: `${message} (HTTP 400, ${word})`,
      httpStatus: response.status,
      vendorStatus: word ?? undefined,
      retryAfterMs: readRetryAfterMs(response) ?? retryAfterMs,
    });
  }
  return httpError(response, {
    vendor,
    code: codeOfStatus(response.status),
    vendorStatus: word ?? undefined,
    message: response.status === 400 ? 'The processor refused the request as it is (HTTP 400).' : undefined,
  });
}

/** Whether the processor says that it knows no request with the id that was asked about. */
export function isUnknownRequest(response: HttpResponse, { dialectName }: OpenDsrSettings): boolean {
  const refusal = readRefusal(response);
  if (refusal === undefined) return false;
  if (response.status === 404 || response.status === 410) return true;
  return dialectName === 'appsflyer' && response.status === 400 && refusal.af_gdpr_code === 'e214';
}

/** Whether a new request was refused because another one for the same identities is open. */
export function isConflict(response: HttpResponse, { dialectName }: OpenDsrSettings): boolean {
  if (response.status === 409) return true;
  return dialectName === 'appsflyer' && readRefusal(response)?.af_gdpr_code === 'e215';
}

/**
 * What a failure means that came before the call that matters: discovery or certificate could not be read, so it is certain
 * that nothing happened, however that earlier call ended.
 */
export function beforeSending(error: unknown): unknown {
  if (!ConnectorError.isInstance(error) || error.effect === 'nothing') return error;
  return new ConnectorError({
    code: error.code === 'aborted' ? 'not-sent' : 'connection-failed',
    vendor,
    message: `The processor could not be looked up, so nothing was sent. ${error.message}`,
    httpStatus: error.httpStatus,
    retryAfterMs: error.retryAfterMs,
  });
}

/** An answer that is not proven to be the processor's. Whether the processor acted is open, and somebody has to look. */
export function unprovenAnswer(fault: SignatureFault): ConnectorError {
  return contradiction(`The answer is not proven to be the processor's, and is not believed. ${fault.message}`);
}

/** An answer that speaks of something else than was asked. */
export function contradiction(message: string): ConnectorError {
  return new ConnectorError({ code: 'answer-contradictory', vendor, message });
}

/** A failure of what the connector was given or set up with; nothing was sent. */
export const notCalled = (code: ConnectorErrorCode, message: string): ConnectorError =>
  notCalledAt(vendor, code, message);
