import { placeOf, type Reference, type ReferenceSources, type Resolved, resolveReference } from './reference.ts';

/** The address of a database, and what of it must never be printed. */
export interface DatabaseUrl {
  /** The address, with user and password. */
  readonly url: string;
  /** The address as a whole, and its password. */
  readonly secrets: readonly string[];
}

/** Reads the address of the database that a reference leads to. What is wrong is said without quoting any of it. */
export function resolveDatabaseUrl(reference: Reference, sources: ReferenceSources): Resolved<DatabaseUrl> {
  const found = resolveReference(reference, sources);
  if ('issue' in found) return found;
  const text = found.value.trim();
  const parsed = URL.parse(text);
  const place = placeOf(reference);
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    return {
      issue: `${place} holds no PostgreSQL address. It has the form postgres://user:password@host:5432/database.`,
    };
  }
  const password = decoded(parsed.password);
  if (password === undefined || decoded(parsed.username) === undefined) {
    return {
      issue: `the address in ${place} has a "%" that begins no escape. Write it as %25; other marks of a password likewise.`,
    };
  }
  return { value: { url: text, secrets: [text, parsed.password, password] } };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
