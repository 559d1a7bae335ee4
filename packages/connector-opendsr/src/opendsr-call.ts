import type { CallOptions } from '@expunge/core';
import { type HttpRequest, type RawHttpResponse, type SendOptions, sendRequest } from '@expunge/http-client';
import type { OpenDsrSettings } from './opendsr-options.ts';

/** The vendor's name in errors. */
export const vendor = 'opendsr';

/** Live objects an OpenDSR connector is given. */
export interface OpenDsrCollaborators {
  /**
   * Now, in milliseconds since 1970: `Date.now`. Certificates expire, requests carry the time of their submission, and a
   * connector does not read the clock itself. Needed; the `expunge` command passes it.
   */
  readonly now?: () => number;
  /** An undici dispatcher: proxies, mutual TLS, tracing and mocks. */
  readonly dispatcher?: NonNullable<SendOptions['dispatcher']>;
}

/** Makes one attempt at one call. */
export type OpenDsrCall = (request: HttpRequest, callOptions: CallOptions) => Promise<RawHttpResponse>;

// The largest documented answer holds the request once more in Base64: some kilobytes.
const maxResponseBytes = 1024 * 1024;

/** Binds what all calls of one connector have in common. */
export function createOpenDsrCall(
  { timeoutMs }: OpenDsrSettings,
  dispatcher: OpenDsrCollaborators['dispatcher'],
): OpenDsrCall {
  return (request, call) => sendRequest(request, { vendor, timeoutMs, dispatcher, call, maxResponseBytes });
}
