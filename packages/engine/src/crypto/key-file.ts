import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { LedgerError } from '../ledger/ledger-error.ts';
import { syncFolderOf } from '../ledger/sync-folder.ts';

/** Reads the key of a ledger: 64 hexadecimal digits. */
export function readKeyFile(path: string): Uint8Array {
  if (!existsSync(path)) {
    throw new LedgerError(
      'key-missing',
      `The ledger's key file ${path} is missing. Put it back from the backup: without it the ledger can not be decrypted.`,
    );
  }
  return parseKey(readFileSync(path, 'utf8'), `The key file ${path}`);
}

/**
 * Reads a key written as 64 hexadecimal digits.
 *
 * @param what - What the message calls the place it came from.
 */
export function parseKey(text: string, what: string): Uint8Array {
  if (!isKey(text)) {
    throw new LedgerError(
      'key-wrong',
      `${what} does not hold 64 hexadecimal digits. Put the right key back from the backup.`,
    );
  }
  return Buffer.from(text.trim(), 'hex');
}

/** Writes a key to a new file that only its owner may read (0600). Fails where there is one. */
export function createKeyFile(path: string, key: Uint8Array): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${Buffer.from(key).toString('hex')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // The ledger is useless without it: it has to be on the disk first, and its name with it.
  syncFolderOf(path);
}

/** Where the next key waits while a ledger is being encrypted anew. */
export function nextKeyFile(path: string): string {
  return `${path}.next`;
}

/**
 * The next key, where a change of keys was cut off. A file that holds no whole key was never used: the key is on the disk
 * before anything is encrypted under it.
 */
export function readNextKey(path: string): Uint8Array | undefined {
  const next = nextKeyFile(path);
  if (!existsSync(next)) return undefined;
  const text = readFileSync(next, 'utf8');
  return isKey(text) ? parseKey(text, `The key file ${next}`) : undefined;
}

/** Puts the next key in the place of the old one. */
export function promoteNextKey(path: string): void {
  renameSync(nextKeyFile(path), path);
  syncFolderOf(path);
}

function isKey(text: string): boolean {
  return /^[0-9a-f]{64}$/i.test(text.trim());
}
