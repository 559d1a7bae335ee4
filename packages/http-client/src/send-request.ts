import { type CallOptions, ConnectorError } from '@expunge/core';
import type { Agent, Dispatcher } from 'undici';
import { boundAttempt } from './bound-attempt.ts';
import type { HttpRequest, RawHttpResponse } from './http-request.ts';
import { proxyRefusal } from './proxy-refusal.ts';
import { watchSending } from './watch-sending.ts';

/** How one attempt is made. */
export interface SendOptions {
  /** The vendor's name, for the error. */
  readonly vendor: string;
  /** An undici dispatcher: proxies, mutual TLS, tracing and mocks come from there. Default: one shared `Agent`. */
  readonly dispatcher?: Dispatcher | undefined;
  /** What the connector's method was given, as it is: it ends the attempt early, and has the vendor's limits kept. */
  readonly call: CallOptions | undefined;
  /** From the first byte sent to the last byte read, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number | undefined;
  /** The largest answer that is read, in bytes. Default: 1 MiB. A list can need more. */
  readonly maxResponseBytes?: number | undefined;
}

const defaultTimeoutMs = 30_000;
const defaultMaxResponseBytes = 1024 * 1024;
const connectTimeoutMs = 10_000;
// A timer of Node that is set for longer ends at once.
const longestTimeoutMs = 2_147_483_647;

type Undici = typeof import('undici');

let loading: Promise<Undici> | undefined;
let sharedAgent: Agent | undefined;

/** Loads undici with the first call: a command that sends nothing starts without it. */
async function loadUndici(vendor: string): Promise<Undici> {
  try {
    loading ??= import('undici');
    return await loading;
  } catch {
    const message = 'undici, which sends the calls, can not be loaded. Install the packages again.';
    throw new ConnectorError({ code: 'setup-wrong', vendor, message });
  }
}

/** The dispatcher of everybody who injects none. Made late, so that importing this package opens nothing. */
function defaultDispatcher(undici: Undici): Dispatcher {
  // One request per connection at a time: a reset must put one call in doubt, not its neighbours.
  sharedAgent ??= new undici.Agent({ connect: { timeout: connectTimeoutMs }, pipelining: 1 });
  return sharedAgent;
}

/**
 * One attempt at one HTTP call. Never retries, never follows a redirect.
 *
 * @returns The answer, whatever its status, as text and as the bytes that came.
 * @throws ConnectorError `connection-failed`, `not-sent`, or `setup-wrong` for a call that can't be made as it is
 * (nothing happened), `connection-lost`, `timed-out`, `aborted` or `response-unexpected` (in doubt).
 */
export async function sendRequest(request: HttpRequest, options: SendOptions): Promise<RawHttpResponse> {
  const { vendor, call } = options;
  const signal = call?.signal;
  const undici = await loadUndici(vendor);
  // The wait ends early with the signal as well.
  if (signal?.aborted !== true) await call?.beforeCall?.();
  if (signal?.aborted) {
    throw new ConnectorError({ code: 'not-sent', vendor, message: 'The call was given up before it was sent.' });
  }
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > longestTimeoutMs) {
    const message = `The time-out must be a whole number of milliseconds from 1 to ${longestTimeoutMs}.`;
    throw new ConnectorError({ code: 'setup-wrong', vendor, message });
  }
  const sending = watchSending(options.dispatcher ?? defaultDispatcher(undici));
  const bounds = boundAttempt(timeoutMs, signal);
  try {
    const answer = undici.request(request.url, {
      method: request.method,
      headers: { ...request.headers },
      body: request.body ?? null,
      dispatcher: sending.dispatcher,
      signal: bounds.signal,
      // The total time-out above is the only clock of an attempt.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    // undici ends a call that still waits for its connection only when the connection comes about or fails, which a
    // silent proxy can delay for minutes. It does not send the call any more then.
    const response = await Promise.race([answer, bounds.ended]);
    const bytes = await readBounded(response.body, options.maxResponseBytes ?? defaultMaxResponseBytes, vendor);
    const text = bytes.toString('utf8');
    return { status: response.statusCode, headers: firstValues(response.headers), text, bytes };
  } catch (error) {
    if (ConnectorError.isInstance(error)) throw error;
    if (bounds.hasTimedOut()) {
      throw new ConnectorError({
        code: 'timed-out',
        vendor,
        message: `No complete answer within ${timeoutMs} ms.`,
      });
    }
    if (signal?.aborted) {
      throw new ConnectorError({ code: 'aborted', vendor, message: 'The call was given up after it was sent.' });
    }
    throw transportError(error, vendor, sending.hasBegun(), undici);
  } finally {
    bounds.release();
  }
}

async function readBounded(body: Dispatcher.ResponseData['body'], maxBytes: number, vendor: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      // Leaving the loop destroys the body, and with it the connection.
      throw new ConnectorError({
        code: 'response-unexpected',
        vendor,
        message: `The answer is longer than ${maxBytes} bytes.`,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function firstValues(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) values[name.toLowerCase()] = first;
  }
  return values;
}

// Failures of looking the host up, of connecting, and of verifying whom the connection leads to.
const whileConnecting = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'EPROTO',
  'UND_ERR_PRX_CONN',
  'UND_ERR_PRX_TLS',
]);

/** Whether it was the connection that did not come about. Only of a request that no connection began to send. */
function isWhileConnecting({ code = '', syscall }: SystemError): boolean {
  // A host can become unreachable (EHOSTUNREACH, ENETUNREACH, ETIMEDOUT) while connecting and while reading, with the
  // same code: the system call tells.
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true;
  return whileConnecting.has(code) || /^ERR_(SSL|TLS)_/.test(code);
}

function transportError(error: unknown, vendor: string, hasBegun: boolean, { errors }: Undici): ConnectorError {
  const system = systemError(error);
  const { code } = system;
  const refusal = proxyRefusal(error, vendor);
  if (refusal !== undefined) return refusal;
  const named = (what: string) => (code === undefined ? `${what}.` : `${what} (${code}).`);
  if (error instanceof errors.InvalidArgumentError || code === 'ERR_INVALID_URL') {
    const message = 'The request could not be built into a valid HTTP call; check the base URL and the credentials.';
    return new ConnectorError({ code: 'setup-wrong', vendor, message });
  }
  // A dispatcher that tries again by itself can fail to connect after it has sent: then that decides nothing.
  if (!hasBegun && isWhileConnecting(system)) {
    return new ConnectorError({ code: 'connection-failed', vendor, message: named('No connection came about') });
  }
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return new ConnectorError({ code: 'response-unexpected', vendor, message: named('The answer is not valid HTTP') });
  }
  return new ConnectorError({
    code: 'connection-lost',
    vendor,
    message: named('The connection broke after the call was sent'),
  });
}

interface SystemError {
  readonly code?: string | undefined;
  readonly syscall?: unknown;
}

function systemError(error: unknown): SystemError {
  if (typeof error !== 'object' || error === null) return {};
  // A connection that was tried on several addresses fails with all their errors together; they carry the code.
  const inner: { code?: unknown; syscall?: unknown } =
    error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const isPlain = typeof inner.code === 'string' && /^[A-Z0-9_]+$/.test(inner.code);
  return { code: isPlain ? String(inner.code) : undefined, syscall: inner.syscall };
}
