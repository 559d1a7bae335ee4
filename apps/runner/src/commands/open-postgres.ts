import type { PostgresLedgerHandle } from '@expunge/postgres';
import type { LoadedConfig, PostgresAdapter } from '../config/load-config.ts';
import { closing } from './closing.ts';
import type { CommandContext } from './command-context.ts';
import { loadPostgres, postgresAccess } from './load-postgres.ts';

/** Opens a ledger on PostgreSQL beside the workers that are on it, and closes it in the end. */
export async function withPostgresLedger<Result>(
  context: CommandContext,
  loaded: LoadedConfig,
  storage: PostgresAdapter,
  work: (ledger: PostgresLedgerHandle) => Promise<Result>,
  options: { readonly readOnly?: boolean } = {},
): Promise<Result> {
  const { openPostgresLedger } = await loadPostgres(loaded);
  const ledger = await openPostgresLedger({ ...(await postgresAccess(context, loaded, storage)), ...options });
  return await closing(ledger, () => work(ledger));
}
