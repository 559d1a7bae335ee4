import { type Command as CommandLine, InvalidArgumentError } from 'commander';
import type { SharedOptions } from './commands/command-context.ts';
import type { CommandLineParts } from './proof-command-lines.ts';

interface WorkOptions extends SharedOptions {
  readonly name?: string;
  readonly health: boolean;
  readonly healthHost: string;
  readonly healthPort: number;
}

// On this machine alone: probes of a container ask from inside, or --health-host opens it.
const defaultHealth = { host: '127.0.0.1', port: 8686 };

/** Adds the commands of a fleet: workers, and the queue that hands out their work. */
export function addFleetCommands(program: CommandLine, { context, withShared, end }: CommandLineParts): void {
  withShared(program.command('work'), 'expunge work --name worker-1')
    .description('work on what is due, together with all other workers on one PostgreSQL, until a signal ends it')
    .option('--name <name>', "what it is called in messages (default: the machine's name and the process's number)")
    .option('--health-port <port>', 'where /healthz and /readyz answer; 0: any free port', toPort, defaultHealth.port)
    .option('--health-host <address>', 'on which address of the machine', defaultHealth.host)
    .option('--no-health', 'answer nowhere')
    .addHelpText(
      'after',
      '\nThe first SIGTERM or SIGINT drains: calls in flight are finished and committed. A second one ends at once.\nExit codes: 0 drained, 1 configuration or ledger, 130 or 143 ended at once.',
    )
    .action(async (options: WorkOptions) => {
      const { workCommand } = await import('./commands/work.ts');
      const health = options.health ? { host: options.healthHost, port: options.healthPort } : undefined;
      end(await workCommand(context(options), { name: options.name, health }));
    });

  const queue = withShared(program.command('queue'), 'expunge queue')
    .description('what waits for a worker, per connector and kind of work: depth, due, active, oldest, dead')
    .action(async (options: SharedOptions) => {
      const { queueCommand } = await import('./commands/queue.ts');
      end(await queueCommand(context(options), {}));
    });
  // What stands behind the subcommand is its own, also where the command before it takes the same.
  const withOwn = (command: CommandLine, example: string) => withShared(command, example);
  withOwn(queue.command('redrive'), 'expunge queue redrive mixpanel-gdpr')
    .description('put back in line what was given up because its workers ended again and again')
    .argument('[connector]', 'only what is to be done at this connector')
    .action(async (connector: string | undefined, options: SharedOptions) => {
      const { queueRedriveCommand } = await import('./commands/queue.ts');
      end(await queueRedriveCommand(context({ ...queue.opts<SharedOptions>(), ...options }), { connector }));
    });
  withOwn(queue.command('reconcile'), 'expunge queue reconcile')
    .description('compare ledger and queue and mend what does not fit; workers do so every minute')
    .action(async (options: SharedOptions) => {
      const { queueReconcileCommand } = await import('./commands/queue.ts');
      end(await queueReconcileCommand(context({ ...queue.opts<SharedOptions>(), ...options }), {}));
    });
}

/** Adds the commands that make, move and update the ledger of a fleet. */
export function addFleetLedgerCommands(ledger: CommandLine, { context, withShared, end }: CommandLineParts): void {
  withShared(ledger.command('migrate'), 'expunge ledger migrate')
    .description("make or update the ledger's tables in PostgreSQL; workers of the version before go on meanwhile")
    .action(async (options: SharedOptions) => {
      const { ledgerMigrateCommand } = await import('./commands/ledger-move.ts');
      end(await ledgerMigrateCommand(context(options), {}));
    });
  withShared(ledger.command('copy'), 'expunge ledger copy --from expunge.db')
    .description('take the ledger of one machine over into the empty PostgreSQL that is configured, and compare both')
    .requiredOption('--from <file>', 'the SQLite ledger; ledger.key must be its key, and nothing may work on it')
    .action(async (options: SharedOptions & { readonly from: string }) => {
      const { ledgerCopyCommand } = await import('./commands/ledger-move.ts');
      end(await ledgerCopyCommand(context(options), { from: options.from }));
    });
}

function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('Write a port, 0 to 65535.');
  return port;
}
