import { type HttpResponse, JsonInvalidError, parseJson } from '@expunge/http-client';
import { valueAt } from './json-pointer.ts';
import type { BodyRule, Condition } from './reply-schema.ts';
import type { Scope } from './template.ts';

/** A reply, read once. */
export interface Reply {
  /** As it came. */
  readonly response: HttpResponse;
  /** Its body, where that is JSON. Integers that no number holds are texts. */
  readonly json: unknown;
  /** Whether it is JSON at all. */
  readonly isJson: boolean;
}

/** Reads a reply's body as JSON, if it is. */
export function readReply(response: HttpResponse): Reply {
  try {
    return { response, json: parseJson(response.text), isJson: true };
  } catch (error) {
    if (error instanceof JsonInvalidError) return { response, json: undefined, isJson: false };
    throw error;
  }
}

interface ReplyRule {
  readonly status: number | readonly number[];
  readonly body: BodyRule;
}

/** The first rule that a reply fits. */
export function findRule<Rule extends ReplyRule>(reply: Reply, rules: readonly Rule[], scope: Scope): Rule | undefined {
  return rules.find(
    ({ status, body }) => [status].flat().includes(reply.response.status) && fitsBody(reply, body, scope),
  );
}

function fitsBody({ response, json, isJson }: Reply, rule: BodyRule, scope: Scope): boolean {
  if (rule === 'any') return true;
  if (rule === 'empty') return response.text.trim() === '';
  return isJson && fitsConditions(json, rule, scope);
}

/** Whether a JSON value fits a rule for a body. */
export function fitsJson(json: unknown, rule: BodyRule, scope: Scope): boolean {
  if (rule === 'any') return true;
  return rule === 'empty' ? isEmpty(json) : fitsConditions(json, rule, scope);
}

function fitsConditions(json: unknown, conditions: readonly Condition[], scope: Scope): boolean {
  return conditions.every((condition) => holds(json, condition, scope));
}

function holds(json: unknown, { at, equals, oneOf, exists, is, sameAs }: Condition, scope: Scope): boolean {
  const value = valueAt(json, at);
  if (exists !== undefined) return exists === (value !== undefined && value !== null);
  if (value === undefined) return false;
  if (is !== undefined) return isKind(value, is);
  const text = textOf(value);
  if (sameAs !== undefined) return text !== undefined && text === scope.get(sameAs);
  return (oneOf ?? [equals]).some((expected) => expected === value);
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
