import type { ConnectorError, ConnectorErrorCode } from '@expunge/core';
import { type HttpResponse, httpError, readJson } from '@expunge/http-client';
import { z } from 'zod';
import { vendor } from './segment-call.ts';

// The Public API: a reply has `data` or `errors`, never both (docs/vendors/segment.md).
const publicApiErrorSchema = z.object({ errors: z.array(z.object({ type: z.string().nullish() })).min(1) });
const publicApiErrorTypes = new Set(['input-validation', 'RequestError']);

// The Unify API: the envelope is not printed in the documents. Its sibling wraps the code; the table shows it bare.
const unifyErrorSchema = z.object({
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  code: z.string().nullish(),
  message: z.string().nullish(),
});
const unifyErrorCodes = new Set([
  'success',
  'unsupported_eid_type',
  'bad_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'eid_not_found',
  'source_id_not_found',
  'rate_limit_error',
  'authentication_error',
  'invalid_request_error',
  'validation_error',
]);

/** What the Public API means by an answer that is no success. */
export function regulationError(response: HttpResponse, call: { readonly isCreate: boolean }): ConnectorError {
  const { code, message } = regulationMeaning(response, call.isCreate);
  const type = publicApiErrorType(response);
  return httpError(response, {
    vendor,
    code,
    message: message === undefined ? undefined : `${message} (HTTP ${response.status}).`,
    vendorStatus: type !== undefined && publicApiErrorTypes.has(type) ? type : undefined,
  });
}

/** Whether an answer has the Public API's error envelope: it comes from Segment, not from a proxy on the way. */
export function isPublicApiError(response: HttpResponse): boolean {
  return publicApiErrorSchema.safeParse(readJson(response.text)).success;
}

interface Meaning {
  readonly code?: ConnectorErrorCode;
  readonly message?: string;
}

function regulationMeaning(response: HttpResponse, isCreate: boolean): Meaning {
  switch (response.status) {
    case 401:
      return {
        message:
          "Segment rejects the Public API token, or the token's role lacks the permission: it answers both alike",
      };
    case 404:
      return { message: 'Segment knows no such address; check the region, the source id and the base URL' };
    case 409:
      return { code: 'request-rejected', message: 'Segment reports a conflict and took nothing' };
    case 413:
      return { message: 'The regulation is too large for Segment; send fewer ids' };
    case 422:
      return { message: "Segment's validation refuses the regulation; check regulation type, subject type and scope" };
    case 429:
      return isCreate && isQuotaSpent(response)
        ? { code: 'quota-spent', message: 'The month holds no more subjects of this kind of regulation' }
        : {};
    default:
      return {};
  }
}

// On create calls `Remaining` and `Reset` are about the regulation quota, and `Reset` is a date, not a number
// (docs/vendors/segment.md). A plain number is the ordinary limit of calls.
function isQuotaSpent(response: HttpResponse): boolean {
  const reset = response.headers['x-ratelimit-reset']?.trim() ?? '';
  return response.headers['x-ratelimit-remaining']?.trim() === '0' && /[a-z]/i.test(reset);
}

function publicApiErrorType(response: HttpResponse): string | undefined {
  const body = publicApiErrorSchema.safeParse(readJson(response.text));
  return body.success ? (body.data.errors[0]?.type ?? undefined) : undefined;
}

/** What the Unify API means by an answer that is no success and no outcome of one identifier. */
export function unifyError(response: HttpResponse): ConnectorError {
  const code = unifyCode(response);
  return httpError(response, { vendor, vendorStatus: code, ...unifyMeaning(response, code) });
}

/** The documented code of a Unify answer, from `error.code` or `code`. Undefined where there is none, or another word. */
export function unifyCode(response: HttpResponse): string | undefined {
  const body = unifyErrorSchema.safeParse(readJson(response.text));
  if (!body.success) return undefined;
  const code = body.data.error?.code ?? body.data.code;
  return typeof code === 'string' && unifyErrorCodes.has(code) ? code : undefined;
}

/** The message of a Unify answer, to be matched against documented texts. Never printed: it may hold identifiers. */
export function unifyMessage(response: HttpResponse): string {
  const body = unifyErrorSchema.safeParse(readJson(response.text));
  return body.success ? (body.data.error?.message ?? body.data.message ?? '') : '';
}

function unifyMeaning(response: HttpResponse, code: string | undefined): Meaning {
  const { status } = response;
  if (status === 401) {
    return { message: `Segment rejects the space token; check token, space id and region (HTTP ${status}).` };
  }
  if (status === 403) {
    return {
      message: `Deleting identifiers is not enabled for this space, or the token's role may not (HTTP ${status}).`,
    };
  }
  if (status === 404 && code === 'source_id_not_found') {
    return {
      code: 'setup-wrong',
      message: `The space has no source attached, so nothing was detached (HTTP ${status}).`,
    };
  }
  // A JSON 404 without a documented code may be about anything; only the codes tell the 404s apart.
  if (status === 404 && code === undefined && readJson(response.text) !== undefined)
    return { code: 'response-unexpected' };
  return {};
}
