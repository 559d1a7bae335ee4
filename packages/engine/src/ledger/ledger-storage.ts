import type { Ledger } from './ledger.ts';
import type { StorageAdapter } from './storage-adapter.ts';

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
