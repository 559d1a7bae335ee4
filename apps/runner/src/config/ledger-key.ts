import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../user-error.ts';
import type { SecretSources } from './resolve-secrets.ts';

/** Where something is that must not stand in the configuration: in an environment variable or a file. */
export type KeyReference = { readonly env: string } | { readonly file: string };

/**
 * Reads the key that a reference leads to.
 *
 * @param what - What the message calls it: `ledger.key`.
 * @throws UserError where it leads nowhere, or to something that is no key.
 */
export async function resolveKey(reference: KeyReference, what: string, sources: SecretSources): Promise<Uint8Array> {
  const { parseKey } = await import('@expunge/engine');
  return parseKey(readReference(reference, what, sources), what);
}

/**
 * Reads what a reference leads to, as it stands there.
 *
 * @param what - What the message calls it: `ledger.key`.
 * @throws UserError where it leads nowhere.
 */
export function readReference(reference: KeyReference, what: string, { environment, folder }: SecretSources): string {
  if ('env' in reference) {
    const value = environment[reference.env];
    if (value === undefined || value === '') {
      throw new UserError(`${what}: the environment variable ${reference.env} is not set, or empty.`);
    }
    return value;
  }
  try {
    return readFileSync(resolve(folder, reference.file), 'utf8');
  } catch {
    throw new UserError(`${what}: the file ${reference.file} can't be read.`);
  }
}
