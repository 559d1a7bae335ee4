import type { SqliteLedgerHandle, SqliteLedgerOptions } from '@expunge/engine/sqlite';
import { resolveKey } from '../config/ledger-key.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { CommandContext } from './command-context.ts';

/** Where the configured ledger is, and what opens it. */
async function ledgerOptions(context: CommandContext, loaded: LoadedConfig): Promise<SqliteLedgerOptions> {
  const { key: reference } = loaded.config.ledger;
  const options = { path: loaded.ledgerPath, keyFile: loaded.keyFile };
  if (reference === undefined) return options;
  const sources = { environment: context.surroundings.environment, folder: loaded.folder };
  return { ...options, key: await resolveKey(reference, 'ledger.key', sources) };
}

/** Opens the ledger for reading, also while a run is going on, and closes it in the end. */
export async function withLedger<Result>(
  context: CommandContext,
  loaded: LoadedConfig,
  work: (ledger: SqliteLedgerHandle) => Promise<Result>,
): Promise<Result> {
  return await open({ ...(await ledgerOptions(context, loaded)), readOnly: true }, work);
}

/** Opens the ledger for writing, and closes it in the end. */
export async function withWritableLedger<Result>(
  context: CommandContext,
  loaded: LoadedConfig,
  work: (ledger: SqliteLedgerHandle) => Promise<Result>,
): Promise<Result> {
  return await open(await ledgerOptions(context, loaded), async (ledger) => {
    warnOfNewKey(context, ledger);
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

async function open<Result>(
  options: SqliteLedgerOptions,
  work: (ledger: SqliteLedgerHandle) => Promise<Result>,
): Promise<Result> {
  const { openSqliteLedger } = await import('@expunge/engine/sqlite');
  const ledger = await openSqliteLedger(options);
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}
