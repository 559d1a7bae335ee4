/** The least that a limit shrinks to, as a share of what is documented. */
const leastShare = 1 / 16;
/** The most that refusals of one moment take away: the next ones, if there are any, say more. */
const leastOfBefore = 1 / 2;
/** How much more is tried at first when all has gone well. */
const firstStep = 0.05;
/** Windows without a refusal after which more is tried: at first, and at the most. */
const firstPatience = 5;
const longestPatience = 80;
/** The longest wait for a try, in milliseconds: a bad day of the vendor must not slow the whole week down. */
const longestWaitMs = 60_000;

/** All that a limit has learned, as plain JSON. Times that never were are absent. */
export interface AdaptiveState {
  readonly allowed: number;
  readonly before: number;
  readonly refusedUntil?: number | undefined;
  readonly refusals: number;
  readonly used: number;
  readonly changedAt?: number | undefined;
  readonly patience: number;
  readonly step: number;
}

/**
 * What a limit really is, where the vendor refuses calls that its documents allow. Refusals that come together tell how
 * many calls were taken: that many are made from then on. When all has gone well for a while a little more is tried, and
 * twice as much each time, up to what is documented; a refusal ends that, and the next try waits twice as long.
 */
export class AdaptiveLimit {
  readonly #documented: number;
  readonly #windowMs: number;
  #allowed: number;
  #before: number;
  #refusedUntil = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  #used = 0;
  #changedAt = Number.NEGATIVE_INFINITY;
  #patience = firstPatience;
  #step = firstStep;

  /** `windowMs` is the time in which a change of the limit shows. */
  constructor(documented: number, windowMs: number) {
    this.#documented = documented;
    this.#windowMs = windowMs;
    this.#allowed = documented;
    this.#before = documented;
  }

  /** What is allowed, as far as is known. Not always whole: less than one call in a window is a longer window. */
  get allowed(): number {
    return this.#allowed;
  }

  /** Whether it is less than what is documented. */
  get isLowered(): boolean {
    return this.#allowed < this.#documented;
  }

  /** Whether it can't be lowered so that it shows: one call is the least, and so is a share of what is documented. */
  get isLowest(): boolean {
    return this.#allowed < 2 || this.#allowed <= this.#documented * leastShare;
  }

  /** The share of what is documented. */
  get share(): number {
    return this.#allowed / this.#documented;
  }

  /** Takes a share over that an earlier process has learned. */
  restore(share: number, now: number): void {
    this.#allowed = this.#documented * Math.min(1, Math.max(leastShare, share));
    this.#changedAt = now;
  }

  /** All that was learned. */
  get state(): AdaptiveState {
    return {
      allowed: this.#allowed,
      before: this.#before,
      refusedUntil: Number.isFinite(this.#refusedUntil) ? this.#refusedUntil : undefined,
      refusals: this.#refusals,
      used: this.#used,
      changedAt: Number.isFinite(this.#changedAt) ? this.#changedAt : undefined,
      patience: this.#patience,
      step: this.#step,
    };
  }

  /** Takes over all that was learned elsewhere. The time since the last change goes on running. */
  set state(state: AdaptiveState) {
    this.#allowed = state.allowed;
    this.#before = state.before;
    this.#refusedUntil = state.refusedUntil ?? Number.NEGATIVE_INFINITY;
    this.#refusals = state.refusals;
    this.#used = state.used;
    this.#changedAt = state.changedAt ?? Number.NEGATIVE_INFINITY;
    this.#patience = state.patience;
    this.#step = state.step;
  }

  /**
   * Records a refusal.
   *
   * @param used - How much was in use, the refused call included. Asked for the first of several that come together.
   * @param until - The refusals before this belong together.
   */
  refused(now: number, until: number, used: () => number): void {
    if (now >= this.#refusedUntil) {
      this.#before = this.#allowed;
      this.#used = used();
      this.#refusals = 0;
      // Who was refused right after trying more has learned that it was too much.
      this.#patience = Math.min(longestPatience, this.isLowered ? this.#patience * 2 : firstPatience);
      this.#step = firstStep;
    }
    this.#refusedUntil = Math.max(this.#refusedUntil, until);
    this.#refusals += 1;
    this.#changedAt = this.#refusedUntil;
    const taken = Math.min(this.#used - this.#refusals, this.#before * (1 - firstStep));
    this.#allowed = Math.max(taken, this.#before * leastOfBefore, this.#documented * leastShare);
  }

  /** Records that a call was taken. */
  taken(now: number): void {
    const waitMs = Math.min(this.#patience * this.#windowMs, Math.max(longestWaitMs, this.#windowMs / 4));
    if (!this.isLowered || now < this.#changedAt + waitMs) return;
    this.#allowed = Math.min(this.#documented, this.#allowed * (1 + this.#step));
    this.#step = Math.min(1, this.#step * 2);
    this.#changedAt = now;
  }
}
