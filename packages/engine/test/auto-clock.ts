import type { Clock } from '../src/clock.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

// Turns of the event loop without anybody going to sleep after which everybody is taken to be asleep.
const quietTurns = 12;

/** A clock that jumps to the next time that a sleeper waits for, as soon as all are asleep. */
export class AutoClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];
  #quiet = 0;
  #isTurning = false;
  #atWork = 0;

  constructor(startAt = Date.UTC(2026, 0, 5)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  /** Moves time without waking anybody. */
  set(now: number): void {
    this.#now = now;
  }

  /** Lets no time pass until something outside has ended that takes real time. */
  async awaitWith<Result>(work: Promise<Result>): Promise<Result> {
    this.#atWork += 1;
    try {
      return await work;
    } finally {
      this.#atWork -= 1;
      this.#quiet = 0;
      if (this.#atWork === 0 && !this.#isTurning) this.#turn();
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = { at: this.#now + Math.max(0, ms), wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener(
        'abort',
        () => {
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          resolve();
        },
        { once: true },
      );
      this.#quiet = 0;
      if (!this.#isTurning) this.#turn();
    });
  }

  #turn(): void {
    this.#isTurning = true;
    setImmediate(() => {
      if (this.#atWork > 0) {
        this.#isTurning = false;
        return;
      }
      this.#quiet += 1;
      if (this.#quiet >= quietTurns) this.#jump();
      const isWaiting = this.#sleepers.some((sleeper) => Number.isFinite(sleeper.at));
      if (isWaiting) this.#turn();
      else this.#isTurning = false;
    });
  }

  #jump(): void {
    const next = Math.min(...this.#sleepers.map((sleeper) => sleeper.at));
    if (!Number.isFinite(next)) return;
    this.#now = Math.max(this.#now, next);
    const woken = this.#sleepers.filter((sleeper) => sleeper.at <= this.#now);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at > this.#now);
    for (const sleeper of woken) sleeper.wake();
    this.#quiet = 0;
  }
}
