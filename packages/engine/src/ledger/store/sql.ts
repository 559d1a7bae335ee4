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
