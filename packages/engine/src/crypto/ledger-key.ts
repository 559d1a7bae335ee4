import { createPrivateKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { type Cipher, createCipher } from './cipher.ts';

const keyBytes = 32;
const place = 'ledger/secret/v2';
// Ledgers whose log was not signed have it under this one.
const olderPlace = 'ledger/digest-secret';

/** A new key, 32 random bytes. */
export function makeKey(): Uint8Array {
  return randomBytes(keyBytes);
}

/** A ledger's own secret, and since when its audit log is signed. Both are only readable, and only writable, with its key. */
export interface LedgerSecret {
  /** What fingerprints and the key for signing come from, 32 bytes. */
  readonly digestSecret: Uint8Array;
  /**
   * The first entry of the audit log that a signature must cover by itself: 1, or the last entry that an older version has written.
   * It is kept with the secret because whoever can write the ledger could otherwise declare a log unsigned.
   */
  readonly signedFrom: number;
}

/** Encrypts a ledger's secret under its key. */
export function wrapLedgerSecret(key: Uint8Array, { digestSecret, signedFrom }: LedgerSecret): Uint8Array {
  const text = `${signedFrom} ${Buffer.from(digestSecret).toString('base64')}`;
  return createCipher(key, digestSecret).encrypt(text, place);
}

/** Decrypts it; undefined where the key is another. Older versions did not sign: then `signedFrom` is undefined. */
export function unwrapLedgerSecret(
  key: Uint8Array,
  wrapped: Uint8Array,
): { readonly digestSecret: Uint8Array; readonly signedFrom: number | undefined } | undefined {
  const cipher: Cipher = createCipher(key, Buffer.alloc(keyBytes));
  const text = decryptAt(cipher, wrapped, place);
  if (text !== undefined) {
    const [signedFrom, digestSecret = ''] = text.split(' ');
    return { digestSecret: Buffer.from(digestSecret, 'base64'), signedFrom: Number(signedFrom) };
  }
  const older = decryptAt(cipher, wrapped, olderPlace);
  return older === undefined ? undefined : { digestSecret: Buffer.from(older, 'base64'), signedFrom: undefined };
}

function decryptAt(cipher: Cipher, wrapped: Uint8Array, at: string): string | undefined {
  try {
    return cipher.decrypt(wrapped, at);
  } catch {
    return undefined;
  }
}

// The fixed head of an Ed25519 private key in PKCS#8 (RFC 8410, section 7); the 32 bytes of the seed follow it.
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The key that a ledger signs certificates and its audit log with (Ed25519). Derived from the ledger's own secret, so that it needs no
 * file of its own and outlives a change of the ledger's key.
 */
export function signingKey(digestSecret: Uint8Array): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', digestSecret, Buffer.alloc(0), 'expunge/certificate/v1', keyBytes));
  return createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' });
}
