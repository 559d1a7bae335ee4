import { closeSync, existsSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, systemClock } from '../../clock.ts';
import { createCipher } from '../../crypto/cipher.ts';
import { createKeyFile, promoteNextKey, readKeyFile, readNextKey } from '../../crypto/key-file.ts';
import { type LedgerSecret, makeKey, unwrapLedgerSecret, wrapLedgerSecret } from '../../crypto/ledger-key.ts';
import type { Ledger } from '../ledger.ts';
import { LedgerError } from '../ledger-error.ts';
import type { ClockCorrection } from '../store/clock-behind.ts';
import { upgradeLedger } from '../store/reencrypt.ts';
import { Store } from '../store/store.ts';
import { migrate, readVersion, schemaVersion } from './schema.ts';
import { SqliteAdapter } from './sqlite-adapter.ts';
import { ledgerErrorOf } from './sqlite-error.ts';
import { createSqliteLedger } from './sqlite-ledger.ts';
import { SqliteSql } from './sqlite-sql.ts';

/** Where a ledger is. */
export interface SqliteLedgerOptions {
  /** The file; made where there is none. `:memory:` keeps everything in memory and forgets it at the end. */
  readonly path: string;
  /** The ledger's key, 32 bytes, where the company keeps it itself. */
  readonly key?: Uint8Array | undefined;
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
  /** Writes a copy to a new file, also while another process works on the ledger. The key is not part of it. */
  backup(path: string): Promise<void>;
  /**
   * Encrypts everything under a new key, all or nothing. With a key file, the new key takes its place.
   *
   * @returns `isErased`: whether nothing that the old key opens is left in the ledger's own files. False where another
   * process is reading them: the next `erase` tries again. `damagedPages`: how many encrypted pages do not open, and stay as they were.
   */
  rekey(newKey?: Uint8Array, actor?: string): Promise<{ readonly isErased: boolean; readonly damagedPages: number }>;
  /**
   * Goes on with a clock that lies behind the ledger, because it was ahead when the ledger was written: brings back
   * every time that the wrong clock has set, and records in the audit log that it did.
   *
   * @returns undefined where the clock is not behind.
   */
  acceptClock(actor?: string): Promise<ClockCorrection | undefined>;
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
      return await openLedger(options, { key: makeKey(), clock, keyFileCreated: undefined, release: () => {} });
    }
    return await (options.readOnly === true ? openToRead(options, clock) : openToWrite(options, clock));
  } catch (error) {
    throw ledgerErrorOf(error, path);
  }
}

function keyFileOf(options: SqliteLedgerOptions): string {
  return options.keyFile ?? `${options.path}.key`;
}

async function openToRead(options: SqliteLedgerOptions, clock: Clock): Promise<SqliteLedgerHandle> {
  const { path } = options;
  if (!existsSync(path)) {
    throw new LedgerError('not-found', `There is no ledger at ${path} yet. 'expunge delete' makes it.`);
  }
  const setting = { clock, keyFileCreated: undefined, release: () => {} };
  if (options.key !== undefined) return await openLedger(options, { ...setting, key: options.key });
  const keyFile = keyFileOf(options);
  const nextKey = readNextKey(keyFile);
  try {
    return await openLedger(options, { ...setting, key: readKeyFile(keyFile) });
  } catch (error) {
    // A change of keys that was cut off: the next process that writes puts the new key in its place.
    const isOtherKey = error instanceof LedgerError && error.code === 'key-wrong';
    if (!isOtherKey || nextKey === undefined) throw error;
    return await openLedger(options, { ...setting, key: nextKey });
  }
}

async function openToWrite(options: SqliteLedgerOptions, clock: Clock): Promise<SqliteLedgerHandle> {
  const lock = lockLedger(options.path);
  const release = () => lock.release();
  try {
    if (options.key !== undefined) {
      return await openLedger(options, { key: options.key, clock, keyFileCreated: undefined, release });
    }
    const keyFile = keyFileOf(options);
    // A first run that was cut off may have left an empty key file: there is nothing that it could open.
    if (!existsSync(options.path) && existsSync(keyFile) && statSync(keyFile).size === 0) rmSync(keyFile);
    if (existsSync(options.path) || existsSync(keyFile)) {
      return await openWithKeyFile(options, keyFile, clock, release);
    }
    const key = makeKey();
    createKeyFile(keyFile, key);
    return await openLedger(options, { key, clock, keyFileCreated: keyFile, release });
  } catch (error) {
    release();
    throw error;
  }
}

