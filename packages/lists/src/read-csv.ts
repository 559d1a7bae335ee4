import type { Parser } from 'csv-parse';
import {
  type ColumnRules,
  isKnownColumn,
  isRequestColumn,
  isWanted,
  meaningOf,
  sameButForCase,
} from './column-rules.ts';
import { findDelimiter } from './find-delimiter.ts';
import { ListError } from './list-error.ts';
import type { Field, ListRow } from './list-row.ts';

const longestRow = 1_000_000;

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads CSV with a header row, in a stream. Lines without anything in them are left out.
 *
 * @param text - Decoded, with `\n` as line ending.
 * @param given - What separates the cells. Left out: the first line tells, and else it is a comma.
 * @throws ListError where the header can't be used, or the file can't be read on.
 */
export async function* readCsv(
  text: AsyncIterable<string>,
  given: string | undefined,
  rules: ColumnRules,
): AsyncGenerator<readonly ListRow[]> {
  let header: readonly Column[] | undefined;
  let rows = 0;
  const { delimiter, rest, firstLine } = await beginOf(text, given, rules);
  for await (const records of readRecords(rest, delimiter, firstLine)) {
    const filled = records.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
    const [first, ...others] = filled;
    if (first === undefined) continue;
    const columns = header ?? checkedHeader(first, delimiter, rules).map((name) => columnOf(name, rules));
    const people = header === undefined ? others : filled;
    header = columns;
    rows += people.length;
    yield people.map((record) => toRow(record, columns, rules));
  }
  if (header === undefined)
    throw new ListError('empty', 'the list is empty. It needs a header row and one row per person');
  if (rows === 0) throw new ListError('nobody', 'the list has a header row and nobody below it');
}

/** Looks at the first line for what separates the cells, and takes the line `sep=;` away. */
async function beginOf(
  text: AsyncIterable<string>,
  given: string | undefined,
  rules: ColumnRules,
): Promise<{ readonly delimiter: string; readonly rest: AsyncIterable<string>; readonly firstLine: number }> {
  const pieces = text[Symbol.asyncIterator]();
  const first = await pieces.next();
  const begin = first.done === true ? '' : first.value;
  const end = begin.indexOf('\n');
  const line = end === -1 ? begin : begin.slice(0, end);
  const isStated = /^sep=.$/.test(line);
  async function* rest() {
    yield isStated ? begin.slice(line.length + 1) : begin;
    for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next()) yield piece.value;
  }
  return { delimiter: given ?? findDelimiter(line, rules) ?? ',', rest: rest(), firstLine: isStated ? 2 : 1 };
}

/** A column of the header, and what is done with it: found once, and not for each of millions of cells. */
interface Column {
  readonly header: string;
  readonly meaning: string | undefined;
  readonly choosesRows: boolean;
}

function columnOf(header: string, rules: ColumnRules): Column {
  return { header, meaning: meaningOf(header, rules), choosesRows: rules.where?.has(header) === true };
}

function toRow(record: CsvRecord, header: readonly Column[], rules: ColumnRules): ListRow {
  const { line, cells } = record;
  // Commas at the end of a row are empty cells of columns that are not there.
  if (cells.length < header.length || cells.slice(header.length).some((cell) => cell !== '')) {
    const message = `has ${cells.length} cells, and the header has ${header.length}`;
    return { line, fields: [], issues: [{ code: 'row-length', message }] };
  }
  const fields: Field[] = [];
  let isOther = false;
  header.forEach((column, index) => {
    const value = cells[index] ?? '';
    if (column.choosesRows && !isWanted(column.header, value, rules)) isOther = true;
    if (column.meaning !== undefined && value !== '') fields.push({ name: column.meaning, value });
  });
  return isOther ? { line, fields: [], issues: [], isOther } : { line, fields, issues: [] };
}

