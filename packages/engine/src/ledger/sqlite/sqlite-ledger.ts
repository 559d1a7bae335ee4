import { randomBytes } from 'node:crypto';
import { closeSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { createCipher } from '../../crypto/cipher.ts';
import { createKeyFile, nextKeyFile, promoteNextKey } from '../../crypto/key-file.ts';
import { makeKey } from '../../crypto/ledger-key.ts';
import { LedgerError } from '../ledger-error.ts';
import { checkedActor } from '../plain-text.ts';
import { registerStorage } from '../storage-adapter.ts';
import { acceptClock } from '../store/clock-behind.ts';
import { createLedger } from '../store/create-ledger.ts';
import { reencrypt } from '../store/reencrypt.ts';
import { syncFolderOf, syncPath } from '../sync-folder.ts';
import type { SqliteLedgerHandle } from './open-sqlite-ledger.ts';
import type { SqliteAdapter } from './sqlite-adapter.ts';
import { ledgerErrorOf } from './sqlite-error.ts';

/**
 * A ledger in a SQLite file: the queries over its adapter, and what only a file has.
 *
 * @param keys - Where its key lies, if in a file, and whether that was made just now.
 */
export function createSqliteLedger(
  storage: SqliteAdapter,
  keys: { readonly file: string | undefined; readonly created: string | undefined },
): SqliteLedgerHandle {
  const ledger: SqliteLedgerHandle = {
    ...createLedger(storage),
    keyFileCreated: keys.created,
    backup: (path) => storage.alone(() => backUp(storage.database, path)),
    rekey: (newKey = makeKey(), actor) => rekey(storage, newKey, keys.file, actor),
    acceptClock: async (actor) => {
      const name = checkedActor(actor);
      return storage.write((store) => store.audit.as(name, () => acceptClock(store, storage.clock.now())));
    },
  };
  registerStorage(ledger, storage);
  return ledger;
}

async function rekey(
  storage: SqliteAdapter,
  key: Uint8Array,
  keyFile: string | undefined,
  actor: string | undefined,
): ReturnType<SqliteLedgerHandle['rekey']> {
  const name = checkedActor(actor);
  if (keyFile !== undefined) {
    // A next key that an earlier, cut-off change left behind opens nothing.
    rmSync(nextKeyFile(keyFile), { force: true });
    createKeyFile(nextKeyFile(keyFile), key);
  }
  // In a transaction of its own: what is written and read before and after it must not be encrypted under the other key.
  let damagedPages = 0;
  const isErased = await storage.writeAlone(
    async (store) => {
      damagedPages = await store.audit.as(name, () => reencrypt(store, key, storage.secret));
    },
    () => {
      storage.store.cipher = createCipher(key, storage.secret.digestSecret);
      // What was encrypted under the old key must not stay behind in the write-ahead log.
      return storage.eraseNow();
    },
  );
  if (keyFile !== undefined) promoteNextKey(keyFile);
  return { isErased, damagedPages };
}

/** Writes a copy of a database to a new file. */
function backUp(database: DatabaseSync, path: string): void {
  // A link that leads nowhere is there too.
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
    throw new LedgerError('not-writable', `${path} exists already. Name a new file for the backup.`);
  // Under another name first: half a copy looks like a whole one. A random name: nobody can have put a link there.
  const partial = join(dirname(path), `.${basename(path)}.${randomBytes(9).toString('hex')}.partial`);
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
