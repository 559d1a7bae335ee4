import type { DatabaseSync } from 'node:sqlite';
import type { Turns } from '../../turns.ts';
import type { Store } from '../store/store.ts';

interface Pending {
  readonly work: (store: Store) => Promise<void>;
  readonly reject: (error: unknown) => void;
  readonly resolve: () => void;
}

/** How many turns of the event loop a write that can wait lets pass: in each of them answers of vendors come in. */
const turnsOfPatience = 4;

/**
 * Puts everything that wants to be written at the same moment into one transaction: the disk's confirmation
 * (`synchronous=FULL`) is what a commit costs, and one serves all who wait.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #store: Store;
  readonly #turns: Turns;
  readonly #errorOf: (error: unknown) => unknown;
  #queue: Pending[] = [];
  /** Turns of the event loop until what is queued is committed. 0: nothing is queued, or its time has come. */
  #turnsLeft = 0;

  /**
   * @param turns - Where reads wait as well: no read sees half a transaction.
   * @param errorOf - What an error of the database means.
   */
  constructor(database: DatabaseSync, store: Store, turns: Turns, errorOf: (error: unknown) => unknown) {
    this.#database = database;
    this.#store = store;
    this.#turns = turns;
    this.#errorOf = errorOf;
  }

  /**
   * Runs `work` in the next transaction. Resolves when it is on the disk.
   *
   * @param canWait - Whether it waits a moment for something that can't, to go along with it.
   */
  write<Result>(work: (store: Store) => Promise<Result>, canWait = false): Promise<Result> {
    return new Promise((resolve, reject) => {
      let result: Result;
      this.#queue.push({
        work: async (store) => {
          result = await work(store);
        },
        resolve: () => resolve(result),
        reject,
      });
      // All that is to be written in this turn of the event loop goes along.
      this.#commitWithin(canWait ? turnsOfPatience : 1);
    });
  }

  /** Commits what is queued, as soon as it is its turn. */
  flush(): Promise<void> {
    return this.#turns.take(() => this.#commitQueued());
  }

  /** Runs `work` in a transaction of its own, within a turn that its caller has taken. */
  async commitAlone(work: (store: Store) => Promise<void>): Promise<void> {
    try {
      await this.#commit([work]);
    } catch (error) {
      throw this.#errorOf(error);
    }
  }

  #commitWithin(turns: number): void {
    const isScheduled = this.#turnsLeft > 0;
    this.#turnsLeft = isScheduled ? Math.min(this.#turnsLeft, turns) : turns;
    if (!isScheduled) this.#endTurn();
  }

  #endTurn(): void {
    setImmediate(() => {
      this.#turnsLeft -= 1;
      if (this.#turnsLeft > 0) this.#endTurn();
      // What fails is told to those who wait for it.
      else void this.flush();
    });
  }

  async #commitQueued(): Promise<void> {
    const group = this.#queue;
    this.#queue = [];
    if (group.length === 0) return;
    try {
      await this.#commit(group.map(({ work }) => work));
      for (const pending of group) pending.resolve();
    } catch (error) {
      if (group.length === 1) group[0]?.reject(this.#errorOf(error));
      else await this.#commitEach(group);
    }
  }

  // One bad write must not fail its neighbours: each on its own, in order.
  async #commitEach(group: readonly Pending[]): Promise<void> {
    for (const pending of group) {
      try {
        await this.#commit([pending.work]);
        pending.resolve();
      } catch (error) {
        pending.reject(this.#errorOf(error));
      }
    }
  }

  async #commit(group: readonly ((store: Store) => Promise<void>)[]): Promise<void> {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const work of group) {
        await work(this.#store);
        this.#store.endStep();
      }
      await this.#store.beforeCommit();
      this.#database.exec('COMMIT');
    } catch (error) {
      // A full disk may have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      await this.#store.afterRollback();
      throw error;
    }
    this.#store.afterCommit();
  }
}
