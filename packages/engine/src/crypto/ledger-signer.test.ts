import { expect, it } from 'vitest';
import { createSignatureCheck, createSigner } from './ledger-signer.ts';

const { publicKey, sign } = createSigner(Buffer.alloc(32, 7));
const signature = sign('a text');

it('checks a signature by the key as it is spelt', () => {
  expect(createSignatureCheck(publicKey)('a text', signature)).toBe(true);
  expect(createSignatureCheck(publicKey)('another text', signature)).toBe(false);
});

// A certificate with one bit changed must not stay valid: its key's fingerprint would be another.
it.each([
  ['with a byte after it', `${publicKey.slice(0, -1)}9`],
  ['with bytes after it', `${publicKey.slice(0, -1)}9AAA`],
  ['without its padding', publicKey.slice(0, -1)],
  ['with white space after it', `${publicKey}\n`],
  ['that is none', 'AAAA'],
])('knows no signature by a key %s', (_how, key) => {
  expect(createSignatureCheck(key)('a text', signature)).toBe(false);
});
