import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AllowedValue, IncomingRequest } from '@expunge/engine';
import type { CheckedList, List, ListFormat, ListRows, RowRules } from '@expunge/lists';
import { listed, shownIssues } from '../describe-failure.ts';
import { countWords, plural } from '../output/table.ts';
import { allowValueWords, parseAllowedValues } from '../subjects/parse-identifier.ts';
import { type InputIssue, UserError } from '../user-error.ts';
import type { CommandContext } from './command-context.ts';
import type { Setup } from './load-everything.ts';

/** The arguments that say who is to be deleted. */
export interface SubjectArguments {
  /** A path, or `-`. */
  readonly path?: string | undefined;
  /** `--subject type=value`, as often as given. */
  readonly subject?: readonly string[] | undefined;
  /** The form of the input. */
  readonly format?: ListFormat | undefined;
  /** What separates the cells of a CSV. */
  readonly delimiter?: string | undefined;
  /** Columns that are accepted and not read. */
  readonly ignoreColumn?: readonly string[] | undefined;
  /** Values that would be refused or warned about, and are meant: `type=value`, or a type. */
  readonly allowValue?: readonly string[] | undefined;
  /** Go on without the rows that are wrong. */
  readonly skipInvalid?: boolean | undefined;
}

/** An input in which everything that is wrong has been found. */
export interface CheckedInput {
  /** What messages call it. */
  readonly name: string;
  /** Whether it came over standard input, so that nobody can answer a question there. */
  readonly isStandardInput: boolean;
  /** The checksum of the file that it was read from; absent where people stand on the command line. */
  readonly checksum: string | undefined;
  /** People who can be imported. */
  readonly valid: number;
  /** Rows that are left out because of `--skip-invalid`. */
  readonly invalid: number;
  /** Values that somebody has allowed. */
  readonly allowValues: readonly AllowedValue[];
  /** The requests, read anew each time: always those that were counted, whatever becomes of the file meanwhile. */
  requests(): AsyncIterable<IncomingRequest>;
}

// What --json lists. A file with more issues than this has one cause.
const maxIssues = 100_000;

/**
 * Opens the input, finds every issue in it, and lends it to the work.
 *
 * @throws UserError listing everything that is wrong, unless `--skip-invalid` was given and leaving rows out is possible.
 */
export async function withSubjects<Result>(
  context: CommandContext,
  setup: Setup,
  given: SubjectArguments,
  work: (input: CheckedInput) => Promise<Result>,
): Promise<Result> {
  const { processEnvironment } = context;
  const { subject = [] } = given;
  const [{ usedIdentifierTypes }, { readRows }, { columnRulesOf, lawsOf, timeRulesOf }] = await Promise.all([
    import('../config/identifier-types.ts'),
    import('@expunge/lists'),
    import('../subjects/column-rules-of.ts'),
  ]);
  const { input: config } = setup.loaded.config;
  const columns = columnRulesOf(config, usedIdentifierTypes(setup.connectors), given.ignoreColumn);
  const rules: RowRules = {
    columns,
    defaults: {
      law: setup.loaded.config.law ?? 'gdpr',
      laws: lawsOf(config),
      times: timeRulesOf(config),
      now: processEnvironment.now(),
    },
    allowValues: parseAllowedValues(given.allowValue),
  };
  if (given.path === undefined) {
    if (subject.length === 0) {
      throw new UserError(
        'Say who is to be deleted: a CSV or JSON Lines file, "-" for standard input, or --subject type=value.',
      );
    }
    const { commandLineRow } = await import('../subjects/command-line-subject.ts');
    const rows = [[commandLineRow(subject, columns)]];
    return await work(await check(context, given, rules, '--subject', false, undefined, () => rows));
  }
  if (subject.length > 0) throw new UserError('Name either a file or --subject, not both.');
  const delimiter = given.delimiter === 'tab' ? '\t' : given.delimiter;
  if (delimiter !== undefined && delimiter.length !== 1) {
    throw new UserError('--delimiter takes one character, or the word tab.');
  }
  const list = await open(context, given.path, given.format);
  try {
    const rows = () => readRows(list, columns, delimiter);
    return await work(await check(context, given, rules, list.name, given.path === '-', list.checksum, rows));
  } finally {
    await list.close();
  }
}

