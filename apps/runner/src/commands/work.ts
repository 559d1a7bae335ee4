import { hostname } from 'node:os';
import type { LedgerError, LedgerErrorCode } from '@expunge/engine';
import { InvalidArgumentError } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { plural } from '../output/table.ts';
import type { HealthAddress, HealthServer } from '../work/health-server.ts';
import { createReadiness, type WorkerState } from '../work/readiness.ts';
import type { Command, CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { loadEverything, type Setup } from './load-everything.ts';
import { makeEngine } from './open-engine.ts';
import { requirePostgres, withFleet } from './open-fleet.ts';
import { createEventSink } from './run-engine.ts';

// On this machine alone: probes of a container ask from inside, or --health-host opens it.
const defaultHealth = { host: '127.0.0.1', port: 8686 };

interface WorkOptions extends SharedOptions {
  readonly name?: string;
  readonly health: boolean;
  readonly healthHost: string;
  readonly healthPort: number;
}

/** Adds `expunge work`. */
export const addWork: AddCommand = (program, run) => {
  withSharedOptions(program.command('work'), 'expunge work --name worker-1')
    .description('work on what is due, together with all other workers on one PostgreSQL, until a signal ends it')
    .option('--name <name>', "what it is called in messages (default: the machine's name and the process's number)")
    .option('--health-port <port>', 'where /healthz and /readyz answer; 0: any free port', toPort, defaultHealth.port)
    .option('--health-host <address>', 'on which address of the machine', defaultHealth.host)
    .option('--no-health', 'answer nowhere')
    .addHelpText(
      'after',
      '\nThe first SIGTERM, SIGINT or SIGHUP drains: calls in flight are finished and committed. A second one ends at once.\nExit codes: 0 drained, 1 configuration or ledger, 129, 130 or 143 ended at once.',
    )
    .action((options: WorkOptions) => {
      const health = options.health ? { host: options.healthHost, port: options.healthPort } : undefined;
      return run(options, (context) => workCommand(context, { name: options.name, health }));
    });
};

function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('Write a port, 0 to 65535.');
  return port;
}

/** The arguments of `expunge work`. */
interface WorkArguments {
  /** What the worker is called in messages and in the database. Default: the machine's name and the process's number. */
  readonly name?: string | undefined;
  /** Where it answers for its health; undefined: nowhere. */
  readonly health: HealthAddress | undefined;
}

/** `expunge work`: works on what is due, together with all other workers, until a signal ends it. */
const workCommand: Command<WorkArguments> = async (context, given) => {
  const setup = await loadEverything(context);
  const storage = requirePostgres(
    setup.loaded,
    'There "expunge delete" and "expunge resume" do the work; "expunge resume --watch" stays until all is settled.',
  );
  const name = given.name ?? `${hostname()}-${process.pid}`;
  const signal = context.processEnvironment.stopSignal();
  let state: WorkerState = { type: 'unreachable' };
  const onStop = () => {
    state = { type: 'draining' };
    context.messages.info('Draining: calls in flight are finished and committed. A second signal ends at once.');
  };
  signal.addEventListener('abort', onStop, { once: true });
  const health = await startHealth(given.health, () => state);
  try {
    context.messages.info(
      `${name} works on ${plural(setup.connectors.length, 'connector')}${health === undefined ? '' : `; health: ${health.url}/readyz`}.`,
    );
    await keepWorking(context, signal, () =>
      withFleet(
        context,
        setup.loaded,
        storage,
        async (fleet) => {
          if (!signal.aborted) state = { type: 'working', ping: () => fleet.ping() };
          await workUntilStopped(context, setup, fleet, signal);
        },
        name,
      ).catch((error: unknown) => {
        if (!signal.aborted) state = { type: 'unreachable' };
        throw error;
      }),
    );
  } finally {
    signal.removeEventListener('abort', onStop);
    await health?.close();
  }
  context.messages.info(`${name} has ended. Nothing of it is left unfinished; the other workers go on.`);
  context.printJson({ exitCode: exitCodes.settled, worker: name });
  return exitCodes.settled;
};

async function startHealth(
  address: HealthAddress | undefined,
  state: () => WorkerState,
): Promise<HealthServer | undefined> {
  if (address === undefined) return undefined;
  const { startHealthServer } = await import('../work/health-server.ts');
  return await startHealthServer(address, createReadiness(state));
}

async function workUntilStopped(
  context: CommandContext,
  setup: Setup,
  fleet: Parameters<Parameters<typeof withFleet>[3]>[0],
  signal: AbortSignal,
): Promise<void> {
  const sink = createEventSink(context);
  try {
    const engine = await makeEngine(setup, fleet, sink.onEvent);
    await engine.run({ signal, stays: true });
  } finally {
    sink.end();
  }
}

const firstWaitMs = 1000;
const longestWaitMs = 30_000;

/** Works again and again while the database comes and goes. Everything else that goes wrong ends it. */
async function keepWorking(context: CommandContext, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const { systemClock } = await import('@expunge/engine');
  let waitMs = firstWaitMs;
  while (!signal.aborted) {
    const beganAt = systemClock.now();
    try {
      await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (signal.aborted) {
        context.messages.warn(
          'The database was gone while the worker drained. Calls that it could not record are in doubt; another worker finds out about them.',
        );
        return;
      }
      // Who has worked for a while begins with short waits again.
      if (systemClock.now() - beganAt > longestWaitMs) waitMs = firstWaitMs;
      context.messages.warn(`${error.message} Nothing is sent meanwhile. The next try is in ${waitMs / 1000} s.`);
      await systemClock.sleep(waitMs, signal);
      waitMs = Math.min(waitMs * 2, longestWaitMs);
    }
  }
}

// A database that is away, that has become a standby, or whose disk is full, is waited for.
const transient: readonly string[] = ['unreachable', 'not-writable', 'disk-full'] satisfies LedgerErrorCode[];

function isTransient(error: unknown): error is LedgerError {
  return (
    error instanceof Error && error.name === 'LedgerError' && 'code' in error && transient.includes(String(error.code))
  );
}
