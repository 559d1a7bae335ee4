import { type ColumnRules, type ListError, type ListIssue, requestColumns, sameButForCase } from '@expunge/lists';
import { shellQuote } from '@expunge/report/words';
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
      return `${message}. ${mapping(columns, rules)}Or accept ${columns.length === 1 ? 'it' : 'them'} unread ${ignoringHere(columns)}input.ignoreColumns or input.ignoreOtherColumns in the configuration. ${known}`;
    case 'date-order':
      return `${message}. Say in the configuration which comes first: input: { dates: day-first } or month-first`;
    case 'time-zone':
      return `${message}. Say it in the configuration: input: { timezone: Europe/Berlin }`;
    case 'where-missing':
      return `${message}. Correct input.where in the configuration`;
    case 'law-unknown':
      return `${message}, or a word of input.laws in the configuration`;
    case 'json-array':
      return `${message}: jq -c ".[]" people.json > people.jsonl`;
    case 'column-unknown':
      return `${message}. Correct the name, or accept it unread ${ignoringHere(columns)}input.ignoreColumns in the configuration. ${known}`;
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

// What a header probably means, in lines to copy. At most ten are shown: what helps with one helps with all.
function mapping(columns: readonly string[], rules: ColumnRules): string {
  const meant = columns.flatMap((header) => {
    const meaning = sameButForCase(header, rules);
    return meaning === undefined ? [] : [`${meaning}: ${JSON.stringify(header)}`];
  });
  return meant.length > 0
    ? `Say in the configuration what they mean: input: { columns: { ${meant.slice(0, 10).join(', ')} } }. `
    : 'Correct the name, or say in the configuration what it means: input: { columns: { email: "Email Address" } }. ';
}

// A long command helps nobody.
function ignoringHere(columns: readonly string[]): string {
  const isLong = columns.length > 6 || columns.some((name) => name.length > 100);
  return isLong ? 'with ' : `with ${ignoring(columns)}, or `;
}

function ignoring(columns: readonly string[]): string {
  return columns.map((name) => `--ignore-column ${shellQuote(name)}`).join(' ');
}
