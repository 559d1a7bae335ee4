import { ConnectorError, type ConnectorErrorCode } from '@expunge/core';
import { type HttpResponse, httpError } from '@expunge/http-client';
import { valueAt } from './json-pointer.ts';
import { type Reply, textOf } from './match-reply.ts';
import { type FailureReply, failureCodes, type RetryAfter } from './reply-schema.ts';

/** Nobody asks to wait longer than a year: such a number was meant otherwise. */
const longestWaitMs = 366 * 24 * 3_600_000;

/** Whether a rule means a failure. */
export function isFailure(rule: { readonly means: string }): rule is FailureReply {
  return failureCodes.some((code) => code === rule.means);
}

/** The error of a reply whose rule says that it means a failure. */
export function replyError({ response, json }: Reply, vendor: string, rule: FailureReply): ConnectorError {
  const { means: code, message, vendorStatus, retryAfter } = rule;
  const usual = httpError(response, { vendor, code, message, vendorStatus });
  const retryAfterMs = retryAfter === undefined ? undefined : readRetryAfter(response, json, retryAfter);
  return retryAfterMs === undefined ? usual : withRetryAfter(usual, retryAfterMs);
}

/** The error of an answer that fits a rule, and then does not hold what it has to. */
export function contentError(
  reply: Reply,
  vendor: string,
  message: string,
  code: ConnectorErrorCode = 'response-unexpected',
): ConnectorError {
  return httpError(reply.response, { vendor, code, message: `${message} (HTTP ${reply.response.status}).` });
}

function readRetryAfter(response: HttpResponse, json: unknown, { at, header, unit }: RetryAfter): number | undefined {
  const text = at === undefined ? response.headers[(header ?? '').toLowerCase()] : numberText(valueAt(json, at));
  if (text === undefined || !/^\d+(\.\d+)?$/.test(text.trim())) return undefined;
  const waitMs = Math.ceil(Number(text) * (unit === 'seconds' ? 1000 : 1));
  return waitMs <= longestWaitMs ? waitMs : undefined;
}

function numberText(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : textOf(value);
}

function withRetryAfter(error: ConnectorError, retryAfterMs: number): ConnectorError {
  const { code, vendor, message, httpStatus, vendorStatus } = error;
  return new ConnectorError({ code, vendor, message, httpStatus, vendorStatus, retryAfterMs });
}
