import { dirname, resolve } from 'node:path';
import type { ProcessEnvironment } from '../process-environment.ts';
import { configError } from './config-error.ts';
import type { ExpungeConfig, LedgerConfig } from './config-schema.ts';
import { findConfig } from './find-config.ts';
import type { KeyPath } from './key-lines.ts';
import { readConfig } from './read-config.ts';
import type { Reference } from './reference.ts';

/** A ledger in one file on this machine. */
export interface SqliteAdapter {
  readonly type: 'sqlite';
  /** Its absolute path. */
  readonly path: string;
  /** The key file's absolute path, where the configuration names one. */
  readonly keyFile: string | undefined;
  /** The key, where the company keeps it itself. */
  readonly key: Reference | undefined;
}

/** A ledger in a PostgreSQL database, for a fleet of workers. */
export interface PostgresAdapter {
  readonly type: 'postgres';
  /** Where its address is. */
  readonly url: Reference;
  /** The schema with its tables; undefined: the default one. */
  readonly schema: string | undefined;
  /** Where its key is. */
  readonly key: Reference;
}

/** Where a ledger is. */
export type StorageAdapter = SqliteAdapter | PostgresAdapter;

/** A configuration that was read and checked. */
export interface LoadedConfig {
  /** Its absolute path. */
  readonly path: string;
  /** Its folder, where relative paths and packages start. */
  readonly folder: string;
  /** What stands in it. */
  readonly config: ExpungeConfig;
  /** Where its ledger is. */
  readonly storage: StorageAdapter;
  /** The line of a key, where the format tells. */
  readonly lineOf: (path: KeyPath) => Promise<number | undefined>;
}

/**
 * Finds, reads and checks the configuration.
 *
 * @param named - The path of `--config`, where given.
 * @throws UserError naming every wrong key with its line.
 */
export async function loadConfig(
  processEnvironment: ProcessEnvironment,
  named: string | undefined,
): Promise<LoadedConfig> {
  const path = findConfig(processEnvironment.workingFolder, named);
  const { value, lineOf } = await readConfig(path);
  const { configSchema } = await import('./config-schema.ts');
  const parsed = configSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    const { describeConfigIssue } = await import('./describe-config-issue.ts');
    throw await configError(path, parsed.error.issues.flatMap(describeConfigIssue), lineOf);
  }
  const folder = dirname(path);
  const config = parsed.data;
  return {
    path,
    folder,
    config,
    storage: storageOf(config.ledger, folder),
    lineOf,
  };
}

function storageOf(ledger: LedgerConfig, folder: string): StorageAdapter {
  if ('postgres' in ledger) {
    return { type: 'postgres', url: ledger.postgres.url, schema: ledger.postgres.schema, key: ledger.key };
  }
  return {
    type: 'sqlite',
    path: resolve(folder, ledger.sqlite),
    keyFile: ledger.keyFile === undefined ? undefined : resolve(folder, ledger.keyFile),
    key: ledger.key,
  };
}