// A change of keys that was cut off has left the next key beside the old one: whichever opens the ledger is the right one.
async function openWithKeyFile(
  options: SqliteLedgerOptions,
  keyFile: string,
  clock: Clock,
  release: () => void,
): Promise<SqliteLedgerHandle> {
  const key = readKeyFile(keyFile);
  const nextKey = readNextKey(keyFile);
  const setting = { clock, keyFileCreated: undefined, release };
  if (nextKey === undefined) return await openLedger(options, { ...setting, key });
  try {
    const ledger = await openLedger(options, { ...setting, key: nextKey });
    promoteNextKey(keyFile);
    return ledger;
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'key-wrong') throw error;
    return await openLedger(options, { ...setting, key });
  }
}

interface OpenSetting {
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly keyFileCreated: string | undefined;
  readonly release: () => void;
}

async function openLedger(options: SqliteLedgerOptions, setting: OpenSetting): Promise<SqliteLedgerHandle> {
  const { path } = options;
  const { key, clock } = setting;
  const isReadOnly = options.readOnly === true;
  // Only its owner reads it; SQLite gives its companions the same mode.
  if (path !== ':memory:' && !isReadOnly && !existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
  const database = new DatabaseSync(path, { readOnly: isReadOnly });
  try {
    prepare(database, path, isReadOnly);
    const sql = new SqliteSql(database);
    const secret = await openSecret(database, sql, { key, path, isReadOnly });
    const cipher = createCipher(key, secret.digestSecret);
    const store = await Store.open(sql, { cipher, secret, now: () => clock.now() });
    const storage = new SqliteAdapter(database, store, {
      path,
      clock,
      isReadOnly,
      secret,
      release: setting.release,
    });
    return createSqliteLedger(storage, {
      file: options.key === undefined && path !== ':memory:' ? keyFileOf(options) : undefined,
      created: setting.keyFileCreated,
    });
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: DatabaseSync, path: string, isReadOnly: boolean): void {
  database.exec('PRAGMA busy_timeout = 5000');
  const version = readVersion(database, path);
  if (isReadOnly) {
    if (version === schemaVersion) return;
    throw notUpgraded(path);
  }
  // secure_delete overwrites what is erased.
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON',
  );
  // Fingerprints lie anywhere in their index: a ledger of a million tasks writes to all of it in every step.
  database.exec('PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 8000');
  migrate(database, path);
}

// Opening it proves the key: another one would make everybody in the ledger unreadable.
async function openSecret(
  database: DatabaseSync,
  sql: SqliteSql,
  { key, path, isReadOnly }: { readonly key: Uint8Array; readonly path: string; readonly isReadOnly: boolean },
): Promise<LedgerSecret> {
  const wrapped = database.prepare(`SELECT value FROM meta WHERE key = 'digest-secret'`).get()?.value;
  if (!(wrapped instanceof Uint8Array)) {
    const secret = { digestSecret: makeKey(), signedFrom: 1 };
    database.prepare(`INSERT INTO meta (key, value) VALUES ('digest-secret', ?)`).run(wrapLedgerSecret(key, secret));
    return secret;
  }
  const secret = unwrapLedgerSecret(key, wrapped);
  if (secret === undefined) {
    throw new LedgerError(
      'key-wrong',
      `The key does not belong to the ledger ${path}. Put the right one back from the backup.`,
    );
  }
  const { digestSecret, signedFrom } = secret;
  if (signedFrom !== undefined) return { digestSecret, signedFrom };
  if (isReadOnly) throw notUpgraded(path);
  return upgradeAlone(database, () => upgradeLedger(sql, key, digestSecret));
}

async function upgradeAlone<Result>(database: DatabaseSync, work: () => Promise<Result>): Promise<Result> {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = await work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function notUpgraded(path: string): LedgerError {
  return new LedgerError(
    'not-found',
    `The ledger ${path} has not been used by this version yet. 'expunge resume' brings it up to date.`,
  );
}

/**
 * Keeps a second process from working on the same ledger: two would send everything twice. The lock is one of the
 * operating system's on a small file beside the ledger, so that it ends with the process however that ends.
 */
function lockLedger(path: string): { release(): void } {
  const file = `${realPath(path)}.lock`;
  // Only its owner opens it: whoever can open it can hold it, and keep the ledger from its owner.
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch {
    // What is in the way, SQLite meets next and says.
  }
  const lock = new DatabaseSync(file);
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
