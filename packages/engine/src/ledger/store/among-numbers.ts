import { toRuns } from '../number-ranges.ts';
import type { Sql, SqlValue } from './sql.ts';

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
