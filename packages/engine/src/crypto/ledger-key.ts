import { createPrivateKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { type Cipher, createCipher } from './cipher.ts';

const keyBytes = 32;
const place = 'ledger/digest-secret';

/** A new key, 32 random bytes. */
export function makeKey(): Uint8Array {
  return randomBytes(keyBytes);
}

/** Encrypts a ledger's secret for digests under its key. */
export function wrapDigestSecret(key: Uint8Array, secret: Uint8Array): Uint8Array {
  return createCipher(key, secret).encrypt(Buffer.from(secret).toString('base64'), place);
}

/** Opens it; undefined where the key is another. */
export function unwrapDigestSecret(key: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  const cipher: Cipher = createCipher(key, Buffer.alloc(keyBytes));
  try {
    return Buffer.from(cipher.decrypt(wrapped, place), 'base64');
  } catch {
    return undefined;
  }
}

// The fixed head of an Ed25519 private key in PKCS#8 (RFC 8410, section 7); the 32 bytes of the seed follow it.
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The key that a ledger signs certificates with (Ed25519). Derived from the ledger's own secret, so that it needs no
 * file of its own and outlives a change of the ledger's key.
 */
export function signingKey(digestSecret: Uint8Array): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', digestSecret, Buffer.alloc(0), 'expunge/certificate/v1', keyBytes));
  return createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' });
}
