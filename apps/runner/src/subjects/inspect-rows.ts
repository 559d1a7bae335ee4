import type { IncomingRequest } from '@expunge/engine';
import type { Fault } from '../user-error.ts';
import type { ColumnRules } from './column-rules.ts';
import { InputBrokenError, type InputRow } from './input-row.ts';
import { type ParsedRow, parseRow, type RequestDefaults } from './parse-row.ts';

/** What the first reading of an input found. */
export interface Inspection {
  /** Rows that become requests. */
  readonly valid: number;
  /** Rows that can't. */
  readonly invalid: number;
  /** What is wrong, up to `maxFaults`. */
  readonly faults: readonly Fault[];
  /** How many faults were not kept. */
  readonly moreFaults: number;
  /** Whether the input can't be read to its end, so that leaving rows out is no way out. */
  readonly isBroken: boolean;
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
export async function inspectRows(
  rows: AsyncIterable<InputRow> | Iterable<InputRow>,
  rules: RowRules,
  maxFaults: number,
): Promise<Inspection> {
  const faults: Fault[] = [];
  const padded = new Map<string, number>();
  let valid = 0;
  let invalid = 0;
  let moreFaults = 0;
  let isBroken = false;
  const keep = (fault: Fault) => {
    if (faults.length < maxFaults) faults.push(fault);
    else moreFaults += 1;
  };
  try {
    for await (const row of parseRows(rows, rules)) {
      if (row.request === undefined) invalid += 1;
      else valid += 1;
      for (const message of row.faults) keep({ line: row.line, message });
      for (const type of row.padded) padded.set(type, (padded.get(type) ?? 0) + 1);
    }
  } catch (error) {
    if (!(error instanceof InputBrokenError)) throw error;
    isBroken = true;
    keep({ line: error.line, message: error.message });
  }
  return { valid, invalid, faults, moreFaults, isBroken, padded };
}

/** The requests of an input's valid rows, in a stream. */
export async function* requestsOf(
  rows: AsyncIterable<InputRow> | Iterable<InputRow>,
  rules: RowRules,
): AsyncGenerator<IncomingRequest> {
  for await (const { request } of parseRows(rows, rules)) {
    if (request !== undefined) yield request;
  }
}

// Two rows under one id would be one request for two people. Ids are kept for it; rows without one cost nothing.
async function* parseRows(
  rows: AsyncIterable<InputRow> | Iterable<InputRow>,
  rules: RowRules,
): AsyncGenerator<ParsedRow> {
  const lineById = new Map<string, number>();
  for await (const row of rows) {
    const parsed = parseRow(row, rules.columns, rules.defaults);
    const id = parsed.request?.id;
    const firstLine = id === undefined ? undefined : lineById.get(id);
    if (firstLine !== undefined) {
      yield { ...parsed, request: undefined, faults: [`request_id: stands on line ${firstLine} already`] };
      continue;
    }
    if (id !== undefined) lineById.set(id, row.line);
    yield parsed;
  }
}
