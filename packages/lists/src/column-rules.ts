/** Columns that do not name an identifier type. */
export const requestColumns = ['request_id', 'received_at', 'due_at', 'law'] as const;

/** Which columns a list may have, and what they mean. */
export interface ColumnRules {
  /** Identifier types that at least one configured connector uses. */
  readonly known: ReadonlySet<string>;
  /** Columns that are accepted and not read. */
  readonly ignored: ReadonlySet<string>;
  /** What columns of other names mean: an identifier type, or one of {@link requestColumns}. By the header as it stands there. */
  readonly meanings?: ReadonlyMap<string, string> | undefined;
  /** Whether columns that nobody knows are accepted and not read. Default: they are refused. */
  readonly ignoresOthers?: boolean | undefined;
  /** Only rows count that have one of these values in the column, compared without letter case and blanks around them. By header. */
  readonly where?: ReadonlyMap<string, readonly string[]> | undefined;
}

/** What a column means: an identifier type, or one of {@link requestColumns}. Undefined: nothing that is read. */
export function meaningOf(header: string, rules: ColumnRules): string | undefined {
  const meaning = rules.meanings?.get(header) ?? header;
  return !rules.ignored.has(header) && (isRequestColumn(meaning) || rules.known.has(meaning)) ? meaning : undefined;
}

/** Whether a column has a place here. */
export function isKnownColumn(header: string, rules: ColumnRules): boolean {
  return (
    meaningOf(header, rules) !== undefined ||
    rules.ignored.has(header) ||
    rules.where?.has(header) === true ||
    rules.ignoresOthers === true
  );
}

/** Whether a column is about the request and no identifier. */
export function isRequestColumn(name: string): boolean {
  return requestColumns.some((column) => column === name);
}

/** Whether a row counts, by what stands in a column. */
export function isWanted(header: string, value: string, { where }: ColumnRules): boolean {
  const wanted = where?.get(header);
  return wanted === undefined || wanted.some((each) => plain(each) === plain(value));
}

/** The column or type of which a header is another way of writing: another case, blanks or hyphens. */
export function sameButForCase(header: string, rules: ColumnRules): string | undefined {
  return [...rules.known, ...requestColumns].find((each) => letters(each) === letters(header));
}

function plain(text: string): string {
  return text.trim().toLowerCase();
}

function letters(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
