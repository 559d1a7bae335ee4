import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { Surroundings } from '../surroundings.ts';
import { type ConfigIssue, configError } from './config-error.ts';
import { configSchema, type ExpungeConfig } from './config-schema.ts';
import { findConfig } from './find-config.ts';
import type { KeyPath } from './key-lines.ts';
import { readConfig } from './read-config.ts';

/** A configuration that was read and checked. */
export interface LoadedConfig {
  /** Its absolute path. */
  readonly path: string;
  /** Its folder, where relative paths and packages start. */
  readonly folder: string;
  /** What stands in it. */
  readonly config: ExpungeConfig;
  /** The ledger's absolute path. */
  readonly ledgerPath: string;
  /** The key file's absolute path, where the configuration names one. */
  readonly keyFile: string | undefined;
  /** The line of a key, where the format tells. */
  readonly lineOf: (path: KeyPath) => Promise<number | undefined>;
}

/**
 * Finds, reads and checks the configuration.
 *
 * @param named - The path of `--config`, where given.
 * @throws UserError naming every wrong key with its line.
 */
export async function loadConfig(surroundings: Surroundings, named: string | undefined): Promise<LoadedConfig> {
  const path = findConfig(surroundings.workingFolder, named);
  const { value, lineOf } = await readConfig(path);
  const parsed = configSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) throw await configError(path, parsed.error.issues.flatMap(toConfigIssues), lineOf);
  const folder = dirname(path);
  const config = parsed.data;
  return {
    path,
    folder,
    config,
    ledgerPath: resolve(folder, config.ledger.sqlite),
    keyFile: config.ledger.keyFile === undefined ? undefined : resolve(folder, config.ledger.keyFile),
    lineOf,
  };
}

function toConfigIssues(issue: z.core.$ZodIssue): ConfigIssue[] {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `is not a key that is known here. ${knownKeys(path)}`,
      }));
    case 'invalid_type':
      return [{ path, message: issue.input === undefined ? missing(path) : `must be ${a(issue.expected)}.` }];
    case 'invalid_key':
      return [{ path, message: `${issue.issues.map((inner) => inner.message).join('; ')}.` }];
    default:
      return [{ path, message: `${lowerFirst(issue.message)}.` }];
  }
}

function missing(path: KeyPath): string {
  switch (path.join('.')) {
    case '':
      return 'the file is empty. "expunge init" writes a starter.';
    case 'ledger':
    case 'ledger.sqlite':
      return 'is missing. Write: ledger: { sqlite: ./expunge.db }.';
    case 'connectors':
      return 'is missing. Name at least one connector; "expunge init" shows how.';
    default:
      return path.at(-1) === 'package' ? 'is missing. Write: package: "@expunge/connector-mixpanel".' : 'is missing.';
  }
}

function knownKeys(path: KeyPath): string {
  const known: Record<string, string> = {
    '0': 'ledger, law, wait, input, guard, retry, connectors',
    ledger: 'sqlite, keyFile, key, retention',
    input: 'ignoreColumns',
    guard: 'maxSubjects',
    retry: 'maxAttempts, baseMs, maxMs',
    connectors: 'package, options, identifiers, verify, after, limitShare',
  };
  const [first] = path;
  const keys = known[first === undefined ? '0' : String(first)];
  return keys === undefined ? 'Check the spelling.' : `Known are: ${keys}.`;
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
