import { UserError } from '../user-error.ts';
import { type KeyReference, readReference } from './ledger-key.ts';
import type { SecretSources } from './resolve-secrets.ts';

/** The address of a database, and what of it must never be printed. */
export interface DatabaseUrl {
  /** The address, with user and password. */
  readonly url: string;
  /** The address as a whole, and its password. */
  readonly secrets: readonly string[];
}

const what = 'ledger.postgres.url';

/**
 * Reads the address of the database that a reference leads to.
 *
 * @throws UserError where it leads nowhere, or to something that is no PostgreSQL address. The message quotes nothing of it.
 */
export function resolveDatabaseUrl(reference: KeyReference, sources: SecretSources): DatabaseUrl {
  const text = readReference(reference, what, sources).trim();
  const parsed = URL.parse(text);
  const place = 'env' in reference ? `the environment variable ${reference.env}` : `the file ${reference.file}`;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new UserError(
      `${what}: ${place} holds no PostgreSQL address. It has the form postgres://user:password@host:5432/database.`,
    );
  }
  const password = decoded(parsed.password);
  if (password === undefined || decoded(parsed.username) === undefined) {
    throw new UserError(
      `${what}: the address in ${place} has a "%" that begins no escape. Write it as %25; other marks of a password likewise.`,
    );
  }
  return { url: text, secrets: [text, parsed.password, password] };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