async function open(context: CommandContext, path: string, format: ListFormat | undefined): Promise<List> {
  const { workingFolder, input } = context.processEnvironment;
  // The argument names a person then, so it is not printed.
  if (/^\w+=/.test(path) && !existsSync(resolve(workingFolder, path))) {
    throw new UserError('This is no file. One person is named with --subject: --subject user_id=42.');
  }
  const [{ ListError, openList }, { openingError }] = await Promise.all([
    import('@expunge/lists'),
    import('../subjects/list-problem-words.ts'),
  ]);
  try {
    return await openList({ path, format, workingFolder, input });
  } catch (error) {
    throw error instanceof ListError ? openingError(error, path) : error;
  }
}

async function check(
  context: CommandContext,
  given: SubjectArguments,
  rules: RowRules,
  name: string,
  isStandardInput: boolean,
  checksum: string | undefined,
  rows: () => ListRows,
): Promise<CheckedInput> {
  const [{ checkList }, { listProblemWords }] = await Promise.all([
    import('@expunge/lists'),
    import('../subjects/list-problem-words.ts'),
  ]);
  const checked = await checkList(rows, rules, maxIssues);
  const issues = checked.issues.map((issue) => ({
    line: issue.line,
    message: listProblemWords(issue, rules.columns),
  }));
  await report(context, given, name, checked, issues);
  const { valid, invalid, requests } = checked;
  return { name, isStandardInput, checksum, valid, invalid, allowValues: rules.allowValues ?? [], requests };
}

async function report(
  context: CommandContext,
  given: SubjectArguments,
  name: string,
  checked: CheckedList,
  issues: readonly InputIssue[],
): Promise<void> {
  const { valid, invalid, others, moreIssues, isBroken, suspicious } = checked;
  if (others > 0) {
    context.messages.info(`${name}: ${plural(others, 'row')} of another kind left out (input.where).`);
  }
  if (suspicious.length > 0) {
    const { suspiciousWords } = await import('../subjects/suspicious-words.ts');
    for (const column of suspicious) context.messages.warn(suspiciousWords(name, column));
  }
  if (isBroken) {
    const [only] = issues;
    if (issues.length === 1 && only !== undefined) {
      const where = only.line === undefined ? '' : `line ${countWords(only.line)}: `;
      throw new UserError(`${name}: ${where}${only.message.replace(/\.$/, '')}. Nothing was sent.`);
    }
    throw new UserError(`${name} can't be read to its end. Nothing was sent.`, issues, moreIssues);
  }
  if (invalid === 0 && valid === 0 && others > 0) {
    throw new UserError(`${name}: not one row is of the kind that input.where asks for. Nothing was sent.`);
  }
  if (invalid === 0) return;
  const rows = plural(invalid, 'row');
  const refused = checked.issues.find(({ code }) => code === 'value-refused')?.columns?.[0];
  const wayOut = refused === undefined ? '' : ` ${allowValueWords(refused)}`;
  if (given.skipInvalid !== true) {
    throw new UserError(
      `${name}: ${rows} of ${countWords(valid + invalid)} can't be used. Nothing was sent. Correct ${invalid === 1 ? 'it' : 'them'}, or leave ${invalid === 1 ? 'it' : 'them'} out with --skip-invalid.${wayOut}`,
      issues,
      moreIssues,
    );
  }
  if (valid === 0) throw new UserError(`${name}: not one row can be used. Nothing was sent.`, issues, moreIssues);
  context.messages.warn(
    `${name}: ${rows} left out (--skip-invalid). Nobody on ${invalid === 1 ? 'it' : 'them'} is deleted:`,
  );
  for (const { line, message } of issues.slice(0, shownIssues)) context.messages.warn(`  line ${line}: ${message}`);
  const left = Math.max(0, issues.length - shownIssues) + moreIssues;
  if (left > 0) {
    context.messages.warn(
      `  and ${plural(left, 'more issue')}; "expunge plan" with --json and without --skip-invalid lists ${listed(issues.length, moreIssues)}`,
    );
  }
}
