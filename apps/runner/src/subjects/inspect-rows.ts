import type { IncomingRequest } from '@expunge/engine';
import type { InputIssue } from '../user-error.ts';
import type { ColumnRules } from './column-rules.ts';
import { FirstLines } from './first-lines.ts';
import { InputBrokenError, type InputRows } from './input-row.ts';
import { parseRow, type RequestDefaults, requestOf } from './parse-row.ts';

/** What the first reading of an input found. */
export interface Inspection {
  /** Rows that become requests. */
  readonly valid: number;
  /** Rows that can't. */
  readonly invalid: number;
  /** What is wrong, up to `maxIssues`. */
  readonly issues: readonly InputIssue[];
  /** How many issues were not kept. */
  readonly moreIssues: number;
  /** Whether the input can't be read to its end, so that leaving rows out is no way out. */
  readonly isBroken: boolean;
  /** The lines of the rows that can't: the second reading leaves them out. */
  readonly invalidLines: ReadonlySet<number>;
  /** Identifier types with values that begin or end with white space, and how many. */
  readonly padded: ReadonlyMap<string, number>;
}

/** How rows become requests. */
export interface RowRules {
  /** Which columns are known. */
  readonly columns: ColumnRules;
  /** What requests get where the row says nothing. */
  readonly defaults: RequestDefaults;
}

/** Reads an input to its end and finds everything that is wrong with it. Keeps no row. */
export async function inspectRows(rows: InputRows, rules: RowRules, maxIssues: number): Promise<Inspection> {
  const issues: InputIssue[] = [];
  const padded = new Map<string, number>();
  const invalidLines = new Set<number>();
  // Two rows under one id would be one request for two people.
  const firstLines = new FirstLines();
  let valid = 0;
  let moreIssues = 0;
  let isBroken = false;
  const keep = (issue: InputIssue) => {
    if (issues.length < maxIssues) issues.push(issue);
    else moreIssues += 1;
  };
  try {
    for await (const piece of rows) {
      for (const row of piece) {
        const parsed = parseRow(row, rules.columns, rules.defaults);
        for (const type of parsed.padded) padded.set(type, (padded.get(type) ?? 0) + 1);
        const id = parsed.request?.id;
        const firstLine = id === undefined ? undefined : firstLines.note(id, row.line);
        const wrong = firstLine === undefined ? parsed.issues : [`request_id: stands on line ${firstLine} already`];
        if (wrong.length === 0) valid += 1;
        else invalidLines.add(row.line);
        for (const message of wrong) keep({ line: row.line, message });
      }
    }
  } catch (error) {
    if (!(error instanceof InputBrokenError)) throw error;
    isBroken = true;
    keep({ line: error.line, message: error.message });
  }
  return { valid, invalid: invalidLines.size, issues, moreIssues, isBroken, invalidLines, padded };
}

/** The requests of an inspected input's valid rows, in a stream. */
export async function* requestsOf(
  rows: InputRows,
  rules: RowRules,
  invalidLines: ReadonlySet<number>,
): AsyncGenerator<IncomingRequest> {
  for await (const piece of rows) {
    for (const row of piece) {
      const request = invalidLines.has(row.line) ? undefined : requestOf(row, rules.columns, rules.defaults);
      if (request !== undefined) yield request;
    }
  }
}
