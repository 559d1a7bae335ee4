import { toRuns } from '../number-ranges.ts';

/** What goes into a statement, and what comes out of a column: texts, whole numbers, nothing, bytes. */
export type SqlValue = string | number | null | Uint8Array;

/**
 * How the ledger's queries speak to its database. One connection: statements run one after the
 * other, within the transaction that the adapter has opened around a piece of work.
 *
 * The queries are written once, in SQL that SQLite (3.45 and later) and PostgreSQL (13 and later) understand alike:
 *
 * - Placeholders are `?`, or `?1`, `?2` where one value stands in two places; never both in one text. A text is the
 *   same every time it is used: an adapter prepares or rewrites it once.
 * - Where PostgreSQL can't learn a value's type from a column that it is compared with or written to, the text says it:
 *   `CAST(? AS bigint)`.
 * - `INDEXED BY name` is a hint for SQLite alone; an adapter that has no such thing leaves it out.
 * - Conditions are no values: `CASE WHEN … THEN 1 ELSE 0 END`. Equality that counts nothing as equal to nothing is
 *   `IS NOT DISTINCT FROM`. The larger of two values is a `CASE` as well.
 * - `ON CONFLICT` names its columns; in `DO UPDATE` the old row's columns are written with their table's name. Behind a
 *   `SELECT` it follows a `WHERE`.
 * - The database makes the numbers of holds and encrypted pages: `INSERT … RETURNING id`, with `get`. Requests, tasks, calls
 *   and submissions, which come in many at once, are numbered by the queries.
 * - Fingerprints are hexadecimal texts outside and bytes in columns: `unhex(?)` on the way in, `lower(hex(column))` on
 *   the way out. An adapter has both functions.
 * - A list of texts is one value, a JSON list: `SELECT value FROM ${sql.eachText('?')}`.
 * - Many rows are read by the batch, `WHERE id > ? ORDER BY id LIMIT ?`; nothing is left open between two statements.
 * - Whole numbers, also sums and counts, arrive as JavaScript numbers (a sum is cast: `CAST(sum(…) AS bigint)`), bytes
 *   as `Uint8Array`.
 */
export interface Sql {
  /** All rows of a query. `Row` names the columns that it selects; the schema is what makes it true. */
  all<Row>(text: string, ...values: SqlValue[]): Promise<Row[]>;
  /** The first row of a query, or of a statement with `RETURNING`. */
  get<Row>(text: string, ...values: SqlValue[]): Promise<Row | undefined>;
  /** Runs a statement. `changes`: how many rows it has inserted, updated or deleted. */
  run(text: string, ...values: SqlValue[]): Promise<{ readonly changes: number }>;
  /** A table with one column `value` of texts, made of the JSON list that stands at a placeholder. For a FROM clause. */
  eachText(placeholder: string): string;
}

/** Rows that go in with one statement: each statement has a fixed cost that is as high as that of several rows. */
const rowsPerStatement = [100, 25, 5, 2, 1] as const;

/** A table's columns and what goes into them. */
export interface NewRows {
  readonly table: string;
  /** Columns that are the same in all rows. */
  readonly shared?: Readonly<Record<string, SqlValue>>;
  /** The other columns, in the order of the values. A name in angle brackets, `<digest>`, is given in hexadecimal and stored as bytes. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** Inserts many rows. */
export async function insertRows(sql: Sql, { table, shared = {}, columns, rows }: NewRows): Promise<void> {
  let next = 0;
  for (const size of rowsPerStatement) {
    for (; next + size <= rows.length; next += size) {
      await insert(sql, table, shared, columns, rows.slice(next, next + size));
    }
  }
}

async function insert(
  sql: Sql,
  table: string,
  shared: Readonly<Record<string, SqlValue>>,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  const alike = Object.values(shared);
  const text = insertText(table, Object.keys(shared), columns, rows.length);
  await sql.run(text, ...rows.flatMap((row) => [...alike, ...row]));
}

// Long to make, and few: one for each number of rows, of each table.
const texts = new Map<string, string>();

// Without numbers: node:sqlite looks each numbered placeholder up in a list of all of them, which took more time for a
// hundred rows than the rows themselves.
function insertText(table: string, shared: readonly string[], columns: readonly string[], rows: number): string {
  const key = `${table} ${shared} ${columns} ${rows}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const names = [...shared, ...columns.map((column) => column.replace(/[<>]/g, ''))];
  const row = [...shared.map(() => '?'), ...columns.map((column) => (column.startsWith('<') ? 'unhex(?)' : '?'))];
  const text = `INSERT INTO ${table} (${names}) VALUES ${Array.from({ length: rows }, () => `(${row})`)}`;
  texts.set(key, text);
  return text;
}

/** A condition that a column holds one of some numbers, and the values of its placeholders. */
export interface Among {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/**
 * Finds rows by their numbers, with one statement for any number of them. Numbers that follow each other, as those of a
 * call's tasks do nearly always, are a range.
 */
export function amongNumbers(sql: Sql, column: string, numbers: readonly number[]): Among {
  const [run, ...others] = toRuns(numbers);
  if (run === undefined) return { text: 'FALSE', values: [] };
  if (others.length === 0) return { text: `${column} BETWEEN ? AND ?`, values: [run.first, run.last] };
  return {
    text: `${column} IN (SELECT CAST(value AS bigint) FROM ${sql.eachText('?')})`,
    values: [JSON.stringify(numbers)],
  };
}

/** Splits a list where neighbours differ: what is alike is written with one statement. */
export function runsOf<Item>(
  items: readonly Item[],
  isSame: (item: Item, other: Item) => boolean,
): readonly (readonly [Item, ...Item[]])[] {
  const runs: [Item, ...Item[]][] = [];
  let run: [Item, ...Item[]] | undefined;
  for (const item of items) {
    if (run !== undefined && isSame(run[0], item)) run.push(item);
    else {
      run = [item];
      runs.push(run);
    }
  }
  return runs;
}
