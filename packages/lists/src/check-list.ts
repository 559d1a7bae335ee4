import { type AllowedValue, allowedValues, type IncomingRequest, type SuspiciousValue } from '@expunge/engine';
import type { ColumnRules } from './column-rules.ts';
import { FirstLines } from './first-lines.ts';
import { ListError, type ListErrorCode } from './list-error.ts';
import type { ListRows, RowIssueCode } from './list-row.ts';
import { parseRow, type RequestDefaults, requestOf } from './parse-row.ts';

/** How rows become requests. */
export interface RowRules {
  /** Which columns are known. */
  readonly columns: ColumnRules;
  /** What requests get where the row says nothing. */
  readonly defaults: RequestDefaults;
  /** Values that would be refused or warned about, and are meant. Default: none. */
  readonly allowValues?: readonly AllowedValue[] | undefined;
}

/** Values of one column that are probably not what the vendors store. They are sent as they are. */
export interface SuspiciousColumn {
  /** The identifier type. */
  readonly type: string;
  /** What seems wrong. */
  readonly fault: SuspiciousValue;
  /** How many. */
  readonly count: number;
  /** Where the first ones are, counted from 1. */
  readonly lines: readonly number[];
}

/** One thing that is wrong with a list. Holds no value of an identifier. */
export interface ListIssue {
  /** What it is, for programs. */
  readonly code: ListErrorCode | RowIssueCode;
  /** Where, counted from 1; undefined where it concerns the whole. */
  readonly line: number | undefined;
  /** What it is, for people. */
  readonly message: string;
  /** The columns that it is about. */
  readonly columns?: readonly string[] | undefined;
  /** The character that seems to separate the cells, where that is what is wrong. */
  readonly delimiter?: string | undefined;
}

/** A list in which everything that is wrong has been found. */
export interface CheckedList {
  /** Rows that become requests. */
  readonly valid: number;
  /** Rows that can't. */
  readonly invalid: number;
  /** Rows of another kind than those that are wanted. */
  readonly others: number;
  /** What is wrong, up to `maxIssues`. */
  readonly issues: readonly ListIssue[];
  /** How many issues were not kept. */
  readonly moreIssues: number;
  /** Whether the list can't be read to its end, so that leaving rows out is no way out. */
  readonly isBroken: boolean;
  /** Values that are probably not what the vendors store, by column. */
  readonly suspicious: readonly SuspiciousColumn[];
  /** The requests of the valid rows, in a stream, read anew each time. */
  requests(): AsyncIterable<IncomingRequest>;
}

const firstLinesShown = 3;

/**
 * Reads a list to its end and finds everything that is wrong with it. Keeps no row.
 *
 * @param rows - Reads the same rows from the beginning, as often as it is called.
 * @param maxIssues - How many issues are kept; the others are counted.
 */
export async function checkList(rows: () => ListRows, rules: RowRules, maxIssues: number): Promise<CheckedList> {
  const issues: ListIssue[] = [];
  const suspicious = new Map<string, SuspiciousColumn & { count: number; readonly lines: number[] }>();
  const isAllowed = allowedValues(rules.allowValues);
  const invalidLines = new Set<number>();
  // Two rows under one id would be one request for two people.
  const firstLines = new FirstLines();
  let valid = 0;
  let others = 0;
  let moreIssues = 0;
  let isBroken = false;
  const keep = (issue: ListIssue) => {
    if (issues.length < maxIssues) issues.push(issue);
    else moreIssues += 1;
  };
  try {
    for await (const piece of rows()) {
      for (const row of piece) {
        const { line } = row;
        if (row.isOther === true) {
          others += 1;
          continue;
        }
        const parsed = parseRow(row, rules.columns, rules.defaults, isAllowed);
        for (const { type, fault } of parsed.suspicious) {
          const key = `${type} ${fault}`;
          const column = suspicious.get(key) ?? { type, fault, count: 0, lines: [] };
          column.count += 1;
          if (column.lines.length < firstLinesShown) column.lines.push(line);
          suspicious.set(key, column);
        }
        const id = parsed.request?.id;
        const firstLine = id === undefined ? undefined : firstLines.note(id, line);
        if (firstLine !== undefined) {
          const message = `request_id: stands on line ${firstLine} already`;
          keep({ code: 'id-repeated', line, message, columns: ['request_id'] });
        }
        for (const { code, message, column } of parsed.issues) {
          keep({ code, line, message, ...(column === undefined ? {} : { columns: [column] }) });
        }
        if (firstLine === undefined && parsed.issues.length === 0) valid += 1;
        else invalidLines.add(line);
      }
    }
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    isBroken = true;
    const { code, line, message, columns, delimiter } = error;
    keep({ code, line, message, columns, delimiter });
  }
  return {
    valid,
    invalid: invalidLines.size,
    others,
    issues,
    moreIssues,
    isBroken,
    suspicious: [...suspicious.values()],
    requests: () => requestsOf(rows(), rules, invalidLines),
  };
}

async function* requestsOf(
  rows: ListRows,
  rules: RowRules,
  invalidLines: ReadonlySet<number>,
): AsyncGenerator<IncomingRequest> {
  for await (const piece of rows) {
    for (const row of piece) {
      const isLeftOut = row.isOther === true || invalidLines.has(row.line);
      const request = isLeftOut ? undefined : requestOf(row, rules.columns, rules.defaults);
      if (request !== undefined) yield request;
    }
  }
}
