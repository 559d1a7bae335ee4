import { type Clock, LedgerError } from '@expunge/engine';
import { createCipher, type LedgerSecret, reencrypt, type StorageAdapter, Store } from '@expunge/engine/storage';
import type { LedgerPlace } from './connection.ts';
import { DatabaseClock } from './database-clock.ts';
import { eraseDeadRows } from './erase-dead-rows.ts';
import { HeadCheck } from './ledger-head.ts';
import type { LedgerHead } from './migrate.ts';
import { Reader } from './reader.ts';
import { ReconnectingClient } from './reconnecting-client.ts';
import { retryTransient } from './retry-transient.ts';
import { askAfterMs } from './silent-connection.ts';
import type { WorkLock } from './work-lock.ts';
import { WorkQueue } from './work-queue.ts';
import { Writer } from './writer.ts';

/** How a ledger in PostgreSQL is lived in. */
export interface PostgresAdapterOptions {
  readonly place: LedgerPlace;
  readonly key: Uint8Array;
  /** What it said when it was opened. */
  readonly head: LedgerHead;
  readonly lock: WorkLock;
  readonly isReadOnly: boolean;
  /** Default: the database's. */
  readonly clock: Clock | undefined;
  /** For how long a transaction is tried again while the database is away. */
  readonly retryTransientMs: number;
  /** Runs first in each writing transaction, also in one that is run again. */
  readonly atBegin?: (() => void) | undefined;
  /** Runs last in each writing transaction, also in one that is run again. */
  readonly beforeCommit?: (() => Promise<void>) | undefined;
}

/** The storage adapter for a schema of PostgreSQL: one connection that writes, one that reads, each made anew when it is lost. */
export class PostgresAdapter implements StorageAdapter {
  readonly secret: LedgerSecret;
  readonly clock: Clock;
  readonly isAlone: boolean;
  readonly #options: PostgresAdapterOptions;
  readonly #writing: ReconnectingClient;
  readonly #reading: ReconnectingClient;
  readonly #check: HeadCheck;
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #writes: WorkQueue;
  readonly #reads: WorkQueue;
  /** The one that was brought up to date last. */
  #seen: Store;
  #isClosed = false;

