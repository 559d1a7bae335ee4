/** One named value of a row: an identifier, or `request_id` and its relatives. Personal data. */
export interface Field {
  /** What the column or key means: an identifier type, or `request_id` and its relatives. */
  readonly name: string;
  /** The value, exactly as it stands in the list. Never empty. */
  readonly value: string;
}

/** What is wrong with one row. */
export type RowIssueCode =
  | 'row-length'
  | 'not-json'
  | 'not-an-object'
  | 'column-unknown'
  | 'column-repeated'
  | 'value-form'
  | 'value-refused'
  | 'line-break'
  | 'names-nobody'
  | 'law-unknown'
  | 'time-form'
  | 'date-order'
  | 'time-zone'
  | 'id-repeated'
  | 'request-refused';

/** One thing that is wrong with a row. Holds no value. */
export interface RowIssue {
  /** What it is, for programs. */
  readonly code: RowIssueCode;
  /** What it is, for people. */
  readonly message: string;
  /** The column that it is about. */
  readonly column?: string | undefined;
}

/** One row of a list: one person. */
export interface ListRow {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** What stands in it. */
  readonly fields: readonly Field[];
  /** What is wrong with its form. */
  readonly issues: readonly RowIssue[];
  /** Whether it is another kind of row than those that are wanted (`where` of the rules): it is left out. */
  readonly isOther?: boolean | undefined;
}

/** Rows as they are read, a piece of the list at a time: handing over every single one would cost as much as reading it. */
export type ListRows = AsyncIterable<readonly ListRow[]> | Iterable<readonly ListRow[]>;
