import type { Sql, SqlValue } from './sql.ts';

/** Rows that go in with one statement: each statement has a fixed cost that is as high as that of several rows. */
const rowsPerStatement = [100, 25, 5, 2, 1] as const;

/** A table's columns and what goes into them. */
export interface NewRows {
  readonly table: string;
  /** Columns that are the same in all rows: handed over once. */
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
  const text = insertText(table, Object.keys(shared), columns, rows.length);
  await sql.run(text, ...Object.values(shared), ...rows.flat());
}

// Long to make, and few: one for each number of rows, of each table.
const texts = new Map<string, string>();

function insertText(table: string, shared: readonly string[], columns: readonly string[], rows: number): string {
  const key = `${table} ${shared} ${columns} ${rows}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const names = [...shared, ...columns.map((column) => column.replace(/[<>]/g, ''))];
  const row = (first: number) => [
    ...shared.map((_, index) => `?${index + 1}`),
    ...columns.map((column, index) => (column.startsWith('<') ? `unhex(?${first + index})` : `?${first + index}`)),
  ];
  const values = Array.from({ length: rows }, (_, index) => `(${row(shared.length + 1 + index * columns.length)})`);
  const text = `INSERT INTO ${table} (${names}) VALUES ${values}`;
  texts.set(key, text);
  return text;
}
