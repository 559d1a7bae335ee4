import { type CallOptions, ConnectorError, type ConnectorErrorCode } from '@expunge/core';

/** One call to the reference vendor. */
export interface VendorCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly token: string;
  readonly body?: unknown;
  readonly options: CallOptions;
  readonly timeoutMs: number;
}

/** An answer of the reference vendor: JSON of whatever shape. */
export interface VendorAnswer {
  readonly status: number;
  readonly json: unknown;
}

const maxAnswerBytes = 1024 * 1024;

/** One attempt over plain fetch; a real connector takes `sendRequest` of @expunge/http-client. */
export async function callVendor(call: VendorCall): Promise<VendorAnswer> {
  const { signal, beforeCall } = call.options;
  const isGivenUp = () => signal?.aborted === true;
  if (isGivenUp()) throw failure('not-sent');
  await beforeCall?.();
  const timeout = AbortSignal.timeout(call.timeoutMs);
  try {
    const response = await fetch(call.url, {
      method: call.method,
      headers: { authorization: `Bearer ${call.token}`, 'content-type': 'application/json' },
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    const text = await readBounded(response);
    const code = codeOf(response.status);
    if (code !== undefined) throw failure(code, response.status, retryAfterMs(response));
    return { status: response.status, json: parse(text) };
  } catch (error) {
    if (ConnectorError.isInstance(error)) throw error;
    if (timeout.aborted) throw failure('timed-out');
    throw failure(isGivenUp() ? 'aborted' : 'connection-lost');
  }
}

/** An error of the reference connector, in the same words for everybody. */
export function failure(code: ConnectorErrorCode, httpStatus?: number, waitMs?: number): ConnectorError {
  const message = `The call to the reference vendor failed: ${code}.`;
  return new ConnectorError({ code, vendor: 'reference', message, httpStatus, retryAfterMs: waitMs });
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxAnswerBytes) throw failure('response-unexpected', response.status);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw failure('response-unexpected');
  }
}

function retryAfterMs(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isNaN(seconds) ? undefined : seconds * 1000;
}

// 404 means something else to each method, so it is left to the caller.
function codeOf(status: number): ConnectorErrorCode | undefined {
  if (status === 401) return 'credentials-rejected';
  if (status === 403) return 'permission-missing';
  if (status === 413) return 'request-too-large';
  if (status === 429) return 'rate-limited';
  if (status >= 500) return 'vendor-unavailable';
  if (status >= 400 && status !== 404) return 'request-rejected';
  return status >= 300 && status < 400 ? 'response-unexpected' : undefined;
}
