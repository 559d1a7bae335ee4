import type { ConnectorError } from '@expunge/core';
import { codeOfStatus, httpError } from '@expunge/http-client';
import { contentError } from './http-error.ts';
import { valueAt } from './json-pointer.ts';
import { fitsJson, hasStatus, holds, type Reply, type ReplyRule, textOf } from './match-reply.ts';
import type { BodyRule, Condition } from './reply-schema.ts';
import type { Scope } from './template.ts';

/** Which rules a reply was compared with, as messages name them. */
export interface ComparedRules {
  readonly rules: readonly ReplyRule[];
  readonly scope: Scope;
  /** Where they stand: `submit.replies`. */
  readonly at: string;
}

/**
 * The error of a reply that fits no rule: `answer-contradictory` where it would fit one and names something else than was
 * asked, otherwise what its status usually means. Its message says which condition of which rule came nearest.
 */
export function noRuleError(reply: Reply, vendor: string, what: string, compared: ComparedRules): ConnectorError {
  const other = contradicted(reply, compared);
  if (other !== undefined) {
    const message =
      `The answer to ${what} names something else than was asked (${other}): the vendor may have acted on somebody else. If it ` +
      'only writes ids in another case, and documents that, say ignoreCase: true';
    return contentError(
      reply,
      vendor,
      message,
      compared.at === 'access.replies' ? 'setup-wrong' : 'answer-contradictory',
    );
  }
  const { response } = reply;
  const near = nearest(reply, compared);
  const usual = httpError(response, { vendor });
  const message =
    codeOfStatus(response.status) === 'response-unexpected'
      ? `The answer to ${what} is none that the configuration describes (HTTP ${response.status}).`
      : usual.message;
  return near === undefined
    ? httpError(response, { vendor, message })
    : httpError(response, { vendor, message: `${message} ${near}` });
}

/** The condition by which a reply is about something else, where it fits all others of a rule. */
function contradicted(reply: Reply, { rules, scope, at }: ComparedRules): string | undefined {
  for (const [index, rule] of rules.entries()) {
    if (!hasStatus(reply, rule) || typeof rule.body === 'string' || !reply.isReadable) continue;
    const failed = rule.body.flatMap((condition, place) =>
      holds(reply.json, condition, scope) ? [] : [{ condition, place }],
    );
    const [first] = failed;
    const areOthers = failed.every(({ condition }) => namesAnother(reply.json, condition));
    if (first !== undefined && areOthers)
      return `${at}.${index}.body.${first.place}, sameAs: ${first.condition.sameAs}`;
  }
  return undefined;
}

function namesAnother(json: unknown, { at, sameAs }: Condition): boolean {
  const text = textOf(valueAt(json, at));
  return sameAs !== undefined && text !== undefined && text !== '';
}

/** One sentence about the rule that a reply nearly fits. Places and tests are the configuration's; nothing of the reply is in it. */
function nearest(reply: Reply, { rules, scope, at }: ComparedRules): string | undefined {
  const candidates = rules.flatMap((rule, index) => {
    if (!hasStatus(reply, rule)) return [];
    return [{ place: `${at}.${index}`, ...misfit(reply, rule.body, scope) }];
  });
  const [best] = candidates.toSorted((one, other) => one.missed - other.missed);
  if (best !== undefined) return `Nearest is ${best.place}, where ${best.why}.`;
  const statuses = [...new Set(rules.flatMap(({ status }) => status))].join(', ');
  return rules.length === 0 ? undefined : `No rule of ${at} has this status; they have ${statuses}.`;
}

function misfit(reply: Reply, body: BodyRule, scope: Scope): { readonly missed: number; readonly why: string } {
  if (body === 'empty') return { missed: 1, why: 'the body has to be empty, and is not' };
  if (body === 'any') return { missed: 0, why: 'any body fits' };
  if (!reply.isReadable)
    return { missed: body.length + 1, why: 'the body has to be JSON or a short text, and is neither' };
  return conditionMisfit(reply.json, body, scope);
}

/** The first condition that does not hold, and how many do not. */
function conditionMisfit(json: unknown, body: readonly Condition[], scope: Scope): { missed: number; why: string } {
  const failed = body.flatMap((condition, place) => (holds(json, condition, scope) ? [] : [{ condition, place }]));
  const [first] = failed;
  if (first === undefined) return { missed: 0, why: 'all conditions hold' };
  const { at, ...test } = first.condition;
  const isThere = valueAt(json, at) !== undefined;
  const name = Object.keys(test).find((key) => key !== 'ignoreCase') ?? 'condition';
  const found = isThere ? 'does not hold' : 'finds nothing there';
  return { missed: failed.length, why: `body.${first.place} (${name}, at ${at === '' ? 'the whole' : at}) ${found}` };
}

/** The same for an entry of a list: which condition of which rule came nearest. */
export function nearestEntryRule(
  entry: unknown,
  rules: readonly { readonly body: BodyRule }[],
  scope: Scope,
  at: string,
): string {
  const candidates = rules.map(({ body }, index) => ({
    place: `${at}.${index}`,
    ...(typeof body === 'string'
      ? { missed: fitsJson(entry, body, scope) ? 0 : 1, why: `body: ${body}` }
      : conditionMisfit(entry, body, scope)),
  }));
  const [best] = candidates.toSorted((one, other) => one.missed - other.missed);
  return best === undefined ? 'There are no rules' : `Nearest is ${best.place}, where ${best.why}`;
}
