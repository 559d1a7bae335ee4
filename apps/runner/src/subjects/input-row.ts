/** One named value of a row: an identifier, or `request_id` and its relatives. Personal data. */
export interface Field {
  /** The column's or key's name. */
  readonly name: string;
  /** The value, exactly as it stands in the input. Never empty. */
  readonly value: string;
}

/** One row of an input: one person. */
export interface InputRow {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** What stands in it. */
  readonly fields: readonly Field[];
  /** What is wrong with its form, without any value. */
  readonly issues: readonly string[];
}

/** Rows as they are read, a piece of the input at a time: handing over every single one would cost as much as reading it. */
export type InputRows = AsyncIterable<readonly InputRow[]> | Iterable<readonly InputRow[]>;

/** The input can't be read on from here, so no row can be left out safely. */
export class InputBrokenError extends Error {
  override readonly name = 'InputBrokenError';
  /** Where, counted from 1; undefined where it concerns the whole. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}
