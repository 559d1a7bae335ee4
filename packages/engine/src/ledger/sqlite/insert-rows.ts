import type { SQLInputValue } from 'node:sqlite';
import type { Store } from './store.ts';

/** Rows that go in with one statement: each statement has a fixed cost that is as high as that of several rows. */
const rowsPerStatement = 100;

/** A table's columns and what goes into them. */
export interface NewRows {
  readonly table: string;
  /** Columns that are the same in all rows: handed over once. */
  readonly shared?: Readonly<Record<string, SQLInputValue>>;
  /** The other columns, in the order of the values. A name in angle brackets, `<digest>`, is given in hexadecimal and stored as bytes. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SQLInputValue[])[];
}

/** Inserts many rows. */
export function insertRows(store: Store, { table, shared = {}, columns, rows }: NewRows): void {
  let next = 0;
  for (; next + rowsPerStatement <= rows.length; next += rowsPerStatement) {
    insert(store, table, shared, columns, rows.slice(next, next + rowsPerStatement));
  }
  for (const row of rows.slice(next)) insert(store, table, shared, columns, [row]);
}

function insert(
  store: Store,
  table: string,
  shared: Readonly<Record<string, SQLInputValue>>,
  columns: readonly string[],
  rows: readonly (readonly SQLInputValue[])[],
): void {
  const key = `${table} ${Object.keys(shared)} ${columns} ${rows.length}`;
  const statement = store.sqlFor(key, () => insertText(table, Object.keys(shared), columns, rows.length));
  statement.run(...Object.values(shared), ...rows.flat());
}

function insertText(table: string, shared: readonly string[], columns: readonly string[], rows: number): string {
  const names = [...shared, ...columns.map((column) => column.replace(/[<>]/g, ''))];
  const row = (first: number) => [
    ...shared.map((_, index) => `?${index + 1}`),
    ...columns.map((column, index) => (column.startsWith('<') ? `unhex(?${first + index})` : `?${first + index}`)),
  ];
  const values = Array.from({ length: rows }, (_, index) => `(${row(shared.length + 1 + index * columns.length)})`);
  return `INSERT INTO ${table} (${names}) VALUES ${values}`;
}
