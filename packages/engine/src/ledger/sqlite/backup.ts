import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../ledger-error.ts';
import { syncFolderOf, syncPath } from '../sync-folder.ts';
import { ledgerErrorOf } from './sqlite-error.ts';

/** Writes a copy of a database to a new file. */
export function backUp(database: DatabaseSync, path: string): void {
  if (existsSync(path))
    throw new LedgerError('not-writable', `${path} exists already. Name a new file for the backup.`);
  // Under another name first: half a copy looks like a whole one.
  const partial = `${path}.partial`;
  rmSync(partial, { force: true });
  try {
    // As readable as the ledger: by its owner alone.
    closeSync(openSync(partial, 'wx', 0o600));
    database.prepare('VACUUM INTO ?').run(partial);
    // SQLite leaves this to us (https://www.sqlite.org/lang_vacuum.html): a backup has to outlive a power cut.
    syncPath(partial);
    renameSync(partial, path);
    syncFolderOf(path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw ledgerErrorOf(error, path);
  }
}
