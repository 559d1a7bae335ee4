/** What keeps a list from being opened or read to its end. */
export type ListErrorCode =
  // Opening it.
  | 'not-opened'
  | 'is-folder'
  | 'form-unknown'
  | 'changed'
  | 'not-copied'
  // Its bytes.
  | 'not-utf8'
  | 'not-text'
  | 'utf-16'
  | 'spreadsheet'
  | 'compressed'
  | 'json-array'
  | 'line-too-long'
  // Its header and rows.
  | 'empty'
  | 'nobody'
  | 'header-one-column'
  | 'header-unnamed'
  | 'header-unknown'
  | 'header-twice'
  | 'where-missing'
  | 'columns-unknown'
  | 'no-identifier'
  | 'csv-broken'
  | 'row-too-long';

/** What a {@link ListError} is about, besides its code. */
export interface ListErrorDetails {
  /** Where, counted from 1; left out where it concerns the whole. */
  readonly line?: number | undefined;
  /** The columns that it is about. */
  readonly columns?: readonly string[] | undefined;
  /** The character that seems to separate the cells. */
  readonly delimiter?: string | undefined;
}

/** A list can't be opened, or not be read on, so that no row can be left out safely. Holds no identifier. */
export class ListError extends Error {
  override readonly name = 'ListError';
  /** What it is, for programs. */
  readonly code: ListErrorCode;
  /** Where, counted from 1; undefined where it concerns the whole. */
  readonly line: number | undefined;
  /** The columns that it is about. */
  readonly columns: readonly string[];
  /** The character that seems to separate the cells, where that is what is wrong. */
  readonly delimiter: string | undefined;

  constructor(code: ListErrorCode, message: string, details: ListErrorDetails = {}) {
    super(message);
    this.code = code;
    this.line = details.line;
    this.columns = details.columns ?? [];
    this.delimiter = details.delimiter;
  }
}
