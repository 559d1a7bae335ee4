import { resolve } from 'node:path';
import { readSmallFile } from './read-small-file.ts';

/** Where a value is that must not stand in the configuration: in an environment variable or a file. */
export type Reference = { readonly env: string } | { readonly file: string };

/** Where references lead to. */
export interface ReferenceSources {
  /** The environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder in which relative paths of `{ file: PATH }` start. */
  readonly folder: string;
}

/** What came of a reference: the value, or what is wrong and what to do, without the value. */
export type Resolved<Value> = { readonly value: Value } | { readonly issue: string };

/** Reads what a reference leads to. Every `{ env: NAME }` and `{ file: PATH }` of a configuration is read here. */
export function resolveReference(reference: Reference, { environment, folder }: ReferenceSources): Resolved<string> {
  const place = placeOf(reference);
  if ('env' in reference) {
    const value = environment[reference.env];
    if (value !== undefined && value !== '') return { value };
    return { issue: `${place} is not set, or empty. Set it where expunge runs.` };
  }
  try {
    // Editors and `echo` leave a newline at the end, which is no part of the secret.
    const value = Buffer.from(readSmallFile(resolve(folder, reference.file)))
      .toString('utf8')
      .replace(/\r?\n$/, '');
    return value === '' ? { issue: `${place} is empty. Write the value into it.` } : { value };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    return { issue: `${place} can't be read${code}. A relative path starts in ${folder}.` };
  }
}

/** What messages call the place that a reference leads to. */
export function placeOf(reference: Reference): string {
  return 'env' in reference ? `the environment variable ${reference.env}` : `the file ${reference.file}`;
}
