import type { Clock, Ledger } from '@expunge/engine';
import type { LoadedConfig } from '../config/load-config.ts';
import type { CommandContext } from './command-context.ts';
import { withPostgresLedger } from './open-postgres.ts';
import { withSqliteLedger } from './open-sqlite.ts';

/** A ledger that may be written, with the time that holds in it. */
export interface OpenLedger {
  /** The ledger. */
  readonly ledger: Ledger;
  /** The clock of everybody who works on it: this machine's, or the database's. */
  readonly clock: Clock;
}

/** Opens the ledger for reading, also while others work on it, and closes it in the end. `now`: the time that holds in it. */
export async function withLedger<Result>(
  context: CommandContext,
  loaded: LoadedConfig,
  work: (ledger: Ledger, now: number) => Promise<Result>,
): Promise<Result> {
  const { storage } = loaded;
  if (storage.type === 'sqlite') {
    const onFile = (ledger: Ledger) => work(ledger, context.processEnvironment.now());
    return await withSqliteLedger(context, loaded, storage, { readOnly: true }, onFile);
  }
  return await withPostgresLedger(context, loaded, storage, (ledger) => work(ledger, ledger.clock.now()), {
    readOnly: true,
  });
}

/** Opens the ledger for writing, and closes it in the end. A file is then ours alone; a database is everybody's. */
export async function withWritableLedger<Result>(
  context: CommandContext,
  loaded: LoadedConfig,
  work: (open: OpenLedger) => Promise<Result>,
): Promise<Result> {
  const { storage } = loaded;
  if (storage.type === 'sqlite') {
    const { systemClock } = await import('@expunge/engine');
    return await withSqliteLedger(context, loaded, storage, {}, (ledger) => work({ ledger, clock: systemClock }));
  }
  return await withPostgresLedger(context, loaded, storage, (ledger) => work({ ledger, clock: ledger.clock }));
}
