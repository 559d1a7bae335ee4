import type { Clock, Engine, EngineEvent, Ledger } from '@expunge/engine';
import { parseDuration } from '../output/durations.ts';
import { actorOf } from './actor.ts';
import type { CommandContext } from './command-context.ts';
import type { Setup } from './load-everything.ts';
import { type OpenLedger, withLedger, withWritableLedger } from './open-ledger.ts';

/** An engine on its ledger. */
export interface OpenEngine {
  /** The engine. */
  readonly engine: Engine;
  /** Its ledger, open for writing. */
  readonly ledger: Ledger;
  /** The time that holds in the ledger. */
  readonly clock: Clock;
}

/** Opens the ledger, makes the engine, and closes the ledger when the work is done or has failed. */
export async function withEngine<Result>(
  context: CommandContext,
  setup: Setup,
  onEvent: (event: EngineEvent) => void,
  work: (open: OpenEngine) => Promise<Result>,
): Promise<Result> {
  const actor = await actorOf(context);
  return await withWritableLedger(context, setup.loaded, async (open) =>
    work({ ...open, engine: await makeEngine(setup, open, onEvent, actor) }),
  );
}

/** Makes the engine that a configuration describes, on an open ledger. */
export async function makeEngine(
  { loaded, connectors }: Setup,
  { ledger, clock }: OpenLedger,
  onEvent: (event: EngineEvent) => void,
  actor?: string,
): Promise<Engine> {
  const { createEngine } = await import('@expunge/engine');
  const { retention } = loaded.config.ledger;
  return createEngine({
    connectors,
    ledger,
    clock,
    retry: loaded.config.retry,
    retentionMs: retention === undefined ? undefined : parseDuration(retention),
    onEvent,
    actor,
  });
}

/** Makes an engine for a dry run, over the ledger as it is, or over an empty one where there is none yet. */
export async function withPlanningEngine<Result>(
  context: CommandContext,
  setup: Setup,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const { createEngine, LedgerError } = await import('@expunge/engine');
  const { loaded, connectors } = setup;
  try {
    return await withLedger(context, loaded, (ledger) => work(createEngine({ connectors, ledger })));
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'not-found') throw error;
    return await withEngineInMemory(setup, work);
  }
}

/** Makes an engine on a ledger in memory. */
export async function withEngineInMemory<Result>(
  { connectors }: Setup,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const [{ createEngine }, { openSqliteLedger }] = await Promise.all([
    import('@expunge/engine'),
    import('@expunge/engine/sqlite'),
  ]);
  const ledger = await openSqliteLedger({ path: ':memory:' });
  try {
    return await work(createEngine({ connectors, ledger }));
  } finally {
    await ledger.close();
  }
}
