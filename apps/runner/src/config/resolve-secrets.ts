import type { ConfigIssue } from './config-error.ts';
import type { KeyPath } from './key-lines.ts';
import { type ReferenceSources, resolveReference } from './reference.ts';

/** Where secrets come from. */
export interface SecretSources extends ReferenceSources {
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
      const found = resolveReference(only === 'env' ? { env: reference } : { file: reference }, sources);
      if ('value' in found) {
        secrets.push(found.value);
        return found.value;
      }
      if (sources.standIn !== undefined) return sources.standIn;
      issues.push({ path: at, message: found.issue });
      return undefined;
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
