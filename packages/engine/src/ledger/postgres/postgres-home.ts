import type { Clock } from '../../clock.ts';
import { LedgerError } from '../ledger-error.ts';
import { sealAnew } from '../rules/forget.ts';
import type { LedgerHome } from '../rules/ledger-home.ts';
import { Store } from '../rules/store.ts';
import { createSealer } from '../seal.ts';
import type { LedgerPlace } from './connection.ts';
import { DatabaseClock } from './database-clock.ts';
import { eraseDeadRows } from './erase-dead-rows.ts';
import { HeadCheck } from './ledger-head.ts';
import type { LedgerHead } from './migrate.ts';
import { withPatience } from './patience.ts';
import { Reader } from './reader.ts';
import { SteadyConnection } from './steady-connection.ts';
import type { WorkLock } from './work-lock.ts';
import { WorkQueue } from './work-queue.ts';
import { Writer } from './writer.ts';

/** Speaks to the database within a transaction of the ledger: what it writes is committed with it, or not at all. */
export interface LedgerTransaction {
  /** Runs a statement with PostgreSQL's own placeholders. */
  executeSql(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }>;
}

/** How a ledger in PostgreSQL is lived in. */
export interface PostgresHomeOptions {
  readonly place: LedgerPlace;
  readonly key: Uint8Array;
  /** What it said when it was opened. */
  readonly head: LedgerHead;
  readonly lock: WorkLock;
  readonly isReadOnly: boolean;
  /** Default: the database's. */
  readonly clock: Clock | undefined;
  /** For how long a transaction is tried again while the database is away. */
  readonly patienceMs: number;
  /** Runs last in each writing transaction, also in one that is run again. */
  readonly beforeCommit?: ((transaction: LedgerTransaction) => Promise<void>) | undefined;
}

/** A ledger's home in a schema of PostgreSQL: one connection that writes, one that reads, each made anew when it is lost. */
export class PostgresHome implements LedgerHome {
  readonly digestSecret: Uint8Array;
  readonly clock: Clock;
  readonly isAlone: boolean;
  readonly #options: PostgresHomeOptions;
  readonly #connections: readonly SteadyConnection[];
  readonly #check: HeadCheck;
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #writes: WorkQueue;
  readonly #reads: WorkQueue;
  /** The one that was brought up to date last. */
  #seen: Store;
  #isErased = true;
  #isClosed = false;

  private constructor(options: PostgresHomeOptions, clock: DatabaseClock, connections: Connections, stores: Stores) {
    const { head, patienceMs, beforeCommit } = options;
    this.#options = options;
    this.digestSecret = head.digestSecret;
    this.clock = options.clock ?? clock;
    this.isAlone = options.lock === 'alone';
    this.#connections = [connections.writing, connections.reading];
    this.#check = new HeadCheck(clock, head.keyNumber);
    this.#writer = new Writer(connections.writing, stores.writing, {
      check: this.#check,
      patienceMs,
      beforeCommit: beforeCommit === undefined ? undefined : () => beforeCommit(connections.writing),
    });
    this.#reader = new Reader(connections.reading, stores.reading, this.#check);
    this.#seen = stores.reading;
    this.#writes = new WorkQueue({
      runGroup: async (works) => {
        await withPatience(patienceMs, () => this.#writer.commit(works));
        this.#seen = this.#writer.store;
      },
      isForAll,
    });
    this.#reads = new WorkQueue({
      runGroup: async (works) => {
        await withPatience(patienceMs, () => this.#reader.read(works));
        this.#seen = this.#reader.store;
      },
      isForAll,
    });
  }

  /** Opens a ledger that is there and up to date. */
  static async open(options: PostgresHomeOptions): Promise<PostgresHome> {
    const { place, head, key, isReadOnly } = options;
    const databaseClock = new DatabaseClock(head.now);
    const clock = options.clock ?? databaseClock;
    const sealer = createSealer(key, head.digestSecret);
    const reading = new SteadyConnection(place, 'any');
    const writing = isReadOnly ? reading : new SteadyConnection(place, options.lock);
    try {
      // The lock of a working process is asked for here, before anything is done.
      await writing.connect();
      await reading.connect();
      const now = () => clock.now();
      const store = await Store.open(reading, sealer, now);
      const stores = { reading: store, writing: isReadOnly ? store : await Store.open(writing, sealer, now) };
      return new PostgresHome(options, databaseClock, { writing, reading }, stores);
    } catch (error) {
      await writing.drop();
      await reading.drop();
      throw error;
    }
  }

  get store(): Store {
    return this.#seen;
  }

  async write<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
    return this.#write(work, false);
  }

  async read<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw closed();
    return this.#reads.add(() => work(this.#reader.store));
  }

  async erase(hasForgotten: boolean): Promise<boolean> {
    if (!hasForgotten && this.#isErased) return true;
    this.#isErased = await eraseDeadRows(this.#options.place);
    return this.#isErased;
  }

  /** Seals everything under a new key, all or nothing. */
  async rekey(key: Uint8Array): Promise<{ readonly isErased: boolean }> {
    // Nobody reads meanwhile: what a reader sees is sealed under one key or under the other.
    await this.#reads.add(
      () =>
        this.#write(async (store) => {
          await sealAnew(store, key, this.digestSecret);
          await store.run('UPDATE ledger_head SET key_number = key_number + 1');
        }, true),
      { isApart: true },
    );
    this.#check.keyChanged();
    const sealer = createSealer(key, this.digestSecret);
    this.#writer.store.sealer = sealer;
    this.#reader.store.sealer = sealer;
    return { isErased: await this.erase(true) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writes.idle();
    await this.#reads.idle();
    for (const connection of this.#connections) await connection.drop();
  }

  async #write<Result>(work: (store: Store) => Promise<Result>, isApart: boolean): Promise<Result> {
    if (this.#isClosed) throw closed();
    if (this.#options.isReadOnly) throw new LedgerError('not-writable', 'The ledger was opened only to be read.');
    return this.#writes.add(() => work(this.#writer.store), { isApart });
  }
}

interface Connections {
  readonly writing: SteadyConnection;
  readonly reading: SteadyConnection;
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
