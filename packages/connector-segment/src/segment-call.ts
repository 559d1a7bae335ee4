import type { CallOptions } from '@expunge/core';
import { type HttpRequest, type HttpResponse, type SendOptions, sendRequest } from '@expunge/http-client';

/** The vendor's name in errors. */
export const vendor = 'segment';

/** Live objects a Segment connector can be given. */
export interface SegmentCollaborators {
  /** An undici dispatcher: proxies, mutual TLS, tracing and mocks. */
  readonly dispatcher?: NonNullable<SendOptions['dispatcher']>;
}

/** Makes one attempt at one call, for one configured connector. */
export type SegmentCall = (
  request: HttpRequest,
  callOptions?: CallOptions,
  maxResponseBytes?: number,
) => Promise<HttpResponse>;

/** Binds what all calls of one connector have in common. */
export function createSegmentCall(collaborators: SegmentCollaborators, timeoutMs: number): SegmentCall {
  return (request, callOptions, maxResponseBytes) =>
    sendRequest(request, {
      vendor,
      timeoutMs,
      dispatcher: collaborators.dispatcher,
      call: callOptions,
      maxResponseBytes,
    });
}
