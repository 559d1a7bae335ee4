import type { z } from 'zod';
import type { ConfigIssue } from './config-error.ts';
import { configSchema } from './config-schema.ts';
import type { KeyPath } from './key-lines.ts';
import { knownKeys } from './known-keys.ts';

type Issue = z.core.$ZodIssue;

/** Says in words what is wrong with a key of the configuration, without its value: it may be a secret. */
export function describeConfigIssue(issue: Issue): ConfigIssue[] {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: describeUnknownKey(path, key, issue.input) }));
    case 'invalid_type':
      return [{ path, message: issue.input === undefined ? missing(path) : describeType(path, issue.expected) }];
    case 'invalid_key':
      return [{ path, message: `${issue.issues.map((inner) => inner.message).join('; ')}.` }];
    case 'invalid_union':
      return describeUnion(issue, path);
    default:
      return [{ path, message: `${lowerFirst(issue.message)}.` }];
  }
}

// Of two forms, the one that was meant is the one whose first key stands there.
function describeUnion(issue: Issue & { readonly code: 'invalid_union' }, path: KeyPath): ConfigIssue[] {
  if (issue.input === undefined) return [{ path, message: missing(path) }];
  if (path.join('.') === 'ledger' && isMap(issue.input)) {
    const form = 'postgres' in issue.input ? 1 : 0;
    return (issue.errors[form] ?? []).flatMap((inner) =>
      describeConfigIssue({ ...inner, path: [...issue.path, ...inner.path] }),
    );
  }
  if (path.join('.') === 'ledger') return [{ path, message: 'must be a map of keys and values.' }];
  return [{ path, message: describeReference(path, issue.input) }];
}

function describeReference(path: KeyPath, value: unknown): string {
  const form = 'Write { env: NAME } or { file: PATH }';
  if (typeof value !== 'string') return `must be a reference. ${form}.`;
  const what = path.join('.') === 'ledger.postgres.url' ? 'an address with a password in it' : 'a secret';
  return `must be a reference, so that ${what} does not stand in the file. ${form}.`;
}

function describeUnknownKey(path: KeyPath, key: string, map: unknown): string {
  if (path.join('.') === 'ledger' && isMap(map) && 'postgres' in map) {
    if (key === 'sqlite') return 'stands beside postgres, and a ledger has one storage. Take one of the two out.';
    if (key === 'keyFile') return 'is for SQLite. On PostgreSQL every worker needs the key: name it with ledger.key.';
  }
  return `is not a key that is known here. ${knownWords(path, map)}`;
}

function describeType(path: KeyPath, expected: string): string {
  if (path.join('.') === 'ledger.postgres') return 'must be a map. Write: postgres: { url: { env: DATABASE_URL } }.';
  return `must be ${a(expected)}.`;
}

function missing(path: KeyPath): string {
  switch (path.join('.')) {
    case '':
      return 'the file is empty. "expunge init" writes a starter.';
    case 'ledger':
    case 'ledger.sqlite':
      return 'is missing. Write: ledger: { sqlite: ./expunge.db }, or postgres for a fleet of workers.';
    case 'ledger.postgres.url':
      return 'is missing. Write: url: { env: DATABASE_URL }.';
    case 'ledger.key':
      return 'is missing. On PostgreSQL every worker needs the same key: ledger.key: { env: EXPUNGE_LEDGER_KEY }, 64 hexadecimal digits; "openssl rand -hex 32" makes one.';
    case 'connectors':
      return 'is missing. Name at least one connector; "expunge init" shows how.';
    default:
      return path.at(-1) === 'package' ? 'is missing. Write: package: "@expunge/connector-mixpanel".' : 'is missing.';
  }
}

// Of several forms, those whose first key stands in the map: a ledger in a file has other keys than one in PostgreSQL.
function knownWords(path: KeyPath, map: unknown): string {
  const forms = knownKeys(configSchema, path);
  const meant = forms.filter(([first]) => first !== undefined && isMap(map) && first in map);
  const lists = (meant.length > 0 ? meant : forms).map((keys) => keys.filter((key) => !key.startsWith('$')).join(', '));
  return lists.length === 0 ? 'Check the spelling.' : `Known are: ${lists.join('; or ')}.`;
}

function a(expected: string): string {
  const words: Record<string, string> = {
    object: 'a map of keys and values',
    record: 'a map of keys and values',
    array: 'a list',
    string: 'text',
    number: 'a number',
    int: 'a whole number',
  };
  return words[expected] ?? expected;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1).replace(/\.$/, '');
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
