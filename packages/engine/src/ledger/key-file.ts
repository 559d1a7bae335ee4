import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { LedgerError } from './ledger-error.ts';

/** Reads the key of a ledger: 64 hexadecimal digits. */
export function readKeyFile(path: string): Uint8Array {
  if (!existsSync(path)) {
    throw new LedgerError(
      'key-missing',
      `The ledger's key file ${path} is missing. Put it back from the backup: without it nobody can read who the ledger is about.`,
    );
  }
  const text = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new LedgerError(
      'key-wrong',
      `The key file ${path} does not hold 64 hexadecimal digits. Put it back from the backup.`,
    );
  }
  return Buffer.from(text, 'hex');
}

/** Makes a new key file that only its owner may read (0600). Fails where there is one. */
export function createKeyFile(path: string): Uint8Array {
  const key = randomBytes(32);
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${key.toString('hex')}\n`);
    // The ledger is useless without it: it has to be on the disk first.
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return key;
}