  private constructor(options: PostgresAdapterOptions, clock: DatabaseClock, connections: Connections, stores: Stores) {
    const { head, retryTransientMs, atBegin, beforeCommit } = options;
    this.#options = options;
    this.secret = head.secret;
    this.clock = options.clock ?? clock;
    this.isAlone = options.lock === 'alone';
    this.#writing = connections.writing;
    this.#reading = connections.reading;
    this.#check = new HeadCheck(clock, head.keyNumber);
    this.#writer = new Writer(connections.writing, stores.writing, {
      check: this.#check,
      retryTransientMs,
      atBegin,
      beforeCommit,
    });
    this.#reader = new Reader(connections.reading, stores.reading, this.#check);
    this.#seen = stores.reading;
    this.#writes = new WorkQueue({
      runGroup: async (works) => {
        await retryTransient(retryTransientMs, () => this.#writer.commit(works));
        this.#seen = this.#writer.store;
        // A caller that learns of a write must not be given what was read before it. A change of the key
        // runs among the reads and waits for the writes itself.
        await this.#reads.whatRuns();
      },
      isForAll,
    });
    this.#reads = new WorkQueue({
      runGroup: async (works) => {
        await retryTransient(retryTransientMs, () => this.#reader.read(works));
        this.#seen = this.#reader.store;
      },
      isForAll,
    });
  }

  /** Opens a ledger that is there and up to date. */
  static async open(options: PostgresAdapterOptions): Promise<PostgresAdapter> {
    const { place, head, key, isReadOnly } = options;
    const databaseClock = new DatabaseClock(head.now);
    const clock = options.clock ?? databaseClock;
    const { secret } = head;
    const cipher = createCipher(key, secret.digestSecret);
    const silentForMs = askAfterMs(options.retryTransientMs);
    const reading = new ReconnectingClient(place, 'any', silentForMs);
    const writing = isReadOnly ? reading : new ReconnectingClient(place, options.lock, silentForMs);
    try {
      // The lock of a working process is asked for here, before anything is done.
      await writing.connect();
      await reading.connect();
      const opening = { cipher, secret, now: () => clock.now() };
      const store = await Store.open(reading, opening);
      const stores = { reading: store, writing: isReadOnly ? store : await Store.open(writing, opening) };
      return new PostgresAdapter(options, databaseClock, { writing, reading }, stores);
    } catch (error) {
      writing.drop();
      reading.drop();
      throw error;
    }
  }

  get store(): Store {
    return this.#seen;
  }

  async write<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
    return this.#write(work, { isApart: false });
  }

  async read<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw closed();
    // What this process was told to write before is to be seen, as on a SQLite file.
    await this.#writes.whatIsThere();
    return this.#reads.add(() => work(this.#reader.store));
  }

  /**
   * Runs a statement with PostgreSQL's own placeholders on the connection that writes. Only from within `write`: what it
   * writes is committed with the ledger's rows, or not at all.
   */
  async executeSql(text: string, values: readonly unknown[] = []): Promise<{ rows: unknown[] }> {
    return this.#writing.executeSql(text, values);
  }

  // Erasing records it in the same transaction (`schema.ts`): the next one finishes what a process could not.
  async purge(): Promise<boolean> {
    const pending = await this.read((store) =>
      store.get<{ revision: number }>(`SELECT to_erase AS revision FROM ledger_head`),
    );
    if (pending === undefined || pending.revision === 0) return true;
    if (!(await eraseDeadRows(this.#options.place))) return false;
    // What other processes have erased meanwhile stays recorded.
    await this.write((store) => store.run('UPDATE ledger_head SET to_erase = 0 WHERE to_erase = ?', pending.revision));
    return true;
  }

  /** Encrypts everything under a new key, all or nothing. */
  async rekey(key: Uint8Array, actor: string): Promise<{ readonly isErased: boolean; readonly damagedPages: number }> {
    // No read runs meanwhile: what a reader sees is encrypted under one key or under the other.
    const damagedPages = await this.#reads.add(() => this.#encryptAnew(key, actor), { isApart: true });
    return { isErased: await this.purge(), damagedPages };
  }

  async #encryptAnew(key: Uint8Array, actor: string): Promise<number> {
    // In a transaction of its own: what is written before and after it must not be encrypted under the other key.
    const damagedPages = await this.#write(
      async (store) => {
        const damaged = await store.audit.as(actor, () => reencrypt(store, key, this.secret));
        await store.run('UPDATE ledger_head SET key_number = key_number + 1');
        return damaged;
      },
      { isApart: true },
    );
    this.#check.keyChanged();
    const cipher = createCipher(key, this.secret.digestSecret);
    this.#writer.store.cipher = cipher;
    this.#reader.store.cipher = cipher;
    return damagedPages;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writes.idle();
    await this.#reads.idle();
    await this.#writing.close();
    await this.#reading.close();
  }

  async #write<Result>(
    work: (store: Store) => Promise<Result>,
    options: { readonly isApart: boolean },
  ): Promise<Result> {
    if (this.#isClosed) throw closed();
    if (this.#options.isReadOnly) throw new LedgerError('not-writable', 'The ledger was opened only to be read.');
    return this.#writes.add(() => work(this.#writer.store), options);
  }
}

interface Connections {
  readonly writing: ReconnectingClient;
  readonly reading: ReconnectingClient;
}

interface Stores {
  readonly writing: Store;
  readonly reading: Store;
}

// With the database away, or the ledger changed under this process, trying one after the other would only take longer.
function isForAll(error: unknown): boolean {
  return error instanceof LedgerError && ['unreachable', 'in-use', 'key-wrong', 'newer-version'].includes(error.code);
}

function closed(): Error {
  return new Error('The ledger is closed.');
}
