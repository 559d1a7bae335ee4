import { countWords } from './output/table.ts';
import { type InputIssue, UserError } from './user-error.ts';

/** A failure as it is told. Holds no personal data by construction: messages of unknown errors are left out. */
export interface Failure {
  /** One sentence. */
  readonly message: string;
  /** What is wrong in detail. */
  readonly issues: readonly InputIssue[];
  /** How many more issues there are than are listed. */
  readonly moreIssues: number;
}

/** Says what went wrong. Only errors that are written to be read are quoted; of all others only the class and a code. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof UserError) {
    return { message: error.message, issues: error.issues, moreIssues: error.moreIssues };
  }
  if (error instanceof Error && error.name === 'LedgerError')
    return { message: error.message, issues: [], moreIssues: 0 };
  const hint = 'Set EXPUNGE_DEBUG=1 to see where.';
  return { message: `Something unexpected happened (${classAndCode(error)}). ${hint}`, issues: [], moreIssues: 0 };
}

function classAndCode(error: unknown): string {
  if (!(error instanceof Error)) return 'no Error';
  const name = /^\w{1,60}$/.test(error.name) ? error.name : 'Error';
  // Of what PostgreSQL refuses, its code is all that may be shown.
  if ('sqlState' in error && /^[0-9A-Z]{5}$/.test(String(error.sqlState))) return `${name} SQLSTATE ${error.sqlState}`;
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[\w-]{1,60}$/.test(code) ? `${name} ${code}` : name;
}

/** How many issues people are shown at most: every wrong key of a configuration, and as many rows as anybody fixes by hand. */
export const shownIssues = 1000;

/** How many of all issues `--json` lists: `them all`. */
export function listed(kept: number, moreIssues: number): string {
  return moreIssues === 0 ? 'them all' : `the first ${countWords(kept)}`;
}

/** A failure as lines for people. */
export function failureLines({ message, issues, moreIssues }: Failure): string[] {
  const lines = [message];
  for (const issue of issues.slice(0, shownIssues)) lines.push(`  ${placeOf(issue)}${issue.message}`);
  const keptBack = Math.max(0, issues.length - shownIssues);
  const left = keptBack + moreIssues;
  const where = keptBack === 0 ? '' : `; --json lists ${listed(issues.length, moreIssues)}`;
  if (left > 0) lines.push(`  and ${countWords(left)} more${where}`);
  return lines;
}

function placeOf({ where, line }: InputIssue): string {
  if (where !== undefined && where !== '') return line === undefined ? `${where}: ` : `${where} (line ${line}): `;
  return line === undefined ? '' : `line ${line}: `;
}

/** Where an error was thrown, for `EXPUNGE_DEBUG=1`: without its message, which may hold a person's data or a secret. */
export function failurePlaces(error: Error): string[] {
  const { message, stack = '' } = error;
  const start = message === '' ? 0 : stack.lastIndexOf(message) + message.length;
  const frames = stack.slice(Math.max(0, start)).split('\n');
  return frames.filter((line) => /^ {4}at .*(:\d+:\d+\)?|<anonymous>\)?|\(native\))$/.test(line));
}
