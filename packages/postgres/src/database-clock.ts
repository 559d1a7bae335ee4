import { type Clock, systemClock } from '@expunge/engine';

/** The database's time: the same for all who work on a ledger, whatever their own clocks say. */
export class DatabaseClock implements Clock {
  #then: number;
  #observedAt: number;

  /** @param now - The database's time at this moment, milliseconds since 1970. */
  constructor(now: number) {
    this.#then = now;
    this.#observedAt = performance.now();
  }

  now(): number {
    return Math.trunc(this.#then + performance.now() - this.#observedAt);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }

  /** Sets it right. Each transaction brings the time along. */
  observe(now: number): void {
    this.#then = now;
    this.#observedAt = performance.now();
  }
}
