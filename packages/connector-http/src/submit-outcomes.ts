import type { Receipt, SubmitOutcome, Target } from '@expunge/core';
import type { ResultList } from './call-schema.ts';
import { targetScope } from './http-api.ts';
import { contentError, isFailure, replyError } from './http-error.ts';
import type { HttpSettings } from './http-options.ts';
import { takeReceipt } from './http-receipt.ts';
import { valueAt } from './json-pointer.ts';
import { findRule, fitsJson, type Reply, textOf } from './match-reply.ts';
import type { FailureReply } from './reply-schema.ts';
import type { Scope } from './template.ts';

/** A rule that says what came of a target. */
type Verdict =
  | Exclude<HttpSettings['submit']['replies'][number], FailureReply | { means: 'results' }>
  | ResultList['replies'][number];

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
  const { submit, vendor } = settings;
  const [first] = targets;
  const isAboutOne = settings.limits.submit.maxTargets === 1 && first !== undefined;
  const rule = findRule(reply, submit.replies, isAboutOne ? targetScope(settings, scope, first).scope : scope);
  if (rule === undefined) throw replyError(reply, vendor, 'the deletion');
  if (isFailure(rule)) throw replyError(reply, vendor, 'the deletion', rule);
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
  for (const list of submit.results ?? []) {
    for (const [id, rule] of readList(reply, list, targets, settings, scope)) {
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
    throw contentError(reply, vendor, 'The answer to the deletion says nothing of some targets');
  });
}

function readList(
  reply: Reply,
  list: ResultList,
  targets: readonly Target[],
  settings: HttpSettings,
  scope: Scope,
): [id: string, rule: Verdict][] {
  const { vendor } = settings;
  const entries = valueAt(reply.json, list.at);
  if (!Array.isArray(entries))
    throw contentError(reply, vendor, 'The answer to the deletion lacks a list of submit.results');
  const known = new Map(targets.map((target) => [target.value, target]));
  return entries.map((entry: unknown): [string, Verdict] => {
    const target = known.get(textOf(valueAt(entry, list.id)) ?? '');
    if (target === undefined) {
      const message =
        'The answer to the deletion speaks of somebody who was not asked about, or names people in another way';
      throw contentError(reply, vendor, message, 'answer-contradictory');
    }
    const rule = list.replies.find(({ body }) => fitsJson(entry, body, targetScope(settings, scope, target).scope));
    if (rule !== undefined) return [target.value, rule];
    throw contentError(
      reply,
      vendor,
      'The answer to the deletion says of a target what no rule of submit.results knows',
    );
  });
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
