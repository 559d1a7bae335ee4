import type { Fleet } from '@expunge/postgres';
import type { LoadedConfig, PostgresAdapter } from '../config/load-config.ts';
import { UserError } from '../user-error.ts';
import { closing } from './closing.ts';
import type { CommandContext } from './command-context.ts';
import { loadPostgres, postgresAccess } from './load-postgres.ts';

/** Opens the ledger of a fleet with the queue that hands out its work, and closes both in the end. */
export async function withFleet<Result>(
  context: CommandContext,
  loaded: LoadedConfig,
  storage: PostgresAdapter,
  work: (fleet: Fleet) => Promise<Result>,
  workerName?: string,
): Promise<Result> {
  const { openFleet } = await loadPostgres(loaded);
  const access = await postgresAccess(context, loaded, storage);
  const fleet = await openFleet({ ...access, workerName, onWarning: (text) => context.messages.warn(text) });
  return await closing(fleet, () => work(fleet));
}

/**
 * The database of a fleet, for commands that make no sense without one.
 *
 * @param instead - What there is to do where the ledger is a file.
 * @throws UserError where the ledger is a file.
 */
export function requirePostgres({ storage }: LoadedConfig, instead: string): PostgresAdapter {
  if (storage.type === 'postgres') return storage;
  throw new UserError(
    `The ledger is the file ${storage.path}, which one process at a time works on. ${instead} Several workers need PostgreSQL: docs/fleet.md in Expunge's repository says how to move.`,
  );
}
