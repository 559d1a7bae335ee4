import { type Identifier, type Law, lawSchema } from '@expunge/core';
import { type IncomingRequest, requestFaults } from '@expunge/engine';
import type { ColumnRules } from './column-rules.ts';
import type { InputRow } from './input-row.ts';

/** What a row becomes. */
export interface ParsedRow {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** The request; undefined where something is wrong. */
  readonly request: IncomingRequest | undefined;
  /** What is wrong, without any value. */
  readonly faults: readonly string[];
  /** Identifier types whose value begins or ends with white space. */
  readonly padded: readonly string[];
}

/** What requests get where the row says nothing. */
export interface RequestDefaults {
  /** The law. */
  readonly law: Law;
  /** When the person asked, ISO 8601. */
  readonly receivedAt: string;
}

/** Makes a request of a row, or says everything that is wrong with it. */
export function parseRow(row: InputRow, rules: ColumnRules, defaults: RequestDefaults): ParsedRow {
  const faults = [...row.faults];
  const identifiers: Identifier[] = [];
  const given = new Map<string, string>();
  for (const { name, value } of row.fields) {
    if (rules.ignored.has(name)) continue;
    if (rules.known.has(name)) identifiers.push({ type: name, value });
    else if (given.has(name)) faults.push(`${name}: more than one value`);
    else given.set(name, value);
  }
  if (faults.length === 0 && identifiers.length === 0) faults.push('names nobody: every identifier is empty');
  for (const { type, value } of identifiers) {
    if (/[\n\r]/.test(value)) faults.push(`${type}: the value has a line break in it`);
  }
  const law = lawSchema.safeParse((given.get('law') ?? defaults.law).toLowerCase());
  if (!law.success) faults.push(`law: must be one of ${lawSchema.options.join(', ')}`);
  const padded = identifiers.filter(({ value }) => value !== value.trim()).map(({ type }) => type);
  if (faults.length > 0 || !law.success) return { line: row.line, request: undefined, faults, padded };

  const dueAt = given.get('due_at');
  const id = given.get('request_id');
  const request: IncomingRequest = {
    ...(id === undefined ? {} : { id }),
    subject: { identifiers },
    law: law.data,
    receivedAt: toTime(given.get('received_at') ?? defaults.receivedAt),
    ...(dueAt === undefined ? {} : { dueAt: toTime(dueAt) }),
  };
  const wrong = requestFaults(request).map((fault) => inColumnWords(fault, identifiers));
  return { line: row.line, request: wrong.length === 0 ? request : undefined, faults: wrong, padded };
}

// A day alone means its beginning in UTC: early rather than late where a deadline hangs on it.
function toTime(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
}

const columnOf: Readonly<Record<string, string>> = {
  id: 'request_id',
  receivedAt: 'received_at',
  dueAt: 'due_at',
  law: 'law',
};

// The engine speaks of its own keys; the person at the keyboard knows columns.
function inColumnWords(fault: string, identifiers: readonly Identifier[]): string {
  const identifier = /^subject\.identifiers\.(\d+)\.\w+: /.exec(fault);
  if (identifier !== null) {
    const type = identifiers[Number(identifier[1])]?.type ?? 'identifier';
    return `${type}: ${fault.slice(identifier[0].length)}`;
  }
  const [key = '', ...rest] = fault.split(': ');
  const column = columnOf[key];
  if (column === undefined) return fault;
  if (column.endsWith('_at'))
    return `${column}: must be a day (2026-08-21) or a time with its offset (2026-08-21T14:05:00Z)`;
  return `${column}: ${rest.join(': ')}`;
}
