import type { Engine, Ledger } from '@expunge/engine';
import { plural } from '../output/table.ts';
import { UserError } from '../user-error.ts';
import { actorOf } from './actor.ts';
import type { Command, CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions, withWaitOption } from './command-line.ts';
import { conclude } from './conclude.ts';
import { follow, status } from './follow.ts';
import { loadEverything } from './load-everything.ts';
import { withEngine } from './open-engine.ts';
import { createEventSink, defaultWaitMs, runEngine } from './run-engine.ts';

interface ResumeOptions extends SharedOptions, Omit<ResumeArguments, 'waitMs'> {
  readonly wait?: number;
  readonly watch?: boolean;
}

/** Adds `expunge resume`. */
export const addResume: AddCommand = (program, run) => {
  withWaitOption(withSharedOptions(program.command('resume'), 'expunge resume --watch'))
    .description('go on with everything that is due; on PostgreSQL let the workers go on, and follow them with --wait')
    .option('--watch', 'stay until all is settled; the same as --wait all')
    .option(
      '--retry-failed [request]',
      'first put deletions back in line that failed, are partly done or contradicted: all, or those of one request',
    )
    .option('--resend [request]', 'first send deletions again that are in doubt: all, or those of one request')
    .option('--connector <name>', 'limits --retry-failed and --resend to one connector')
    .option('--try-now <name>', 'first end what a connector was told to wait for: a wait that can not be right')
    .action((options: ResumeOptions) => {
      const waitMs = options.watch === true ? Number.POSITIVE_INFINITY : options.wait;
      return run(options, (context) => resumeCommand(context, { ...options, waitMs }));
    });
};

/** The arguments of `expunge resume`. */
interface ResumeArguments {
  /**
   * How long to wait for the next thing to become due, in milliseconds; Infinity with `--watch`. Left out: half a minute,
   * or not at all where workers do the work.
   */
  readonly waitMs?: number | undefined;
  /** Put deletions back in line first that failed, are partly done or contradicted: those of a request, or all (`true`). */
  readonly retryFailed?: string | true | undefined;
  /** Send deletions in doubt again first: those of a request, or all (`true`). */
  readonly resend?: string | true | undefined;
  /** Limits both to one connector. */
  readonly connector?: string | undefined;
  /** A connector whose waits are ended first, whatever its vendor asked for. */
  readonly tryNow?: string | undefined;
}

/** `expunge resume`: goes on with everything that is due; where workers do the work, lets them go on with everything. */
const resumeCommand: Command<ResumeArguments> = async (context, given) => {
  const setup = await loadEverything(context);
  const { connector, tryNow } = given;
  const names = setup.connectors.map(({ name }) => name);
  for (const name of [connector, tryNow]) {
    if (name === undefined || names.includes(name)) continue;
    throw new UserError(`There is no connector ${name}. There are: ${names.join(', ')}.`);
  }
  if (connector !== undefined && given.retryFailed === undefined && given.resend === undefined) {
    throw new UserError('--connector limits --retry-failed and --resend; give one of them.');
  }
  const sink = createEventSink(context);
  return await withEngine(context, setup, sink.onEvent, async (open) => {
    const retried = await reopen(open.engine, 'failed', given.retryFailed, connector);
    const resent = await reopen(open.engine, 'needs-review', given.resend, connector);
    if (retried !== undefined) context.messages.info(`${plural(retried, 'deletion')} back in line.`);
    if (resent !== undefined) context.messages.info(`${plural(resent, 'deletion')} in doubt sent again.`);
    const hurried = tryNow === undefined ? undefined : await open.engine.tryNow(tryNow);
    if (hurried !== undefined) {
      context.messages.info(
        `${tryNow}: ${plural(hurried, 'deletion')} that waited ${hurried === 1 ? 'goes' : 'go'} on now.`,
      );
    }
    const { waitMs } = given;
    const done = { retried, resent, hurried };
    if (setup.loaded.storage.type === 'sqlite') {
      const end = await runEngine(context, open, sink, { waitAtMostMs: waitMs ?? defaultWaitMs });
      return conclude(context, setup.connectors, end, done);
    }
    const unpaused = await endPauses(context, open.ledger, names);
    const end = waitMs === undefined ? await status(open) : await follow(context, open, { waitAtMostMs: waitMs });
    return conclude(context, setup.connectors, end, {
      ...done,
      unpaused,
      isFleet: true,
      triesAgain: waitMs === undefined,
    });
  });
};

/** Lets connectors go on that are paused, as each run does on one machine. Returns their names. */
async function endPauses(
  context: CommandContext,
  ledger: Ledger,
  names: readonly string[],
): Promise<readonly string[]> {
  const connectors = await ledger.connectorSummaries();
  const actor = await actorOf(context);
  const paused = connectors.filter((each) => each.paused !== undefined && names.includes(each.connector));
  for (const { connector } of paused) {
    await ledger.setPaused(connector, undefined, actor);
    context.messages.info(`${connector} is no longer paused.`);
  }
  return paused.map(({ connector }) => connector);
}

async function reopen(
  engine: Engine,
  which: 'failed' | 'needs-review',
  request: string | true | undefined,
  connector: string | undefined,
): Promise<number | undefined> {
  if (request === undefined) return undefined;
  return await engine.reopen(which, { requestId: request === true ? undefined : request, connector });
}
