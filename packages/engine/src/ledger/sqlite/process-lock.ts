import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../ledger-error.ts';
import { ledgerErrorOf } from './sqlite-error.ts';

/**
 * Keeps a second process from working on the same ledger: two would send everything twice. The lock is one of the
 * operating system's on a small file beside the ledger, so that it ends with the process however that ends.
 */
export function lockLedger(path: string): { release(): void } {
  const lock = new DatabaseSync(`${realPath(path)}.lock`);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const meaning = ledgerErrorOf(error, path);
    if (!(meaning instanceof LedgerError) || meaning.code !== 'in-use') throw meaning;
    throw new LedgerError(
      'in-use',
      `Another process works on the ledger ${path}. Wait until it has ended; 'expunge status' and 'expunge report' work meanwhile.`,
    );
  }
  return { release: () => lock.close() };
}

// One file has one lock, whatever links lead to it.
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(resolve(path));
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path;
}
