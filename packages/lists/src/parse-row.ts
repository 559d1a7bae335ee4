import { type Identifier, type Law, lawSchema } from '@expunge/core';
import { type IncomingRequest, requestIssues, type SuspiciousValue, valueFault } from '@expunge/engine';
import type { ColumnRules } from './column-rules.ts';
import type { ListRow, RowIssue } from './list-row.ts';
import { parseTime, type TimeRules } from './parse-time.ts';

/** What a row becomes. */
export interface ParsedRow {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** The request; undefined where something is wrong. */
  readonly request: IncomingRequest | undefined;
  /** What is wrong, without any value. */
  readonly issues: readonly RowIssue[];
  /** Values that are probably not what the vendors store, without them. */
  readonly suspicious: readonly SuspiciousCell[];
}

/** A value that is probably not what the vendors store. */
export interface SuspiciousCell {
  /** The identifier type. */
  readonly type: string;
  /** What seems wrong. */
  readonly fault: SuspiciousValue;
}

/** Whether somebody has looked at an identifier's value, and means it. */
export type IsAllowed = (identifier: Identifier) => boolean;

/** What requests get where the row says nothing. */
export interface RequestDefaults {
  /** The law. */
  readonly law: Law;
  /** What words of a list mean which law, compared without letter case. Default: the laws' own names. */
  readonly laws?: ReadonlyMap<string, Law> | undefined;
  /** How times are written. Default: ISO 8601. */
  readonly times?: TimeRules | undefined;
  /** What time it is, in milliseconds since 1970: nobody has asked later. */
  readonly now: number;
}

/** Makes a request of a row, or says everything that is wrong with it. */
export function parseRow(
  row: ListRow,
  rules: ColumnRules,
  defaults: RequestDefaults,
  isAllowed: IsAllowed = () => false,
): ParsedRow {
  const { request, identifiers, issues } = readRow(row, rules, defaults);
  for (const { type, value } of identifiers) {
    if (/[\n\r]/.test(value)) {
      issues.push({ code: 'line-break', message: `${type}: the value has a line break in it`, column: type });
    }
  }
  const suspicious = identifiers.flatMap((identifier): SuspiciousCell[] => {
    const found = valueFault(identifier);
    return found?.isCertain === false && !isAllowed(identifier) ? [{ type: identifier.type, fault: found.fault }] : [];
  });
  if (issues.length > 0 || request === undefined) return { line: row.line, request: undefined, issues, suspicious };
  const wrong = requestIssues(request, isAllowed).map((issue) => inColumnWords(issue, identifiers));
  return { line: row.line, request: wrong.length === 0 ? request : undefined, issues: wrong, suspicious };
}

/** Makes a request of a row in which {@link parseRow} has found nothing wrong, without looking at all of it again. */
export function requestOf(row: ListRow, rules: ColumnRules, defaults: RequestDefaults): IncomingRequest | undefined {
  return readRow(row, rules, defaults).request;
}

function readRow(
  row: ListRow,
  rules: ColumnRules,
  defaults: RequestDefaults,
): { request: IncomingRequest | undefined; identifiers: readonly Identifier[]; issues: RowIssue[] } {
  const issues = [...row.issues];
  const identifiers: Identifier[] = [];
  const given = new Map<string, string>();
  for (const { name, value } of row.fields) {
    if (rules.known.has(name)) identifiers.push({ type: name, value });
    else if (given.has(name)) {
      issues.push({ code: 'column-repeated', message: `${name}: more than one value`, column: name });
    } else given.set(name, value);
  }
  if (issues.length === 0 && identifiers.length === 0) {
    issues.push({ code: 'names-nobody', message: 'names nobody: every identifier is empty' });
  }
  const law = lawOf(given.get('law'), defaults);
  if (law === undefined) {
    const message = `law: must be one of ${lawSchema.options.join(', ')}`;
    issues.push({ code: 'law-unknown', message, column: 'law' });
  }
  if (issues.length > 0 || law === undefined) return { request: undefined, identifiers, issues };

  const id = given.get('request_id');
  const dueAt = timeOf(given, 'due_at', defaults, issues);
  const receivedAt = timeOf(given, 'received_at', defaults, issues);
  if (issues.length > 0) return { request: undefined, identifiers, issues };
  // Days begin and end at other times elsewhere.
  if (receivedAt !== undefined && Date.parse(receivedAt) > defaults.now + dayMs) {
    const message = 'received_at: lies in the future';
    return { request: undefined, identifiers, issues: [{ code: 'time-form', message, column: 'received_at' }] };
  }
  const request: IncomingRequest = {
    ...(id === undefined ? {} : { id }),
    subject: { identifiers },
    law,
    ...(receivedAt === undefined ? {} : { receivedAt }),
    ...(dueAt === undefined ? {} : { dueAt }),
  };
  return { request, identifiers, issues };
}

function lawOf(text: string | undefined, defaults: RequestDefaults): Law | undefined {
  if (text === undefined) return defaults.law;
  const word = text.trim().toLowerCase();
  return defaults.laws?.get(word) ?? lawSchema.safeParse(word).data;
}

const dayMs = 86_400_000;

function timeOf(
  given: ReadonlyMap<string, string>,
  column: 'received_at' | 'due_at',
  { times }: RequestDefaults,
  issues: RowIssue[],
): string | undefined {
  const text = given.get(column);
  if (text === undefined) return undefined;
  const parsed = parseTime(text, times);
  if ('time' in parsed) return parsed.time;
  issues.push({ code: timeCodes[parsed.fault], message: `${column}: ${timeWords[parsed.fault]}`, column });
  return undefined;
}

const timeCodes = { form: 'time-form', order: 'date-order', zone: 'time-zone' } as const;

const timeWords = {
  form: 'must be a day (2026-08-21) or a time with its offset (2026-08-21T14:05:00Z)',
  order: 'day and month can be meant in either order',
  zone: 'the time names no time zone',
} as const;

const columnOf: Readonly<Record<string, string>> = {
  id: 'request_id',
  receivedAt: 'received_at',
  dueAt: 'due_at',
  law: 'law',
};

// The engine speaks of its own keys; the person at the keyboard knows columns.
function inColumnWords(issue: string, identifiers: readonly Identifier[]): RowIssue {
  const identifier = /^subject\.identifiers\.(\d+)\.\w+: /.exec(issue);
  if (identifier !== null) {
    const type = identifiers[Number(identifier[1])]?.type ?? 'identifier';
    return { code: 'value-refused', message: `${type}: ${issue.slice(identifier[0].length)}`, column: type };
  }
  const [key = '', ...rest] = issue.split(': ');
  const column = columnOf[key];
  if (column === 'due_at' && rest[0]?.startsWith('lies before') === true) {
    return { code: 'time-form', message: 'due_at: lies before received_at', column };
  }
  if (column?.endsWith('_at') === true) {
    const message = `${column}: must be a day (2026-08-21) or a time with its offset (2026-08-21T14:05:00Z)`;
    return { code: 'time-form', message, column };
  }
  if (column !== undefined) return { code: 'request-refused', message: `${column}: ${rest.join(': ')}`, column };
  // What is said of a value begins with its type.
  return identifiers.some(({ type }) => type === key)
    ? { code: 'value-refused', message: issue, column: key }
    : { code: 'request-refused', message: issue };
}
