import type { DatabaseSync } from 'node:sqlite';

interface Pending {
  readonly work: () => void;
  readonly reject: (error: unknown) => void;
  readonly resolve: () => void;
}

/**
 * Puts everything that wants to be written at the same moment into one transaction: the disk's confirmation
 * (`synchronous=FULL`) is what a commit costs, and one serves all who wait.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #afterEach: () => void;
  readonly #beforeCommit: () => void;
  readonly #afterRollback: () => void;
  readonly #errorOf: (error: unknown) => unknown;
  #queue: Pending[] = [];
  #isScheduled = false;

  /** `afterEach` runs after each piece of work, `beforeCommit` last in each transaction, `afterRollback` after one that failed. */
  constructor(
    database: DatabaseSync,
    hooks: {
      readonly afterEach: () => void;
      readonly beforeCommit: () => void;
      readonly afterRollback: () => void;
      readonly errorOf: (error: unknown) => unknown;
    },
  ) {
    this.#database = database;
    this.#afterEach = hooks.afterEach;
    this.#beforeCommit = hooks.beforeCommit;
    this.#afterRollback = hooks.afterRollback;
    this.#errorOf = hooks.errorOf;
  }

  /** Runs `work` in the next transaction. Resolves when it is on the disk. */
  write<Result>(work: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      let result: Result;
      this.#queue.push({
        work: () => {
          result = work();
        },
        resolve: () => resolve(result),
        reject,
      });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** Commits what is queued, now. */
  flush(): void {
    this.#isScheduled = false;
    const group = this.#queue;
    this.#queue = [];
    if (group.length === 0) return;
    try {
      this.#commit(group);
      for (const pending of group) pending.resolve();
    } catch (error) {
      if (group.length === 1) {
        group[0]?.reject(this.#errorOf(error));
        return;
      }
      // One bad write must not fail its neighbours: each on its own, in order.
      for (const pending of group) {
        try {
          this.#commit([pending]);
          pending.resolve();
        } catch (ownError) {
          pending.reject(this.#errorOf(ownError));
        }
      }
    }
  }

  #commit(group: readonly Pending[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const pending of group) {
        pending.work();
        this.#afterEach();
      }
      this.#beforeCommit();
      this.#database.exec('COMMIT');
    } catch (error) {
      // A full disk may have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#afterRollback();
      throw error;
    }
  }
}
