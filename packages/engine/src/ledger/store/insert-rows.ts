import type { Sql, SqlValue } from './sql.ts';

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
