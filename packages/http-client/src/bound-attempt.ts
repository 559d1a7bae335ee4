/** What ends an attempt before its answer is complete. */
export interface AttemptBounds {
  /** Aborted when the time is up, or when the caller gives up. */
  readonly signal: AbortSignal;
  /** Rejects when the signal is aborted. */
  readonly ended: Promise<never>;
  /** Whether the time was up. */
  hasTimedOut(): boolean;
  /** Lets go of timer and caller. To be called when the attempt is over. */
  release(): void;
}

/**
 * Bounds one attempt. `AbortSignal.timeout()` would keep the attempt, with its body and its answer, in memory until the
 * time is up, also when the answer came at once: 30 seconds of a quick vendor are tens of megabytes.
 */
export function boundAttempt(timeoutMs: number, caller: AbortSignal | undefined): AttemptBounds {
  const controller = new AbortController();
  let hasTimedOut = false;
  let fail: (reason: unknown) => void = () => {};
  const ended = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  // Nobody may be waiting for it any more.
  ended.catch(() => {});
  const end = (reason: unknown) => {
    controller.abort(reason);
    fail(reason);
  };
  const onTimeout = () => {
    hasTimedOut = true;
    end(new DOMException('The time is up.', 'TimeoutError'));
  };
  const onCaller = () => end(caller?.reason);
  const timer = setTimeout(onTimeout, timeoutMs);
  timer.unref();
  caller?.addEventListener('abort', onCaller, { once: true });
  return {
    signal: controller.signal,
    ended,
    hasTimedOut: () => hasTimedOut,
    release() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', onCaller);
    },
  };
}
