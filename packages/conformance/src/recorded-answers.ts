import { isDeepStrictEqual } from 'node:util';
import type { RecordedRequest } from '@expunge/vendor-sandbox';
import type { ConformanceHarness } from './conformance-harness.ts';
import { showsAny } from './shows-any.ts';

/** An answer that the vendor gave once, and can be made to give again. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The path of the call that it was an answer to. */
  readonly path: string;
  /** What it and its call both name: ids that the vendor repeats. */
  readonly repeated: readonly string[];
}

/** Makes a call, and records what the vendor answers meanwhile. */
export async function recordAnswers<Value>(
  { vendor }: ConformanceHarness,
  call: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly answers: readonly RecordedAnswer[] }> {
  const before = vendor.requests.length;
  const value = await call();
  const answers = vendor.requests.slice(before).flatMap(answerOf);
  return { value, answers };
}

/** Whether the fake vendor tells what it answered: one that was not made with `createVendorServer` may not. */
export function keepsAnswers({ vendor }: ConformanceHarness): boolean {
  return vendor.requests.every((request) => request.status === undefined || request.answer !== undefined);
}

/** Lets the vendor give recorded answers to the next calls, in their order, whatever is asked. It does not act meanwhile. */
export function replay({ vendor }: ConformanceHarness, answers: readonly RecordedAnswer[], path?: RegExp): void {
  for (const { status, headers, body } of answers) {
    vendor.faults.add({ fault: { type: 'status', status, headers, body }, ...(path === undefined ? {} : { path }) });
  }
}

/**
 * Whether one of the answers names one of the values: as a whole text or number of its JSON; in anything else, as a part of it. A fake
 * vendor makes other ids out of a person's, which name nobody.
 */
export function nameAny(answers: readonly RecordedAnswer[], values: readonly string[]): boolean {
  return answers.some(({ body }) => {
    const json = parse(body);
    return json === undefined ? showsAny(body, values) : leavesOf(json).some((leaf) => values.includes(leaf));
  });
}

/** The texts and numbers of a JSON value, as texts. */
export function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (isRaw(value)) return [value.rawJSON];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    Array.isArray(value) ? leavesOf(inner) : [key, ...leavesOf(inner)],
  );
}

/**
 * The answer without what it says of somebody: fields that are the value, and entries of lists that hold it.
 *
 * @param keepsEntries - Leaves the entries of lists where they are.
 * @returns undefined where it is no JSON, or says nothing of it.
 */
export function withoutMention(
  answer: RecordedAnswer,
  value: string,
  keepsEntries = false,
): RecordedAnswer | undefined {
  const json = parse(answer.body);
  const left = leaveOut(json, value, keepsEntries);
  if (json === undefined || left === undefined || isDeepStrictEqual(left, json)) return undefined;
  return { ...answer, body: JSON.stringify(left) };
}

function leaveOut(json: unknown, value: string, keepsEntries: boolean): unknown {
  if (isRaw(json) || typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return keepsEntries ? json : json.filter((item) => !holds(item, value));
  return Object.fromEntries(
    Object.entries(json)
      .filter(([key, inner]) => key !== value && !isValue(inner, value))
      .map(([key, inner]) => [key, leaveOut(inner, value, keepsEntries)]),
  );
}

/** The answer with every text replaced that is `from`. undefined where there is none. */
export function withText(answer: RecordedAnswer, from: string, to: string): RecordedAnswer | undefined {
  if (answer.body.trim() === from) return { ...answer, body: to };
  const json = parse(answer.body);
  if (!leavesOf(json).includes(from)) return undefined;
  return { ...answer, body: JSON.stringify(replaced(json, from, to)) };
}

function replaced(json: unknown, from: string, to: string): unknown {
  if (json === from) return to;
  if (isRaw(json)) return json.rawJSON === from ? to : json;
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map((item) => replaced(item, from, to));
  return Object.fromEntries(Object.entries(json).map(([key, inner]) => [key, replaced(inner, from, to)]));
}

function holds(json: unknown, value: string): boolean {
  return leavesOf(json).includes(value);
}

function isValue(json: unknown, value: string): boolean {
  return json === value || (isRaw(json) && json.rawJSON === value);
}

// TypeScript's library lacks both; every Node that is supported has them. They keep the digits of a job's number.
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };

function isRaw(value: unknown): value is { readonly rawJSON: string } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null && 'rawJSON' in value;
}

function parse(text: string): unknown {
  const keepDigits = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? rawJSON(context.source) : value;
  try {
    return JSON.parse(text, keepDigits);
  } catch {
    return undefined;
  }
}

function answerOf({ status, answer, path, query, body }: RecordedRequest): RecordedAnswer[] {
  if (status === undefined || answer === undefined) return [];
  const { 'content-length': _length, ...headers } = answer.headers;
  const asked = `${path}?${query}\n${body}`;
  const repeated = leavesOf(parse(answer.body)).filter((leaf) => isId(leaf) && asked.includes(leaf));
  return [{ status, headers, body: answer.body, path, repeated }];
}

/** Long enough, and with a digit: no word, no count. */
function isId(leaf: string): boolean {
  return leaf.length >= 6 && /\d/.test(leaf);
}
