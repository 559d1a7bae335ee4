import { type ColumnRules, type ListError, type ListIssue, requestColumns } from '@expunge/lists';
import { UserError } from '../user-error.ts';

/** What is wrong with a list, with what to do about it at the command line. */
export function listProblemWords(problem: ListIssue, rules: ColumnRules): string {
  const { code, message, columns = [], delimiter } = problem;
  const known = knownColumnWords(rules);
  switch (code) {
    case 'header-one-column':
      return `${message} Try --delimiter "${delimiter === '\t' ? 'tab' : delimiter}"`;
    case 'header-unknown':
      return `${message} ${known}`;
    case 'no-identifier':
      return `${message}. ${known}`;
    case 'columns-unknown':
      return `${message}. Correct the name, map it in the configuration, or accept it with ${ignoring(columns)} or input.ignoreColumns there. ${known}`;
    case 'column-unknown':
      return `${message}. Correct the name, or accept it with ${ignoring(columns)} or input.ignoreColumns in the configuration. ${known}`;
    default:
      return message;
  }
}

/** What keeps a list from being opened, with what to do about it at the command line. */
export function openingError(error: ListError, path: string): UserError {
  const forms = '--format csv, --format tsv or --format jsonl';
  switch (error.code) {
    case 'form-unknown':
      return new UserError(
        path === '-'
          ? `Say what comes in on standard input: ${forms}.`
          : `${path}: the name does not tell its form. Say ${forms}.`,
      );
    case 'changed':
    case 'not-copied':
      return new UserError(error.message.replace(/\. (Try|Make)/, '. Nothing was sent. $1').concat('.'));
    default:
      return new UserError(`${error.message}.`);
  }
}

/** Says which columns would be understood. */
export function knownColumnWords({ known }: ColumnRules): string {
  const types = [...known].sort();
  return `The configured connectors use: ${types.join(', ') || 'none'}. Also known: ${requestColumns.join(', ')}.`;
}

function ignoring(columns: readonly string[]): string {
  return columns.map((name) => `--ignore-column ${name}`).join(' ');
}
