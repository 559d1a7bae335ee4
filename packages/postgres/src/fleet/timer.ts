/** Something that is done again and again. */
export interface RepeatingTimer {
  /** Ends it, after what is being done. */
  stop(): Promise<void>;
}

/** Does something again and again, never twice at the same time. Keeps no process alive. */
export function startTimer(everyMs: number, work: () => Promise<unknown>, onFailure: () => void): RepeatingTimer {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work()
      .then(
        () => {},
        () => onFailure(),
      )
      .finally(() => {
        running = undefined;
      });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
