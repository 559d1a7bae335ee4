import { rmSync } from 'node:fs';
import { createSealer } from '../../crypto/cipher.ts';
import { createKeyFile, nextKeyFile, promoteNextKey } from '../../crypto/key-file.ts';
import { makeKey } from '../../crypto/ledger-key.ts';
import { noteHome } from '../ledger-storage.ts';
import { acceptClock } from '../store/clock-behind.ts';
import { createLedger } from '../store/create-ledger.ts';
import { sealAnew } from '../store/erase-requests.ts';
import { backUp } from './backup.ts';
import type { SqliteLedgerHandle } from './open-sqlite-ledger.ts';
import type { SqliteHome } from './sqlite-adapter.ts';

/**
 * A ledger in a SQLite file: the rules over its home, and what only a file has.
 *
 * @param keys - Where its key lies, if in a file, and whether that was made just now.
 */
export function createSqliteLedger(
  home: SqliteHome,
  keys: { readonly file: string | undefined; readonly created: string | undefined },
): SqliteLedgerHandle {
  const ledger: SqliteLedgerHandle = {
    ...createLedger(home),
    keyFileCreated: keys.created,
    backup: (path) => home.alone(() => backUp(home.database, path)),
    rekey: (newKey = makeKey()) => rekey(home, newKey, keys.file),
    acceptClock: () => home.write((store) => acceptClock(store, home.clock.now())),
  };
  noteHome(ledger, home);
  return ledger;
}

async function rekey(
  home: SqliteHome,
  key: Uint8Array,
  keyFile: string | undefined,
): Promise<{ readonly isErased: boolean }> {
  if (keyFile !== undefined) {
    // A next key that an earlier, cut-off change left behind opens nothing.
    rmSync(nextKeyFile(keyFile), { force: true });
    createKeyFile(nextKeyFile(keyFile), key);
  }
  // In a transaction of its own: what is written and read before and after it must not be sealed under the other key.
  const isErased = await home.writeAlone(
    (store) => sealAnew(store, key, home.digestSecret),
    () => {
      home.store.sealer = createSealer(key, home.digestSecret);
      // What was sealed under the old key must not stay behind in the write-ahead log.
      return home.eraseNow();
    },
  );
  if (keyFile !== undefined) promoteNextKey(keyFile);
  return { isErased };
}
