interface Pending {
  readonly work: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Shares nothing with its neighbours. */
  readonly isApart: boolean;
}

/** Runs pieces of work one after the other, all that wait at the same moment as one group. */
export class WorkQueue {
  readonly #runGroup: (works: readonly (() => Promise<void>)[]) => Promise<void>;
  readonly #isForAll: (error: unknown) => boolean;
  #waiting: Pending[] = [];
  #running: Promise<void> | undefined;
  #group: Promise<void> = Promise.resolve();
  #runsApart = false;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * `runGroup` does all of a group or nothing; one that failed is run again, each piece alone, so that a bad piece does
   * not fail its neighbours. `isForAll`: whether an error would be the same for each of them.
   */
  constructor(options: {
    readonly runGroup: (works: readonly (() => Promise<void>)[]) => Promise<void>;
    readonly isForAll: (error: unknown) => boolean;
  }) {
    this.#runGroup = options.runGroup;
    this.#isForAll = options.isForAll;
  }

  /** Runs `work` with the next group, or in a group of its own. Its result is given out when the group is done. */
  add<Result>(work: () => Promise<Result>, options: { readonly isApart?: boolean } = {}): Promise<Result> {
    const done = new Promise<Result>((resolve, reject) => {
      let result: Result;
      this.#waiting.push({
        work: async () => {
          result = await work();
        },
        resolve: () => resolve(result),
        reject,
        isApart: options.isApart === true,
      });
      this.#running ??= this.#run();
    });
    this.#last = done.catch(() => {});
    return done;
  }

  /** Resolves when everything that waits or runs now has ended, one way or the other. */
  async whatIsThere(): Promise<void> {
    await this.#last;
  }

  /** Resolves when the group that runs now has ended. At once where that is one apart: it may wait for others itself. */
  async whatRuns(): Promise<void> {
    if (!this.#runsApart) await this.#group;
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // What is asked at the same moment goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const next = this.#next();
      this.#runsApart = next.some(({ isApart }) => isApart);
      this.#group = this.#take(next);
      await this.#group;
    }
    this.#running = undefined;
  }

  #next(): readonly Pending[] {
    const apart = this.#waiting.findIndex(({ isApart }) => isApart);
    if (apart === -1) return this.#waiting.splice(0);
    return this.#waiting.splice(0, Math.max(apart, 1));
  }

  async #take(group: readonly Pending[]): Promise<void> {
    try {
      await this.#runGroup(group.map(({ work }) => work));
    } catch (error) {
      if (group.length === 1 || this.#isForAll(error)) {
        for (const pending of group) pending.reject(error);
        return;
      }
      for (const pending of group) await this.#take([pending]);
      return;
    }
    for (const pending of group) pending.resolve();
  }
}
