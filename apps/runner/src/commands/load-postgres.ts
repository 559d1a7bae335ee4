import { type ConfigIssue, configError } from '../config/config-error.ts';
import { resolveDatabaseUrl } from '../config/database-url.ts';
import { installCommand } from '../config/install-command.ts';
import { resolveKey } from '../config/ledger-key.ts';
import type { LoadedConfig, PostgresAdapter } from '../config/load-config.ts';
import { UserError } from '../user-error.ts';
import type { CommandContext } from './command-context.ts';

/** The package that knows PostgreSQL. */
export type PostgresEngine = typeof import('@expunge/postgres');

/** What opens the ledger of a fleet. */
export interface PostgresAccess {
  /** The database's address. A secret. */
  readonly url: string;
  /** The schema with the ledger's tables; undefined: the default one. */
  readonly schema: string | undefined;
  /** The ledger's key. */
  readonly key: Uint8Array;
}

/**
 * Reads the secrets that a PostgreSQL ledger is opened with. From then on, messages can't show them.
 *
 * @throws UserError naming every one that can't be read.
 */
export async function postgresAccess(
  context: CommandContext,
  loaded: LoadedConfig,
  storage: PostgresAdapter,
): Promise<PostgresAccess> {
  const sources = { environment: context.processEnvironment.environment, folder: loaded.folder };
  const address = resolveDatabaseUrl(storage.url, sources);
  const key = await resolveKey(storage.key, sources);
  if ('issue' in address || 'issue' in key) {
    const issues: ConfigIssue[] = [];
    if ('issue' in address) issues.push({ path: ['ledger', 'postgres', 'url'], message: address.issue });
    if ('issue' in key) issues.push({ path: ['ledger', 'key'], message: key.issue });
    throw await configError(loaded.path, issues, loaded.lineOf);
  }
  const { url, secrets } = address.value;
  context.messages.hide(secrets);
  return { url, schema: storage.schema, key: key.value };
}

/**
 * Loads what a ledger on PostgreSQL needs. Nobody whose ledger is a file has it installed.
 *
 * @throws UserError with the command that installs what is missing.
 */
export async function loadPostgres({ folder }: LoadedConfig): Promise<PostgresEngine> {
  try {
    return await import('@expunge/postgres');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new UserError(
      `A ledger in PostgreSQL needs one more package, @expunge/postgres. Run: ${installCommand(folder, '@expunge/postgres')}`,
    );
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    /'(@expunge\/postgres|pg|pg-boss)'/.test(error.message)
  );
}
