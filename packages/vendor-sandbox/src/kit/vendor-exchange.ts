import type { IncomingHttpHeaders } from 'node:http';

/** One call as it arrived at a fake vendor, body already read. */
export interface VendorRequest {
  readonly method: string;
  /** As sent, percent-encoding kept, without the query. */
  readonly path: string;
  /** The path's parts, each percent-decoded: `/v1/users/a%2Fb` gives `v1`, `users`, `a/b`. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The vendor's time of arrival, in milliseconds since 1970. */
  readonly at: number;
  /** The body read as JSON; `undefined` when it is none. */
  json(): unknown;
  /** Runs when the exchange is over, however it ended: the place to give back a concurrency slot. */
  onFinished(callback: () => void): void;
}

/**
 * What the vendor answers, and what it does. Everything that changes the vendor's memory belongs into `act`, never
 * into the handler itself: faults decide whether it runs (`lie` answers without acting, `reset-after` acts without
 * answering), and the request log states whether it did.
 */
export interface VendorReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is (text/plain unless a header says otherwise), anything else as JSON, nothing as no body. */
  readonly body?: unknown;
  readonly act?: () => void;
}

/** Answers one request. Synchronous, so that two requests never see each other half done. */
export type VendorHandler = (request: VendorRequest) => VendorReply;

/** `value` as an object whose fields can be looked at, or `undefined` for arrays, null and anything else. */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
