import type { SqliteLedgerHandle } from '@expunge/engine/sqlite';
import { configError } from '../config/config-error.ts';
import { resolveKey } from '../config/ledger-key.ts';
import type { LoadedConfig, SqliteAdapter } from '../config/load-config.ts';
import { closing } from './closing.ts';
import type { CommandContext } from './command-context.ts';

/** Opens a ledger in a file, and closes it in the end. Only one process at a time may have it open for writing. */
export async function withSqliteLedger<Result>(
  context: CommandContext,
  loaded: LoadedConfig,
  { path, keyFile, key: reference }: SqliteAdapter,
  { readOnly = false }: { readonly readOnly?: boolean },
  work: (ledger: SqliteLedgerHandle) => Promise<Result>,
): Promise<Result> {
  const { openSqliteLedger } = await import('@expunge/engine/sqlite');
  const sources = { environment: context.processEnvironment.environment, folder: loaded.folder };
  const key = reference === undefined ? { value: undefined } : await resolveKey(reference, sources);
  if ('issue' in key) {
    throw await configError(loaded.path, [{ path: ['ledger', 'key'], message: key.issue }], loaded.lineOf);
  }
  const ledger = await openSqliteLedger({ path, keyFile, key: key.value, readOnly });
  return await closing(ledger, async () => {
    if (!readOnly) warnOfNewKey(context, ledger);
    return await work(ledger);
  });
}

/** Says where a new key is: without it the ledger is useless, and nobody can make it again. */
function warnOfNewKey(context: CommandContext, ledger: SqliteLedgerHandle): void {
  if (ledger.keyFileCreated === undefined) return;
  context.messages.warn(
    `A new key was written to ${ledger.keyFileCreated}. Back it up, apart from the ledger: without it nobody can read who the ledger is about.`,
  );
}
