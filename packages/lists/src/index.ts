export { type CheckedList, checkList, type ListIssue, type RowRules, type SuspiciousColumn } from './check-list.ts';
export { type ColumnRules, isKnownColumn, isRequestColumn, requestColumns, sameButForCase } from './column-rules.ts';
export { ListError, type ListErrorCode, type ListErrorDetails } from './list-error.ts';
export type { Field, ListRow, ListRows, RowIssue, RowIssueCode } from './list-row.ts';
export { type List, type ListFormat, type OpenListOptions, openList } from './open-list.ts';
export type { RequestDefaults } from './parse-row.ts';
export type { TimeRules } from './parse-time.ts';
export { readRows } from './read-rows.ts';
