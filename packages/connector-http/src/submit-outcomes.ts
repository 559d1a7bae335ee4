import type { Receipt, SubmitOutcome, Target } from '@expunge/core';
import type { ResultList } from './call-schema.ts';
import { targetScope } from './http-api.ts';
import { contentError, isFailure, replyError } from './http-error.ts';
import type { HttpSettings } from './http-options.ts';
import { takeReceipt } from './http-receipt.ts';
import { valueAt } from './json-pointer.ts';
import { findRule, fitsJson, type Reply, textOf } from './match-reply.ts';
import { nearestEntryRule, noRuleError } from './no-rule-error.ts';
import type { FailureReply } from './reply-schema.ts';
import type { Scope } from './template.ts';

/** A rule that says what came of a target. */
type Verdict =
  | Exclude<HttpSettings['submit']['replies'][number], FailureReply | { means: 'results' }>
  | ResultList['replies'][number];

/**
 * The rule that says what a reply means.
 *
 * @throws ConnectorError where it means a failure, or fits none.
 */
export function findSubmitRule(reply: Reply, targets: readonly Target[], settings: HttpSettings, scope: Scope) {
  const { submit, vendor } = settings;
  const [first] = targets;
  const isAboutOne = settings.limits.submit.maxTargets === 1 && first !== undefined;
  const known = isAboutOne ? targetScope(settings, scope, first).scope : scope;
  const rule = findRule(reply, submit.replies, known);
  if (rule === undefined) {
    throw noRuleError(reply, vendor, 'the deletion', { rules: submit.replies, scope: known, at: 'submit.replies' });
  }
  if (isFailure(rule)) throw replyError(reply, vendor, rule);
  return rule;
}

/**
 * What a reply says about each target, in the order of the targets.
 *
 * @throws ConnectorError where it means a failure, fits no rule, or leaves somebody out.
 */
export function readOutcomes(
  reply: Reply,
  targets: readonly Target[],
  settings: HttpSettings,
  scope: Scope,
): readonly SubmitOutcome[] {
  const { vendor } = settings;
  const rule = findSubmitRule(reply, targets, settings, scope);
  if (rule.means === 'results') return readResults(reply, targets, settings, scope);
  if (rule.means === 'absent' && targets.length > 1) {
    // It may be about one of them, and the others still be there. Each is asked about alone before it counts as absent.
    const message = 'The vendor says of several people at once that somebody is not there';
    throw contentError(reply, vendor, message, 'request-rejected');
  }
  const receipt = receiptFor([rule], reply, targets, settings);
  return targets.map(() => toOutcome(rule, receipt));
}

function readResults(
  reply: Reply,
  targets: readonly Target[],
  settings: HttpSettings,
  scope: Scope,
): readonly SubmitOutcome[] {
  const { vendor, submit } = settings;
  const byId = new Map<string, Verdict>();
  for (const [index, list] of (submit.results ?? []).entries()) {
    for (const [id, rule] of readList(reply, list, index, targets, settings, scope)) {
      const other = byId.get(id);
      if (other !== undefined && other.means !== rule.means) {
        throw contentError(reply, vendor, 'The answer to the deletion says two things of one target');
      }
      byId.set(id, rule);
    }
  }
  const receipt = receiptFor([...byId.values()], reply, targets, settings);
  return targets.map(({ value }) => {
    const rule = byId.get(value);
    if (rule !== undefined) return toOutcome(rule, receipt);
    if (submit.missing === 'deferred') return { type: 'deferred', reason: 'not-taken' };
    if (submit.missing === 'absent') return { type: 'absent' };
    throw contentError(reply, vendor, 'The answer to the deletion says nothing of some targets');
  });
}

function readList(
  reply: Reply,
  list: ResultList,
  index: number,
  targets: readonly Target[],
  settings: HttpSettings,
  scope: Scope,
): [id: string, rule: Verdict][] {
  const { vendor } = settings;
  const entries = valueAt(reply.json, list.at);
  if (!Array.isArray(entries))
    throw contentError(reply, vendor, 'The answer to the deletion lacks a list of submit.results');
  const find = finder(reply, list, targets, vendor);
  return entries.map((entry: unknown): [string, Verdict] => {
    const target = find(textOf(valueAt(entry, list.id)) ?? '');
    const own = targetScope(settings, scope, target).scope;
    const rule = list.replies.find(({ body }) => fitsJson(entry, body, own));
    if (rule !== undefined) return [target.value, rule];
    const near = nearestEntryRule(entry, list.replies, own, `submit.results.${index}.replies`);
    const message = `The answer to the deletion says of a target what no rule of submit.results knows. ${near}`;
    throw contentError(reply, vendor, message);
  });
}

/**
 * Finds the target that an entry names.
 *
 * @throws ConnectorError where it is nobody who was asked about, or one of several who differ in case alone.
 */
function finder(reply: Reply, { ignoreCase }: ResultList, targets: readonly Target[], vendor: string) {
  const keyOf = (id: string) => (ignoreCase ? id.toLowerCase() : id);
  const known = Map.groupBy(targets, ({ value }) => keyOf(value));
  return (id: string): Target => {
    const [target, other] = known.get(keyOf(id)) ?? [];
    if (target !== undefined && other === undefined) return target;
    const message =
      target === undefined
        ? 'The answer to the deletion speaks of somebody who was not asked about, or names people in another way'
        : 'The answer to the deletion speaks of somebody whose id differs in case alone from that of another';
    throw contentError(reply, vendor, message, 'answer-contradictory');
  };
}

function receiptFor(
  rules: readonly Verdict[],
  reply: Reply,
  targets: readonly Target[],
  { submit, vendor }: HttpSettings,
): Receipt | undefined {
  if (submit.receipt === undefined || !rules.some(({ means }) => means === 'accepted')) return undefined;
  const ids = targets.map(({ value }) => value);
  return takeReceipt(reply, submit.receipt, ids, vendor);
}

function toOutcome(rule: Verdict, receipt: Receipt | undefined): SubmitOutcome {
  switch (rule.means) {
    case 'deleted':
      return { type: 'deleted' };
    case 'accepted':
      return receipt === undefined ? { type: 'accepted' } : { type: 'accepted', receipt };
    case 'absent':
      return rule.vendorStatus === undefined ? { type: 'absent' } : { type: 'absent', vendorStatus: rule.vendorStatus };
    case 'rejected': {
      const { reason, message, vendorStatus } = rule;
      return { type: 'rejected', reason, message, ...(vendorStatus === undefined ? {} : { vendorStatus }) };
    }
    case 'deferred': {
      const { reason, retryAfterMs } = rule;
      return { type: 'deferred', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    }
  }
}
