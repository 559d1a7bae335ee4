import type { ConnectorPlan, PlanReport } from '@expunge/engine';
import { describeReason } from '@expunge/report/words';
import { exitCodes } from '../exit-codes.ts';
import { otherIdentifiersWords } from '../output/conflict-words.ts';
import { durationWords } from '../output/durations.ts';
import { notSentAgainWords } from '../output/not-sent-again-words.ts';
import { otherDueDatesWords } from '../output/other-due-dates-words.ts';
import { printable } from '../output/printable.ts';
import { countWords, plural, renderTable } from '../output/table.ts';
import type { Command, CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions, withSubjectOptions } from './command-line.ts';
import { loadEverything } from './load-everything.ts';
import { withPlanningEngine } from './open-engine.ts';
import { type CheckedInput, type SubjectArguments, withSubjects } from './subject-input.ts';

/** Adds `expunge plan`. */
export const addPlan: AddCommand = (program, run) => {
  withSubjectOptions(withSharedOptions(program.command('plan'), 'expunge plan people.csv'))
    .description('dry run: what "delete" would do and how long it takes; sends nothing')
    .option('--batch <label>', 'as for delete: everybody in the list is a new request under this label')
    .action((path: string | undefined, options: SharedOptions & SubjectArguments & { readonly batch?: string }) =>
      run(options, (context) => planCommand(context, { ...options, path })),
    );
};

/** `expunge plan`: what `delete` would do. Sends nothing, changes nothing. */
const planCommand: Command<SubjectArguments & { readonly batch?: string | undefined }> = async (context, given) => {
  const setup = await loadEverything(context);
  return await withSubjects(context, setup, given, async (input) => {
    const { allowValues, checksum: source } = input;
    const report = await withPlanningEngine(context, setup, (engine) =>
      engine.plan(input.requests(), { allowValues, source, batch: given.batch }),
    );
    print(context, input, report);
    context.printJson({ ...report, invalid: input.invalid });
    return exitCodes.settled;
  });
};

function print(context: CommandContext, input: CheckedInput, report: PlanReport): void {
  const rows = report.connectors.map((plan) => [
    plan.connector,
    countWords(plan.targets),
    countWords(plan.calls),
    countWords(plan.reads),
    plan.atLeastMs === 0 ? 'as fast as it answers' : durationWords(plan.atLeastMs),
    plan.vendorMs === undefined
      ? 'promises nothing'
      : plan.vendorMs === 0
        ? 'done at once'
        : durationWords(plan.vendorMs),
    countWords(Object.values(plan.skipped).reduce((sum, count) => sum + count, 0)),
  ]);
  const table = renderTable(
    [
      { title: 'connector' },
      { title: 'deletions', align: 'right' },
      { title: 'calls', align: 'right' },
      { title: 'reads', align: 'right' },
      { title: 'the calls take' },
      { title: 'then the vendor takes up to' },
      { title: 'skipped', align: 'right' },
    ],
    rows,
  );
  const notes = report.connectors.flatMap(notesOf).map((note) => `  ${printable(note)}\n`);
  context.print(
    `${printable(input.name)}: ${plural(report.subjects, 'person', 'people')}. Nothing is sent.\n\n${table}`,
  );
  if (notes.length > 0) context.print(`\n${notes.join('')}`);
  const known = knownWords(report);
  if (known.length > 0) context.print(`\n${known.map((words) => `${words}\n`).join('')}`);
  const warnings = [
    ...notSentAgainWords(report.notSentAgain, context.processEnvironment.now()),
    ...otherDueDatesWords(report.otherDueDates),
  ];
  for (const words of warnings) context.messages.warn(words);
}

// What delete would do for those whom the ledger has already.
function knownWords({ known, knownSettled, onHold, conflicts, samePeople }: PlanReport): string[] {
  const words: string[] = [];
  if (known > 0) {
    words.push(
      `${plural(known, 'request')} known from before, ${countWords(knownSettled)} of them settled: not in the table, and nothing is done twice.`,
    );
  }
  if (onHold > 0) words.push(`${plural(onHold, 'new request')} on hold: not in the table, and not sent.`);
  if (conflicts > 0)
    words.push(
      `${plural(conflicts, 'request_id')} in the ledger for ${otherIdentifiersWords(conflicts, samePeople)}: "delete" does not take them.`,
    );
  return words;
}

function notesOf(plan: ConnectorPlan): string[] {
  const notes = Object.entries(plan.skipped).map(
    ([reason, count]) => `${plan.connector}: ${countWords(count)} skipped: ${describeReason(reason)}`,
  );
  if (plan.duplicates > 0) {
    notes.push(`${plan.connector}: ${plural(plan.duplicates, 'deletion')} named more than once, sent once`);
  }
  return notes;
}
