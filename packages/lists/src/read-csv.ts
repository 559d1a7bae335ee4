import type { Parser } from 'csv-parse';
import { type ColumnRules, isKnownColumn, isRequestColumn } from './column-rules.ts';
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
 * @throws ListError where the header can't be used, or the file can't be read on.
 */
export async function* readCsv(
  text: AsyncIterable<string>,
  delimiter: string,
  rules: ColumnRules,
): AsyncGenerator<readonly ListRow[]> {
  let header: readonly string[] | undefined;
  let rows = 0;
  for await (const records of readRecords(text, delimiter)) {
    const filled = records.filter(({ cells }) => cells.length !== 1 || cells[0] !== '');
    const [first, ...others] = filled;
    if (first === undefined) continue;
    const names = header ?? checkedHeader(first, delimiter, rules);
    const people = header === undefined ? others : filled;
    header = names;
    rows += people.length;
    yield people.map((record) => toRow(record, names));
  }
  if (header === undefined)
    throw new ListError('empty', 'the list is empty. It needs a header row and one row per person');
  if (rows === 0) throw new ListError('nobody', 'the list has a header row and nobody below it');
}

function toRow(record: CsvRecord, header: readonly string[]): ListRow {
  const { line, cells } = record;
  if (cells.length !== header.length) {
    const message = `has ${cells.length} cells, and the header has ${header.length}`;
    return { line, fields: [], issues: [{ code: 'row-length', message }] };
  }
  const fields: Field[] = [];
  cells.forEach((value, index) => {
    const name = header[index];
    if (name !== undefined && value !== '') fields.push({ name, value });
  });
  return { line, fields, issues: [] };
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
  const unknown = [...new Set(names.filter((name) => !isKnownColumn(name, rules)))];
  if (unknown.length === names.length) {
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
      `no configured connector uses ${unknown.length === 1 ? 'the column' : 'the columns'} ${unknown.map((name) => `"${name}"`).join(', ')}`,
      { line, columns: unknown },
    );
  }
  const twice = names.find((name, index) => isRequestColumn(name) && names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ListError('header-twice', `the column "${twice}" stands there twice`, { line, columns: [twice] });
  }
  if (!names.some((name) => rules.known.has(name) && !rules.ignored.has(name))) {
    throw new ListError('no-identifier', 'the header names no identifier', { line });
  }
  return names;
}

// The parser is fed by hand, so that the rows before a broken one are seen before the error is.
async function* readRecords(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<readonly CsvRecord[]> {
  const records: CsvRecord[] = [];
  let line = 1;
  // Whoever only asks for the rules of columns needs no parser.
  const { parse } = await import('csv-parse');
  const parser = parse({
    delimiter,
    record_delimiter: '\n',
    relax_column_count: true,
    max_record_size: longestRow,
    on_record: (cells: string[], { lines }) => {
      records.push({ line, cells });
      line = lines + 1;
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
