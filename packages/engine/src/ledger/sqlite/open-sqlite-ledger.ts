import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, systemClock } from '../../clock.ts';
import { createKeyFile, readKeyFile } from '../key-file.ts';
import type { Ledger } from '../ledger.ts';
import { LedgerError } from '../ledger-error.ts';
import { createSealer, type Sealer } from '../seal.ts';
import { lockLedger } from './process-lock.ts';
import { migrate, readVersion, schemaVersion } from './schema.ts';
import { ledgerErrorOf } from './sqlite-error.ts';
import { SqliteLedger } from './sqlite-ledger.ts';
import { Store } from './store.ts';

/** Where a ledger is. */
export interface SqliteLedgerOptions {
  /** The file; made where there is none. `:memory:` keeps everything in memory and forgets it at the end. */
  readonly path: string;
  /** The file with its key. Default: the ledger's path with `.key` behind it. Made, readable by its owner alone, with a new ledger. */
  readonly keyFile?: string | undefined;
  /** Only look: works while another process writes, and changes nothing. Default: false. */
  readonly readOnly?: boolean | undefined;
  /** Default: the real time. */
  readonly clock?: Clock | undefined;
}

/** A ledger in one SQLite file. */
export interface SqliteLedgerHandle extends Ledger {
  /** The key file, where this call has made it: it must be backed up together with the ledger. */
  readonly keyFileCreated: string | undefined;
}

/**
 * Opens a ledger in one SQLite file: no server, no native build.
 *
 * @throws LedgerError that says what is wrong and what to do.
 */
export async function openSqliteLedger(options: SqliteLedgerOptions): Promise<SqliteLedgerHandle> {
  const { path } = options;
  const clock = options.clock ?? systemClock;
  try {
    if (path === ':memory:') {
      const store = openStore(path, createSealer(crypto.getRandomValues(new Uint8Array(32))), false);
      return new SqliteLedger(store, { path, clock, isReadOnly: false, keyFileCreated: undefined, release: () => {} });
    }
    return options.readOnly === true ? openToRead(options, clock) : openToWrite(options, clock);
  } catch (error) {
    throw ledgerErrorOf(error, path);
  }
}

function openToRead(options: SqliteLedgerOptions, clock: Clock): SqliteLedger {
  const { path } = options;
  if (!existsSync(path)) {
    throw new LedgerError('not-found', `There is no ledger at ${path} yet. 'expunge delete' makes it.`);
  }
  const sealer = createSealer(readKeyFile(options.keyFile ?? `${path}.key`));
  const store = openStore(path, sealer, true);
  return new SqliteLedger(store, { path, clock, isReadOnly: true, keyFileCreated: undefined, release: () => {} });
}

function openToWrite(options: SqliteLedgerOptions, clock: Clock): SqliteLedger {
  const { path } = options;
  const keyFile = options.keyFile ?? `${path}.key`;
  const lock = lockLedger(path);
  try {
    const isNewKey = !existsSync(path) && !existsSync(keyFile);
    const key = isNewKey ? createKeyFile(keyFile) : readKeyFile(keyFile);
    const store = openStore(path, createSealer(key), false);
    return new SqliteLedger(store, {
      path,
      clock,
      isReadOnly: false,
      keyFileCreated: isNewKey ? keyFile : undefined,
      release: () => lock.release(),
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openStore(path: string, sealer: Sealer, readOnly: boolean): Store {
  const database = new DatabaseSync(path, { readOnly });
  try {
    database.exec('PRAGMA busy_timeout = 5000');
    if (readOnly) {
      if (readVersion(database, path) !== schemaVersion) {
        throw new LedgerError(
          'not-found',
          `The ledger ${path} has not been used by this version yet. 'expunge resume' brings it up to date.`,
        );
      }
    } else {
      readVersion(database, path);
      database.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY',
      );
      migrate(database, path);
    }
    checkKey(database, sealer, path, readOnly);
    return new Store(database, sealer);
  } catch (error) {
    database.close();
    throw error;
  }
}

// A known text under the ledger's key: another key gives another digest, and would make everybody unreadable.
function checkKey(database: DatabaseSync, sealer: Sealer, path: string, readOnly: boolean): void {
  const expected = sealer.digest('expunge/key-check');
  const stored = database.prepare(`SELECT value FROM meta WHERE key = 'key-check'`).get()?.value;
  if (stored instanceof Uint8Array) {
    if (Buffer.compare(stored, expected) !== 0) {
      throw new LedgerError(
        'key-wrong',
        `The key file does not belong to the ledger ${path}. Put the right one back from the backup.`,
      );
    }
  } else if (!readOnly) {
    database.prepare(`INSERT INTO meta (key, value) VALUES ('key-check', ?)`).run(expected);
  }
}
