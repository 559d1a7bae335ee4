import type { Store } from '@expunge/engine/storage';
import { mayPass } from './database-error.ts';
import { type HeadCheck, readHead } from './ledger-head.ts';
import type { ReconnectingClient } from './reconnecting-client.ts';

/** Runs reading transactions: what is read together is of one moment, and committed. Waits for no writer. */
export class Reader {
  readonly store: Store;
  readonly #connection: ReconnectingClient;
  readonly #check: HeadCheck;
  /** The revision that the store knows; undefined: nothing for certain. */
  #known: number | undefined;

  constructor(connection: ReconnectingClient, store: Store, check: HeadCheck) {
    this.#connection = connection;
    this.store = store;
    this.#check = check;
  }

  /** Runs pieces of work in one transaction, once. */
  async read(works: readonly (() => Promise<void>)[]): Promise<void> {
    await this.#connection.connect();
    try {
      const head = await readHead(this.#connection);
      this.#check.check(head);
      if (head.revision !== this.#known) await this.store.readAnew();
      this.#known = head.revision;
      for (const work of works) await work();
      await this.#connection.exec('COMMIT');
    } catch (error) {
      this.#known = undefined;
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
}
