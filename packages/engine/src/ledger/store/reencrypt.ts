import { createCipher } from '../../crypto/cipher.ts';
import { type LedgerSecret, wrapLedgerSecret } from '../../crypto/ledger-key.ts';
import { createSigner } from '../../crypto/ledger-signer.ts';
import { signHead } from '../../proof/audit-chain.ts';
import { readHead } from './audit-log.ts';
import { rebindOlderPages } from './encrypted-pages.ts';
import type { Sql } from './sql.ts';
import type { Store } from './store.ts';

/**
 * Encrypts everything anew under another key, within one transaction. Digests stay as they are.
 *
 * @returns How many pages are damaged: they don't open under either key.
 */
export async function reencrypt(store: Store, key: Uint8Array, secret: LedgerSecret): Promise<number> {
  const damaged = await store.pages.reencrypt(createCipher(key, secret.digestSecret));
  await store.run(`UPDATE meta SET value = ? WHERE key = 'digest-secret'`, wrapLedgerSecret(key, secret));
  store.audit.add({ type: 'rekeyed' });
  return damaged;
}

/**
 * Does what a migration can't do without the key, for a ledger that older versions have written: binds its pages to the names of
 * connectors, signs the log as it stands, and notes under the key that it is signed from here on. Within one transaction.
 */
export async function upgradeLedger(sql: Sql, key: Uint8Array, digestSecret: Uint8Array): Promise<LedgerSecret> {
  await rebindOlderPages(sql, createCipher(key, digestSecret));
  const head = await readHead(sql);
  if (head.sequence > 0) {
    const signature = Buffer.from(signHead(createSigner(digestSecret), head), 'base64');
    await sql.run('UPDATE audit SET signature = ? WHERE sequence = ?', signature, head.sequence);
  }
  const secret = { digestSecret, signedFrom: Math.max(1, head.sequence) };
  await sql.run(`UPDATE meta SET value = ? WHERE key = 'digest-secret'`, wrapLedgerSecret(key, secret));
  return secret;
}
