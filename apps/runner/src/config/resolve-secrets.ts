import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigIssue } from './config-error.ts';
import type { KeyPath } from './key-lines.ts';

/** Where secrets come from. */
export interface SecretSources {
  /** The environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder in which relative paths of `{ file: PATH }` start. */
  readonly folder: string;
  /** What stands in for a secret that is missing, where nothing is going to be sent. Default: a missing secret is an issue. */
  readonly standIn?: string | undefined;
}

/** Options with their references replaced. */
export interface ResolvedOptions {
  /** The options, ready for the connector. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The secrets that were put in, for the redaction of messages. */
  readonly secrets: readonly string[];
  /** References that lead nowhere. */
  readonly issues: readonly ConfigIssue[];
  /** Secrets that stand in the file itself. */
  readonly warnings: readonly ConfigIssue[];
}

const secretName = /token|passcode|passphrase|secret|password|api_?key|private_?key/i;
const harmlessEnding = /(At|Id|Url|Name|Type|Header|Field)$/;

/** Replaces every `{ env: NAME }` and `{ file: PATH }` in a connector's options by what it refers to. */
export function resolveSecrets(
  options: Readonly<Record<string, unknown>>,
  path: KeyPath,
  sources: SecretSources,
): ResolvedOptions {
  const secrets: string[] = [];
  const issues: ConfigIssue[] = [];
  const warnings: ConfigIssue[] = [];

  const take = (secret: string | undefined, at: KeyPath, problem: string): string | undefined => {
    if (secret === undefined || secret === '') {
      if (sources.standIn !== undefined) return sources.standIn;
      issues.push({ path: at, message: problem });
      return undefined;
    }
    secrets.push(secret);
    return secret;
  };

  const replace = (value: unknown, at: KeyPath): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => replace(item, [...at, index]));
    if (!isPlainObject(value)) {
      if (typeof value === 'string' && value !== '' && !isPlaceholder(value) && looksSecret(at.at(-1))) {
        warnings.push({
          path: at,
          message: 'looks like a secret that stands in the file. Write { env: NAME } or { file: PATH } instead.',
        });
        secrets.push(value);
      }
      return value;
    }
    const keys = Object.keys(value);
    const [only] = keys;
    if ((only === 'env' || only === 'file') && keys.length === 1) {
      const reference = value[only];
      if (typeof reference !== 'string' || reference === '') {
        issues.push({
          path: at,
          message: `a reference is { ${only}: ${only === 'env' ? 'NAME' : 'PATH'} } with a text.`,
        });
        return undefined;
      }
      return only === 'env'
        ? take(sources.environment[reference], at, `the environment variable ${reference} is not set, or empty.`)
        : take(
            readSecretFile(resolve(sources.folder, reference)),
            at,
            `the file ${reference} can't be read, or is empty.`,
          );
    }
    return Object.fromEntries(keys.map((key) => [key, replace(value[key], [...at, key])]));
  };

  const replaced = Object.fromEntries(Object.keys(options).map((key) => [key, replace(options[key], [...path, key])]));
  return { options: replaced, secrets, issues, warnings };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function looksSecret(key: string | number | undefined): boolean {
  return typeof key === 'string' && secretName.test(key) && !harmlessEnding.test(key);
}

// The place in a described call into which a connector puts a value, such as `token: '{apiToken}'`.
function isPlaceholder(value: string): boolean {
  return /^\{[a-zA-Z]\w*\}$/.test(value);
}

// Editors and `echo` leave a newline at the end, which is no part of the secret.
function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}
