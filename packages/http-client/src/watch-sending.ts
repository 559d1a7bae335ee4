import type { Dispatcher } from 'undici';

/** A dispatcher that remembers whether a request was handed to a connection. */
export interface WatchedDispatcher {
  /** To send one request with. */
  readonly dispatcher: Dispatcher;
  /** Whether a connection began to send it. Until then it is certain that the vendor got nothing of it. */
  hasBegun(): boolean;
}

/** Watches one request on its way through a dispatcher, which stays as it is. */
export function watchSending(dispatcher: Dispatcher): WatchedDispatcher {
  let hasBegun = false;
  const watched = dispatcher.compose((dispatch) => (options, handler) => {
    // undici calls it when the connection, with its TLS handshake, stands and before the first byte is written.
    const onRequestStart: Dispatcher.DispatchHandler['onRequestStart'] = (controller, context) => {
      hasBegun = true;
      handler.onRequestStart?.(controller, context);
    };
    return dispatch(options, {
      onRequestStart,
      onRequestUpgrade: (...values) => handler.onRequestUpgrade?.(...values),
      onResponseStart: (...values) => handler.onResponseStart?.(...values),
      onResponseData: (...values) => handler.onResponseData?.(...values),
      onResponseEnd: (...values) => handler.onResponseEnd?.(...values),
      onResponseError: (...values) => handler.onResponseError?.(...values),
    });
  });
  return { dispatcher: watched, hasBegun: () => hasBegun };
}
