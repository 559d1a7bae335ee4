import type { QueueReport } from '@expunge/postgres';
import { loadConfig } from '../config/load-config.ts';
import { exitCodes } from '../exit-codes.ts';
import { timeWords } from '../output/durations.ts';
import { countWords, plural, renderTable } from '../output/table.ts';
import { UserError } from '../user-error.ts';
import type { Command, CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { loadPostgres, postgresAccess } from './load-postgres.ts';
import { requirePostgres, withFleet } from './open-fleet.ts';

/** Adds `expunge queue` and its subcommands. */
export const addQueue: AddCommand = (program, run) => {
  const queue = withSharedOptions(program.command('queue'), 'expunge queue')
    .description('what waits for a worker, per connector and kind of work: depth, due, active, oldest, dead')
    .action((options: SharedOptions) => run(options, (context) => queueCommand(context, {})));
  // A shared option may stand before the subcommand or behind it.
  const shared = (options: SharedOptions): SharedOptions => ({ ...queue.opts<SharedOptions>(), ...options });
  withSharedOptions(queue.command('redrive'), 'expunge queue redrive mixpanel-gdpr')
    .description('put back in line what was given up because its workers ended again and again')
    .argument('[connector]', 'only what is to be done at this connector')
    .action((connector: string | undefined, options: SharedOptions) =>
      run(shared(options), (context) => queueRedriveCommand(context, { connector })),
    );
  withSharedOptions(queue.command('reconcile'), 'expunge queue reconcile')
    .description('compare ledger and queue and repair what does not fit; workers do so every minute')
    .action((options: SharedOptions) => run(shared(options), (context) => queueReconcileCommand(context, {})));
};

const instead = '"expunge status" shows what waits.';

/** `expunge queue`: what waits for a worker, per connector and kind of work. */
const queueCommand: Command<object> = async (context) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const storage = requirePostgres(loaded, instead);
  const { readQueue } = await loadPostgres(loaded);
  const report = await readQueue(await postgresAccess(context, loaded, storage));
  print(context, report);
  context.printJson(report);
  return exitCodes.settled;
};

/** The arguments of `expunge queue redrive`. */
interface QueueRedriveArguments {
  /** Only this connector's. */
  readonly connector?: string | undefined;
}

/** `expunge queue redrive`: puts back in line what workers have given up. */
const queueRedriveCommand: Command<QueueRedriveArguments> = async (context, { connector }) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const storage = requirePostgres(loaded, instead);
  const names = Object.keys(loaded.config.connectors);
  if (connector !== undefined && !names.includes(connector)) {
    throw new UserError(`There is no connector ${connector}. There are: ${names.join(', ')}.`);
  }
  const redriven = await withFleet(context, loaded, storage, (fleet) => fleet.redrive(connector));
  context.print(`${plural(redriven, 'dead letter')} back in line.\n`);
  context.printJson({ redriven });
  return exitCodes.settled;
};

/** `expunge queue reconcile`: compares ledger and queue and repairs what does not fit. Workers do so every minute. */
const queueReconcileCommand: Command<object> = async (context) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const storage = requirePostgres(loaded, instead);
  const report = await withFleet(context, loaded, storage, (fleet) => fleet.reconcile());
  context.print(
    report.made + report.settled === 0
      ? 'Ledger and queue agree.\n'
      : `Repaired: ${plural(report.made, 'job')} made that was missing, ${plural(report.settled, 'job')} taken away that had nothing to do.\n`,
  );
  context.printJson(report);
  return exitCodes.settled;
};

function print(context: CommandContext, { queues }: QueueReport): void {
  const nowMs = context.processEnvironment.now();
  const { colors } = context;
  const rows = queues.map((queue) => [
    queue.connector,
    queue.kind,
    countWords(queue.depth),
    countWords(queue.due),
    countWords(queue.active),
    queue.oldestAt === undefined ? '-' : timeWords(queue.oldestAt, nowMs),
    queue.dead === 0 ? '0' : colors.red(countWords(queue.dead)),
  ]);
  if (rows.length === 0) {
    context.print('Nothing waits for a worker.\n');
    return;
  }
  const table = renderTable(
    [
      { title: 'connector' },
      { title: 'work' },
      { title: 'depth', align: 'right' },
      { title: 'due', align: 'right' },
      { title: 'active', align: 'right' },
      { title: 'oldest due since' },
      { title: 'dead', align: 'right' },
    ],
    rows,
  );
  const dead = queues.reduce((sum, queue) => sum + queue.dead, 0);
  context.print(table);
  if (dead > 0) context.print(`\nNext: "expunge queue redrive" puts ${plural(dead, 'dead letter')} back in line.\n`);
}
