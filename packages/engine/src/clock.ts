/** Time as a collaborator, so that tests never sleep. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms` milliseconds, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

// setTimeout can't wait longer than this; a sleeper that wakes early looks at the clock and sleeps again.
const longestSleepMs = 2 ** 31 - 1;

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(ms, 0), longestSleepMs));
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** A time in milliseconds since 1970 as ISO 8601 in UTC. */
export function toIso(time: number): string {
  return new Date(time).toISOString();
}
