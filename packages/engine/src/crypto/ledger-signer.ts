import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { signingKey } from './ledger-key.ts';

/** Signs with a ledger's own key (Ed25519). */
export interface LedgerSigner {
  /** The public key, base64 of its SPKI form. */
  readonly publicKey: string;
  /** Signs a text. Base64. */
  sign(text: string): string;
}

/** Makes the signer of a ledger. Deriving the key costs as much as several signatures, so it is made once. */
export function createSigner(digestSecret: Uint8Array): LedgerSigner {
  const key = signingKey(digestSecret);
  return {
    publicKey: spellingOf(createPublicKey(key)),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  };
}

/** Tells whether a signature (base64) is one of a text. */
export type SignatureCheck = (text: string, signature: string) => boolean;

/** Makes the check of signatures by a public key, base64 of its SPKI form. Without a usable key nothing is signed. */
export function createSignatureCheck(publicKey: string): SignatureCheck {
  const key = readPublicKey(publicKey);
  if (key === undefined) return () => false;
  return (text, signature) =>
    isCanonical(signature) && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

function readPublicKey(publicKey: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ed25519') return undefined;
    // A key has one spelling here: base64 has several for the same bytes, and the reader of keys overlooks what comes after one.
    return spellingOf(key) === publicKey ? key : undefined;
  } catch {
    return undefined;
  }
}

function spellingOf(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

// Base64 has several spellings of the same bytes; here only one is taken.
function isCanonical(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}
