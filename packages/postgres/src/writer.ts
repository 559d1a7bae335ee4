import { setTimeout as wait } from 'node:timers/promises';
import type { Store } from '@expunge/engine/storage';
import { mayPass, StatementFailed } from './database-error.ts';
import { type HeadCheck, lockHead } from './ledger-head.ts';
import type { ReconnectingClient } from './reconnecting-client.ts';
import { retryTransient } from './retry-transient.ts';

const askAgainMs = 50;

/**
 * Runs writing transactions. Each begins by locking the head of the ledger: one writer at a time, whichever process it
 * is in, so that the queries find what they would find on a SQLite file.
 */
export class Writer {
  readonly store: Store;
  readonly #connection: ReconnectingClient;
  readonly #check: HeadCheck;
  readonly #patienceMs: number;
  readonly #atBegin: () => void;
  readonly #beforeCommit: () => Promise<void>;
  /** The revision that the store knows; undefined: nothing for certain. */
  #known: number | undefined;

  /**
   * @param options - `atBegin` runs first in each transaction, also in one that is run again, `beforeCommit` last.
   * `retryTransientMs`: for how long it is asked what became of a
   * commit whose answer was lost.
   */
  constructor(
    connection: ReconnectingClient,
    store: Store,
    options: {
      readonly check: HeadCheck;
      readonly retryTransientMs: number;
      readonly atBegin?: (() => void) | undefined;
      readonly beforeCommit?: (() => Promise<void>) | undefined;
    },
  ) {
    this.#connection = connection;
    this.store = store;
    this.#check = options.check;
    this.#patienceMs = options.retryTransientMs;
    this.#atBegin = options.atBegin ?? (() => {});
    this.#beforeCommit = options.beforeCommit ?? (async () => {});
  }

  /** Runs pieces of work in one transaction, once. Whatever it throws, nothing of it is in the database. */
  async commit(works: readonly (() => Promise<void>)[]): Promise<void> {
    await this.#connection.connect();
    const { xid, revision } = await this.#work(works);
    try {
      const { command } = await this.#connection.exec('COMMIT');
      if (command !== 'COMMIT') throw new StatementFailed('25P02', undefined);
    } catch (error) {
      // The answer is lost, not necessarily the commit: the same work must not be taken for new.
      this.#connection.drop();
      const isThere = await this.#wasCommitted(xid).catch((unknown: unknown) => {
        this.#discard();
        throw unknown;
      });
      if (!isThere) {
        this.#discard();
        throw error;
      }
    }
    this.store.afterCommit();
    this.#known = revision;
  }

  async #work(works: readonly (() => Promise<void>)[]): Promise<{ xid: string; revision: number }> {
    try {
      const head = await lockHead(this.#connection);
      this.#check.check(head);
      if (head.revision - 1 !== this.#known) await this.store.readAnew();
      this.#atBegin();
      for (const work of works) {
        await work();
        this.store.endStep();
      }
      await this.store.beforeCommit();
      await this.#beforeCommit();
      return head;
    } catch (error) {
      this.#discard();
      // What may pass has mostly broken the connection, or what was prepared on it.
      if (mayPass(error)) this.#connection.drop();
      else await this.#rollBack();
      throw error;
    }
  }

  async #rollBack(): Promise<void> {
    try {
      await this.#connection.exec('ROLLBACK');
    } catch {
      this.#connection.drop();
    }
  }

  #discard(): void {
    this.store.discard();
    this.#known = undefined;
  }

  // PostgreSQL remembers what became of a transaction. It may still be at it: then the answer is not there yet.
  async #wasCommitted(xid: string): Promise<boolean> {
    for (;;) {
      const status = await retryTransient(this.#patienceMs, () => this.#statusOf(xid));
      if (status !== 'in progress') return status === 'committed';
      await wait(askAgainMs);
    }
  }

  async #statusOf(xid: string): Promise<string | undefined> {
    await this.#connection.connect();
    try {
      const row = await this.#connection.get<{ status: string | null }>(
        'SELECT pg_xact_status(CAST(CAST(? AS text) AS xid8)) AS status',
        xid,
      );
      return row?.status ?? undefined;
    } catch (error) {
      // A standby has taken over that never saw it: to that server, it is in the future.
      if (error instanceof StatementFailed && error.sqlState === '22023') return undefined;
      this.#connection.drop();
      throw error;
    }
  }
}
