import type { AcceptReport } from '@expunge/engine';
import { InvalidArgumentError } from 'commander';
import { conflictsWords, conflictWords } from '../output/conflict-words.ts';
import { durationWords, parseDuration } from '../output/durations.ts';
import { notSentAgainWords } from '../output/not-sent-again-words.ts';
import { otherDueDatesWords } from '../output/other-due-dates-words.ts';
import { countWords, plural } from '../output/table.ts';
import { UserError } from '../user-error.ts';
import type { Command, CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions, withSubjectOptions, withWaitOption } from './command-line.ts';
import { conclude } from './conclude.ts';
import { follow, status } from './follow.ts';
import { defaultMaxSubjects, guard } from './guard.ts';
import { loadEverything } from './load-everything.ts';
import { withEngine } from './open-engine.ts';
import { reportPath, writeReportFile } from './report.ts';
import { createEventSink, defaultWaitMs, runEngine } from './run-engine.ts';
import { type CheckedInput, type SubjectArguments, withSubjects } from './subject-input.ts';

interface DeleteOptions extends SharedOptions, Omit<DeleteArguments, 'path' | 'waitMs'> {
  readonly wait?: number;
}

/** Adds `expunge delete`. */
export const addDelete: AddCommand = (program, run) => {
  const example = 'expunge delete people.csv --wait 10m --report report.html';
  withWaitOption(withSubjectOptions(withSharedOptions(program.command('delete'), example)))
    .description('delete people everywhere, as far as it goes now; the same input twice does nothing twice')
    .option('--confirm <number>', 'how many people are meant, for a run above guard.maxSubjects', toCount)
    .option(
      '--batch <label>',
      'makes requests without a request_id new ones, although the same people were deleted before',
    )
    .option('--report <path>', 'write a report in the end (.html or .json)')
    .option('--detach', 'on PostgreSQL: only import the people, and leave the work to the workers unwatched')
    .action((path: string | undefined, options: DeleteOptions) =>
      run(options, (context) => deleteCommand(context, { ...options, path, waitMs: options.wait })),
    );
};

function toCount(text: string): number {
  const plain = text.replaceAll(',', '');
  if (!/^\d{1,15}$/.test(plain)) throw new InvalidArgumentError('Write a whole number.');
  return Number(plain);
}

/** The arguments of `expunge delete`. */
interface DeleteArguments extends SubjectArguments {
  /** How many people were meant, where it is more than the guard lets through. */
  readonly confirm?: number | undefined;
  /** Mixed into derived request ids. */
  readonly batch?: string | undefined;
  /** How long to wait for the next thing to become due, in milliseconds. Default: half a minute. */
  readonly waitMs?: number | undefined;
  /** Only import, where workers do the work. */
  readonly detach?: boolean | undefined;
  /** Where a report goes in the end. */
  readonly report?: string | undefined;
}

/** `expunge delete`: imports people, and works or follows the workers until everything is settled or waits. */
const deleteCommand: Command<DeleteArguments> = async (context, given) => {
  const setup = await loadEverything(context);
  const isFleet = setup.loaded.storage.type === 'postgres';
  if (given.detach === true && !isFleet) {
    throw new UserError(
      'There are no workers to leave the work to: the ledger is a file, and this command does the work itself. Leave out --detach.',
    );
  }
  const reportTo = given.report === undefined ? undefined : await reportPath(context, given.report);
  return await withSubjects(context, setup, given, async (input) => {
    await guard(context, input, {
      maxSubjects: setup.loaded.config.guard?.maxSubjects ?? defaultMaxSubjects,
      confirm: given.confirm,
      connectors: setup.connectors.map(({ name }) => name),
    });
    const sink = createEventSink(context);
    return await withEngine(context, setup, sink.onEvent, async (open) => {
      // When a request came in decides when the law wants it done.
      if (isFleet) requireRightTime(context.processEnvironment.now(), open.clock.now());
      const { wait } = setup.loaded.config;
      const accepted = await open.engine.accept(input.requests(), {
        batch: given.batch,
        source: input.checksum,
        allowValues: input.allowValues,
        waitMs: wait === undefined ? undefined : parseDuration(wait),
      });
      announce(context, input, accepted, open.clock.now());
      if (accepted.conflicts.length > 0 && given.skipInvalid !== true) throw conflictError(accepted);
      const bounds = { waitAtMostMs: given.waitMs ?? defaultWaitMs, importId: accepted.importId };
      const end = !isFleet
        ? await runEngine(context, open, sink, bounds)
        : given.detach === true
          ? await status(open, accepted.importId)
          : await follow(context, open, bounds);
      if (reportTo !== undefined) await writeReportFile(context, setup.connectors, open.ledger, reportTo);
      return conclude(context, setup.connectors, end, {
        input: {
          valid: input.valid,
          invalid: input.invalid,
          accepted: accepted.accepted,
          known: accepted.known,
          knownSettled: accepted.knownSettled,
          notSentAgain: accepted.notSentAgain,
          otherDueDates: accepted.otherDueDates,
          conflicts: accepted.conflicts.length,
        },
        report: reportTo?.path,
        isFleet,
      });
    });
  });
};

const mostSecondsApart = 300;

function requireRightTime(machineMs: number, ledgerMs: number): void {
  const apartMs = Math.abs(machineMs - ledgerMs);
  if (apartMs <= mostSecondsApart * 1000) return;
  throw new UserError(
    `This machine's clock is ${durationWords(apartMs)} ${machineMs > ledgerMs ? 'ahead of' : 'behind'} the ledger's database. Legal deadlines count from the time at which people come in. Nothing was imported or sent: set the clock right and run it again.`,
  );
}

function announce(context: CommandContext, input: CheckedInput, report: AcceptReport, now: number): void {
  const known =
    report.known === 0
      ? ''
      : `; ${countWords(report.known)} known from before, ${countWords(report.knownSettled)} of them settled: nothing is done twice`;
  context.messages.info(`${input.name}: ${plural(report.accepted, 'new request')}${known}.`);
  for (const words of notSentAgainWords(report.notSentAgain, now)) context.messages.warn(words);
  for (const words of otherDueDatesWords(report.otherDueDates)) context.messages.warn(words);
  if (report.conflicts.length > 0) {
    context.messages.warn(
      `${plural(report.conflicts.length, 'request')} not taken: ${conflictsWords(report)} (${listIds(report)}).`,
    );
  }
}

function conflictError(report: AcceptReport): UserError {
  return new UserError(
    `${plural(report.conflicts.length, 'request_id')} of the input not taken: ${conflictsWords(report)}. ` +
      'Nothing was sent. Give them ids of their own and run the same again; the other people are in the ledger already and are deleted then, or by "expunge resume".',
    report.conflicts
      .slice(0, 1000)
      .map((conflict) => ({ where: conflict.requestId, message: conflictWords(conflict) })),
    Math.max(0, report.conflicts.length - 1000),
  );
}

function listIds(report: AcceptReport): string {
  const shown = report.conflicts.slice(0, 5).map(({ requestId }) => requestId);
  return report.conflicts.length > shown.length ? `${shown.join(', ')}, ...` : shown.join(', ');
}
