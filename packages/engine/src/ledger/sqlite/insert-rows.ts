import type { SQLInputValue } from 'node:sqlite';
import type { Store } from './store.ts';

/** Rows that go in with one statement: each statement has a fixed cost that is as high as that of several rows. */
const rowsPerStatement = 100;

/**
 * Inserts many rows. `into` is the beginning of the statement, `row` the placeholders of one row:
 * `'INSERT INTO holds (digest, reason) VALUES'`, `'(unhex(?), ?)'`.
 */
export function insertRows(store: Store, into: string, row: string, rows: readonly (readonly SQLInputValue[])[]): void {
  let next = 0;
  for (; next + rowsPerStatement <= rows.length; next += rowsPerStatement) {
    store
      .sql(`${into} ${Array(rowsPerStatement).fill(row).join(', ')}`)
      .run(...rows.slice(next, next + rowsPerStatement).flat());
  }
  for (const values of rows.slice(next)) store.sql(`${into} ${row}`).run(...values);
}
