import type { Clock } from '../clock.ts';
import type { LedgerSecret } from '../crypto/ledger-key.ts';
import type { Ledger } from './ledger.ts';
import type { Store } from './store/store.ts';

/**
 * The storage of a ledger. The queries say what is read and written; the adapter says on which connection, in which transaction
 * and after whom.
 */
export interface StorageAdapter {
  /**
   * Runs a piece of work in a transaction, which it may share with others that wait at the same moment. Resolves when
   * it is on the disk; rejects where it was undone, and then nothing of it is left. The same work may run again after
   * a transaction that failed. For each piece the adapter calls `store.endStep()`; for the transaction, `beforeCommit()`
   * and `afterCommit()`, or `afterRollback()`.
   *
   * @param canWait - It may be put off for a few turns of the event loop, to share the next transaction.
   */
  write<Result>(work: (store: Store) => Promise<Result>, canWait?: boolean): Promise<Result>;
  /** Runs a piece of work that only reads. All that it sees is of one moment, and committed. */
  read<Result>(work: (store: Store) => Promise<Result>): Promise<Result>;
  /** The store as it was last seen, for what is answered at once: fingerprints and counts. */
  readonly store: Store;
  /** The ledger's own secret, which fingerprints and the key for signing come from. */
  readonly secret: LedgerSecret;
  readonly clock: Clock;
  /** Whether only one process works on it at a time. Then a call that is open when a process begins was cut off. */
  readonly isAlone: boolean;
  /**
   * Removes from the storage's own files what was overwritten because a person was erased.
   *
   * @param hasErased - Whether a person was erased since the last time.
   * @returns Whether nothing of it is left there.
   */
  purge(hasErased: boolean): Promise<boolean>;
  /** Ends what is under way, and closes it. */
  close(): Promise<void>;
}

const storages = new WeakMap<Ledger, StorageAdapter>();

/** Registers the adapter that a ledger uses. */
export function registerStorage(ledger: Ledger, storage: StorageAdapter): void {
  storages.set(ledger, storage);
}

/** The adapter of a ledger that one of our own functions has opened. */
export function storageOf(ledger: Ledger): StorageAdapter {
  const storage = storages.get(ledger);
  if (storage === undefined)
    throw new TypeError(
      'This ledger was not opened by openSqliteLedger or openPostgresLedger, or is a copy of one that was.',
    );
  return storage;
}