function checkedHeader(record: CsvRecord, delimiter: string, rules: ColumnRules): readonly string[] {
  const names = record.cells.map((cell) => cell.trim());
  const { line } = record;
  const otherDelimiter = [',', ';', '\t', '|'].find((mark) => mark !== delimiter && names[0]?.includes(mark));
  if (names.length === 1 && otherDelimiter !== undefined) {
    throw new ListError('header-one-column', 'the header has one column. Are the cells separated otherwise?', {
      line,
      delimiter: otherDelimiter,
    });
  }
  const unnamed = names.indexOf('');
  if (unnamed !== -1) {
    throw new ListError('header-unnamed', `column ${unnamed + 1} has no name in the header`, { line });
  }
  const missing = [...(rules.where?.keys() ?? [])].find((column) => !names.includes(column));
  if (missing !== undefined) {
    throw new ListError('where-missing', `the header has no column "${missing}", by which rows are chosen`, {
      line,
      columns: [missing],
    });
  }
  const unknown = [...new Set(names.filter((name) => !isKnownColumn(name, rules)))];
  const near = unknown.filter((name) => sameButForCase(name, rules) !== undefined);
  if (!names.some((name) => meaningOf(name, rules) !== undefined) && near.length === 0) {
    // Without a header row these are somebody's identifiers, so they are not printed.
    throw new ListError(
      'header-unknown',
      'no column of the header is an identifier type in use. Is the header row missing?',
      { line },
    );
  }
  if (unknown.length > 0) {
    throw new ListError(
      'columns-unknown',
      `no configured connector uses ${unknown.length === 1 ? 'the column' : 'the columns'} ${namesOf(unknown)}`,
      { line, columns: unknown },
    );
  }
  const meanings = names.map((name) => meaningOf(name, rules));
  const twice = meanings.find(
    (name, index) => name !== undefined && isRequestColumn(name) && meanings.indexOf(name) !== index,
  );
  if (twice !== undefined) {
    throw new ListError('header-twice', `the column "${twice}" stands there twice`, { line, columns: [twice] });
  }
  if (!meanings.some((name) => name !== undefined && !isRequestColumn(name))) {
    throw new ListError('no-identifier', 'the header names no identifier', { line });
  }
  return names;
}

const shownColumns = 20;

function namesOf(columns: readonly string[]): string {
  const more = columns.length - shownColumns;
  const shown = columns.slice(0, shownColumns).map((name) => `"${name.slice(0, 100)}"`);
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

// The parser is fed by hand, so that the rows before a broken one are seen before the error is.
async function* readRecords(
  text: AsyncIterable<string>,
  delimiter: string,
  firstLine: number,
): AsyncGenerator<readonly CsvRecord[]> {
  const records: CsvRecord[] = [];
  let line = firstLine;
  // Whoever only asks for the rules of columns needs no parser.
  const { parse } = await import('csv-parse');
  const parser = parse({
    delimiter,
    record_delimiter: '\n',
    relax_column_count: true,
    max_record_size: longestRow,
    on_record: (cells: string[], { lines }) => {
      records.push({ line, cells });
      line = lines + firstLine;
      return null;
    },
  });
  // Errors are taken from the callbacks; without a listener they would end the process as well.
  parser.on('error', () => undefined);
  parser.resume();
  for await (const chunk of text) {
    const error = await written(parser, chunk);
    yield records.splice(0);
    if (error !== undefined) throw broken(error, line);
  }
  const error = await ended(parser);
  yield records.splice(0);
  if (error !== undefined) throw broken(error, line);
}

function written(parser: Parser, chunk: string): Promise<Error | undefined> {
  return new Promise((resolve) => parser.write(chunk, (error) => resolve(error ?? undefined)));
}

function ended(parser: Parser): Promise<Error | undefined> {
  return new Promise((resolve) => {
    parser.once('error', resolve);
    parser.once('end', () => resolve(undefined));
    parser.end();
  });
}

// The parser's own message quotes the row.
function broken(error: Error, line: number): ListError {
  const code = 'code' in error ? error.code : undefined;
  const csvBroken = (message: string) => new ListError('csv-broken', message, { line });
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return csvBroken('a quote is opened here and never closed');
    case 'CSV_INVALID_CLOSING_QUOTE':
      return csvBroken('a quoted cell goes on after its closing quote. Double the quotes inside it: ""');
    case 'INVALID_OPENING_QUOTE':
      return csvBroken(
        'a quote stands inside a cell that is not quoted. Quote the whole cell and double the quote: ""',
      );
    case 'CSV_MAX_RECORD_SIZE':
      return new ListError('row-too-long', 'this row is longer than 1 MB. Is a quote opened here and never closed?', {
        line,
      });
    default:
      return csvBroken('the row is not valid CSV');
  }
}
