import { type HttpResponse, JsonInvalidError, parseJson } from '@expunge/http-client';
import { valueAt } from './json-pointer.ts';
import type { BodyRule, Condition } from './reply-schema.ts';
import type { Scope } from './template.ts';

/** A reply, read once. */
export interface Reply {
  /** As it came. */
  readonly response: HttpResponse;
  /** Its body, where that is JSON: integers that no number holds are texts. Where it is a plain text, that text. */
  readonly json: unknown;
  /** Whether `json` is what the body says. */
  readonly isReadable: boolean;
}

/** Longer ones are pages, and no vendor's sentence. */
const longestPlainText = 500;

/** Reads a reply's body: as JSON, or as a plain text. */
export function readReply(response: HttpResponse): Reply {
  try {
    return { response, json: parseJson(response.text), isReadable: true };
  } catch (error) {
    if (!(error instanceof JsonInvalidError)) throw error;
    const text = response.text.trim();
    const isPlain = text !== '' && text.length <= longestPlainText && !/^[<{["]/.test(text);
    return { response, json: isPlain ? text : undefined, isReadable: isPlain };
  }
}

/** What has to hold of a reply for its rule to decide. */
export interface ReplyRule {
  readonly status: number | readonly number[];
  readonly body: BodyRule;
}

/** The first rule that a reply fits. */
export function findRule<Rule extends ReplyRule>(reply: Reply, rules: readonly Rule[], scope: Scope): Rule | undefined {
  return rules.find((rule) => hasStatus(reply, rule) && fitsBody(reply, rule.body, scope));
}

/** Whether a rule is about replies with this status. */
export function hasStatus({ response }: Reply, { status }: ReplyRule): boolean {
  return [status].flat().includes(response.status);
}

function fitsBody({ response, json, isReadable }: Reply, rule: BodyRule, scope: Scope): boolean {
  if (rule === 'any') return true;
  if (rule === 'empty') return response.text.trim() === '';
  return isReadable && fitsConditions(json, rule, scope);
}

/** Whether a JSON value fits a rule for a body. */
export function fitsJson(json: unknown, rule: BodyRule, scope: Scope): boolean {
  if (rule === 'any') return true;
  return rule === 'empty' ? isEmpty(json) : fitsConditions(json, rule, scope);
}

function fitsConditions(json: unknown, conditions: readonly Condition[], scope: Scope): boolean {
  return conditions.every((condition) => holds(json, condition, scope));
}

/** Whether one condition holds. */
export function holds(json: unknown, condition: Condition, scope: Scope): boolean {
  const { at, equals, oneOf, exists, is, sameAs, startsWith, ignoreCase = false } = condition;
  const value = valueAt(json, at);
  if (exists !== undefined) return exists === (value !== undefined && value !== null);
  if (value === undefined) return false;
  if (is !== undefined) return isKind(value, is);
  if (startsWith !== undefined) return typeof value === 'string' && value.startsWith(startsWith);
  const text = textOf(value);
  if (sameAs !== undefined) return text !== undefined && isSame(text, scope.get(sameAs), ignoreCase);
  return (oneOf ?? [equals]).some((expected) => expected === value);
}

/** Whether a vendor's text is what was asked for. */
function isSame(text: string, asked: string | undefined, ignoreCase: boolean): boolean {
  return text === asked || (ignoreCase && text.toLowerCase() === asked?.toLowerCase());
}

/** What a vendor's id or word is as text. A whole number is its digits; nothing else but a text is one. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

function isKind(value: unknown, kind: NonNullable<Condition['is']>): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'empty':
      return isEmpty(value);
  }
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'string') return value === '';
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
