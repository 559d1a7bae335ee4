import { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../ledger-error.ts';

/**
 * Keeps a second process from working on the same ledger: two would send everything twice. The lock is one of the
 * operating system's on a small file beside the ledger, so that it ends with the process however that ends.
 */
export function lockLedger(path: string): { release(): void } {
  const lock = new DatabaseSync(`${path}.lock`);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch {
    lock.close();
    throw new LedgerError(
      'in-use',
      `Another process works on the ledger ${path}. Wait until it has ended; 'expunge status' and 'expunge report' work meanwhile.`,
    );
  }
  return { release: () => lock.close() };
}
