import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

// Encrypted value: version (1 byte), nonce (12), tag (16), ciphertext.
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const digestBytes = 16;

/** Keeps personal data unreadable at rest, and recognisable without being readable. */
export interface Cipher {
  /** Encrypts a value (AES-256-GCM). `place` binds it to where it belongs: decrypted anywhere else, it fails. */
  encrypt(value: string, place: string): Uint8Array;
  /** Decrypts an encrypted value. Throws where the key, the place or a single bit is another. */
  decrypt(encrypted: Uint8Array, place: string): string;
  /** A keyed fingerprint (HMAC-SHA-256, cut to 16 bytes, in hexadecimal): equal values can be found again, and nothing else can. */
  digest(value: string): string;
}

/**
 * Makes a sealer.
 *
 * @param key - The ledger's key, 32 bytes. What encrypts is derived from it.
 * @param digestSecret - The ledger's own secret for digests, 32 bytes. It outlives a change of the key, because the
 * digests of people who are erased can never be made anew.
 */
export function createCipher(key: Uint8Array, digestSecret: Uint8Array): Cipher {
  // The label is older than the word: ledgers that exist were encrypted under it.
  const encryptionKey = derive(key, 'expunge/seal/v1');
  const digestKey = derive(digestSecret, 'expunge/digest/v1');
  return {
    encrypt(value, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', encryptionKey, nonce);
      cipher.setAAD(Buffer.from(place));
      const ciphertext = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), ciphertext]);
    },
    decrypt(encrypted, place) {
      const bytes = Buffer.from(encrypted.buffer, encrypted.byteOffset, encrypted.byteLength);
      if (bytes[0] !== version) throw new Error('An encrypted value has an unknown version.');
      const decipher = createDecipheriv('aes-256-gcm', encryptionKey, bytes.subarray(1, 1 + nonceBytes));
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes));
      const start = 1 + nonceBytes + tagBytes;
      return decipher.update(bytes.subarray(start), undefined, 'utf8') + decipher.final('utf8');
    },
    digest(value) {
      return createHmac('sha256', digestKey)
        .update(value)
        .digest('hex')
        .slice(0, 2 * digestBytes);
    },
  };
}

// As a key object, made once: from bytes, every single use would make one anew, which costs ten times the hashing.
function derive(key: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), purpose, 32)));
}
