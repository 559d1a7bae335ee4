import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import type { LedgerSecret } from '../../crypto/ledger-key.ts';
import { Turns } from '../../turns.ts';
import type { StorageAdapter } from '../storage-adapter.ts';
import type { Store } from '../store/store.ts';
import { GroupCommit } from './group-commit.ts';
import { ledgerErrorOf } from './sqlite-error.ts';

/** What the SQLite adapter is made of. */
export interface SqliteSetting {
  readonly path: string;
  readonly clock: Clock;
  readonly isReadOnly: boolean;
  readonly secret: LedgerSecret;
  /** Lets go of what keeps other processes away. */
  readonly release: () => void;
}

/**
 * The storage adapter for one SQLite file, over one connection. Reads and transactions take turns on it: a query waits in
 * the middle, and what is half done is seen by no other.
 */
export class SqliteAdapter implements StorageAdapter {
  readonly database: DatabaseSync;
  readonly store: Store;
  readonly clock: Clock;
  readonly secret: LedgerSecret;
  readonly isAlone = true;
  readonly #setting: SqliteSetting;
  readonly #turns = new Turns();
  readonly #commits: GroupCommit;
  #isErased = false;

  constructor(database: DatabaseSync, store: Store, setting: SqliteSetting) {
    this.database = database;
    this.store = store;
    this.clock = setting.clock;
    this.secret = setting.secret;
    this.#setting = setting;
    this.#commits = new GroupCommit(database, store, this.#turns, (error) => ledgerErrorOf(error, setting.path));
  }

  write<Result>(work: (store: Store) => Promise<Result>, canWait?: boolean): Promise<Result> {
    return this.#commits.write(work, canWait);
  }

  read<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
    return this.#turns.take(() => (this.#setting.isReadOnly ? this.#readOfOneMoment(work) : work(this.store)));
  }

  /** Does something with the database itself while nothing else is under way. */
  alone<Result>(work: () => Result): Promise<Result> {
    return this.#turns.take(async () => work());
  }

  /** Commits `work` by itself, and then does something before anybody else reads or writes. */
  async writeAlone<Result>(work: (store: Store) => Promise<void>, andThen: () => Result): Promise<Result> {
    // What was written before stays before it.
    await this.#commits.flush();
    return this.#turns.take(async () => {
      await this.#commits.commitAlone(work);
      return andThen();
    });
  }

  // What an earlier process could not erase in the write-ahead log must not stay behind there either.
  purge(hasErased: boolean): Promise<boolean> {
    return this.alone(() => (hasErased || !this.#isErased ? this.eraseNow() : true));
  }

  /** Erases what is left in the write-ahead log. Within a turn. */
  eraseNow(): boolean {
    this.#isErased = eraseLog(this.database);
    return this.#isErased;
  }

  async close(): Promise<void> {
    await this.#commits.flush();
    await this.alone(() => this.database.close());
    this.#setting.release();
  }

  // Another process may be writing: what is kept in memory may be wrong by now, and a request and the encrypted page that
  // it refers to must be of one moment.
  async #readOfOneMoment<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
    this.database.exec('BEGIN');
    try {
      await this.store.readAnew();
      return await work(this.store);
    } finally {
      this.database.exec('COMMIT');
    }
  }
}

/**
 * Brings the write-ahead log into the file, whose overwritten pages it still hides, and empties it. False where another process
 * else is reading an older state of the file: then both still hold what they held.
 */
function eraseLog(database: DatabaseSync): boolean {
  // Readers that are in the middle of something get a moment to end; whoever waits here waits for all calls in flight.
  database.exec('PRAGMA busy_timeout = 500');
  const end = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  database.exec('PRAGMA busy_timeout = 5000');
  return end?.busy === 0;
}
