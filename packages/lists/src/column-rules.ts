/** Columns that do not name an identifier type. */
export const requestColumns = ['request_id', 'received_at', 'due_at', 'law'] as const;

/** Which columns a list may have. */
export interface ColumnRules {
  /** Identifier types that at least one configured connector uses. */
  readonly known: ReadonlySet<string>;
  /** Columns that are accepted and not read. */
  readonly ignored: ReadonlySet<string>;
}

/** Whether a column has a meaning here. */
export function isKnownColumn(name: string, rules: ColumnRules): boolean {
  return isRequestColumn(name) || rules.known.has(name) || rules.ignored.has(name);
}

/** Whether a column is about the request and no identifier. */
export function isRequestColumn(name: string): boolean {
  return requestColumns.some((column) => column === name);
}
