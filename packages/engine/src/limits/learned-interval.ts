/** The longest interval that refusals lead to, in milliseconds: a vendor in trouble must not stop everything. */
const longestIntervalMs = 60_000;
/** A shorter one is none. */
const shortestIntervalMs = 1;
/** How much more is tried at first when all has gone well. */
const firstStep = 0.05;
/** Intervals without a refusal after which a shorter one is tried: at first, and at the most. */
const firstPatience = 5;
const longestPatience = 80;
/** An interval counts as this long at least, and the wait for a try is as long as this at the most, in milliseconds. */
const leastWindowMs = 1000;
const longestWaitMs = 60_000;

/** How far back the first interval is measured, in milliseconds. */
export const measuredMs = 10_000;
/** The last two calls tell it. */
const keptStarts = 2;

/** All that was learned, as plain JSON. Times that never were are absent. */
export interface IntervalState {
  /** Between the beginnings of two calls, in milliseconds. 0: nothing was learned, and nothing is kept to. */
  readonly intervalMs: number;
  /** The last one that went well. */
  readonly provenMs: number;
  readonly refusedUntil?: number | undefined;
  /** Whether the vendor has taken a call since it refused one. */
  readonly hasTaken: boolean;
  readonly changedAt?: number | undefined;
  readonly patience: number;
  readonly step: number;
}

/**
 * The time between two calls that a vendor takes, where it documents no rate and refuses calls all the same. The first
 * refusal doubles the interval between the last two calls, and each later one doubles it again (AIMD). When all has gone
 * well for a while a slightly shorter one is tried, and a refusal of that leads back to the one that went well.
 */
export class LearnedInterval {
  #intervalMs = 0;
  #provenMs = 0;
  #refusedUntil = Number.NEGATIVE_INFINITY;
  #hasTaken = true;
  #changedAt = Number.NEGATIVE_INFINITY;
  #patience = firstPatience;
  #step = firstStep;
  /** When the last calls began, oldest first. */
  #starts: number[] = [];

  /** In milliseconds. 0: none was learned. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Whether calls keep an interval. */
  get isLearned(): boolean {
    return this.#intervalMs > 0;
  }

  /** When the next call may begin. */
  earliestStart(now: number): number {
    // A clock that was set back must not make calls of the past lie in the future.
    const last = this.#starts.at(-1);
    if (!this.isLearned || last === undefined) return now;
    return Math.max(now, Math.min(last, now) + Math.ceil(this.#intervalMs));
  }

  /** Records that a call begins. */
  started(now: number): void {
    this.#starts.push(now);
    if (this.#starts.length > keptStarts) this.#starts.shift();
  }

  /** Records that the last call began as late as now. */
  leftLate(now: number): void {
    if (this.#starts.length > 0) this.#starts[this.#starts.length - 1] = now;
  }

  /** Records a refusal. Those before `until` belong together. */
  refused(now: number, until: number): void {
    const isNew = now >= this.#refusedUntil;
    this.#refusedUntil = Math.max(this.#refusedUntil, until);
    this.#changedAt = this.#refusedUntil;
    // A vendor that refuses one call after the other says nothing about the time between two: it is waited for.
    if (!isNew || !this.#hasTaken) return;
    this.#hasTaken = false;
    const isTry = this.#intervalMs < this.#provenMs;
    if (isTry) this.#patience = Math.min(longestPatience, this.#patience * 2);
    this.#step = firstStep;
    const before = this.isLearned ? this.#intervalMs : this.#measure(now);
    if (before === undefined) return;
    this.#intervalMs = isTry ? this.#provenMs : Math.min(longestIntervalMs, 2 * before);
    this.#provenMs = this.#intervalMs;
  }

  /** Records that a call was taken. */
  taken(now: number): void {
    this.#hasTaken = true;
    const waitMs = Math.min(this.#patience * Math.max(leastWindowMs, this.#intervalMs), longestWaitMs);
    if (!this.isLearned || now < this.#changedAt + waitMs) return;
    this.#provenMs = this.#intervalMs;
    this.#intervalMs /= 1 + this.#step;
    this.#step = Math.min(1, this.#step * 2);
    this.#changedAt = now;
    if (this.#intervalMs >= shortestIntervalMs) return;
    this.#intervalMs = 0;
    this.#provenMs = 0;
    this.#patience = firstPatience;
  }

  /** All that was learned. */
  get state(): IntervalState {
    return {
      intervalMs: this.#intervalMs,
      provenMs: this.#provenMs,
      refusedUntil: Number.isFinite(this.#refusedUntil) ? this.#refusedUntil : undefined,
      hasTaken: this.#hasTaken,
      changedAt: Number.isFinite(this.#changedAt) ? this.#changedAt : undefined,
      patience: this.#patience,
      step: this.#step,
    };
  }

  /** Takes over all that was learned elsewhere. */
  set state(state: IntervalState) {
    this.#intervalMs = state.intervalMs;
    this.#provenMs = state.provenMs;
    this.#refusedUntil = state.refusedUntil ?? Number.NEGATIVE_INFINITY;
    this.#hasTaken = state.hasTaken;
    this.#changedAt = state.changedAt ?? Number.NEGATIVE_INFINITY;
    this.#patience = state.patience;
    this.#step = state.step;
  }

  /** When the last calls began. */
  get starts(): readonly number[] {
    return this.#starts;
  }

  set starts(starts: readonly number[]) {
    this.#starts = starts.slice(-keptStarts);
  }

  // Without two calls close to each other nothing can be measured: a refusal after a long silence has another cause.
  #measure(now: number): number | undefined {
    const [before, last] = this.#starts;
    if (before === undefined || last === undefined || before <= now - measuredMs) return undefined;
    return Math.max(shortestIntervalMs, last - before);
  }
}
