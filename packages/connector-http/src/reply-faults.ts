import type { OptionsIssue } from '@expunge/core';
import { isBareAbsence } from './bare-absence.ts';
import type { HttpSettings } from './http-options.ts';
import { type BodyRule, failureCodes } from './reply-schema.ts';

interface Rule {
  readonly status: number | readonly number[];
  readonly body: BodyRule;
  readonly means: string;
}

/** What a 2xx alone can mean: the vendor did, or does, what it was asked to. */
const goodMeanings = ['deleted', 'accepted', 'results', 'status', 'present', 'cancelled', 'proven'];

/** A rule that any gateway's 404 fits, in a description that can't prove the service first. */
function bareFaults(rules: readonly Rule[] = [], call: string, access: HttpSettings['access']): OptionsIssue[] {
  if (access !== undefined) return [];
  return rules.flatMap((rule, index): OptionsIssue[] => {
    if (rule.body === 'any' || !isBareAbsence(rule)) return [];
    const message =
      `takes what a wrong address answers for ${rule.means}: name what only the vendor's own answer holds, or describe access, ` +
      'which then proves the service before such an answer counts';
    return [{ path: [call, 'replies', index, 'body'], message }];
  });
}

/** What is wrong with the rules for replies: what would let one pass for what it is not. */
export function replyFaults(settings: HttpSettings): OptionsIssue[] {
  const { submit, check, verify, cancel, access, limits } = settings;
  return [
    ...rulesFaults(submit.replies, 'submit'),
    ...rulesFaults(check?.replies ?? [], 'check'),
    ...rulesFaults(verify?.replies ?? [], 'verify'),
    ...rulesFaults(cancel?.replies ?? [], 'cancel'),
    ...rulesFaults(access?.replies ?? [], 'access'),
    ...bareFaults(submit.replies, 'submit', access),
    ...bareFaults(check?.replies, 'check', access),
    ...bareFaults(verify?.replies, 'verify', access),
    ...resultsFaults(submit),
    ...wholeCallFaults(submit.replies, limits.submit.maxTargets),
    ...missingFaults(check?.replies, 'check', ['status']),
    ...missingFaults(verify?.replies, 'verify', ['present', 'absent']),
    ...missingFaults(cancel?.replies, 'cancel', ['cancelled']),
    ...missingFaults(access?.replies, 'access', ['proven']),
  ];
}

function rulesFaults(rules: readonly Rule[], call: string): OptionsIssue[] {
  return rules.flatMap((rule, index) => [
    ...ruleFaults(rule).map(({ key, message }) => ({ path: [call, 'replies', index, key], message })),
    ...unreachedFaults(rule, rules.slice(0, index), [call, 'replies', index]),
  ]);
}

/** A rule behind one that takes every answer with its status would look as if it decided something. */
function unreachedFaults(rule: Rule, before: readonly Rule[], path: OptionsIssue['path']): OptionsIssue[] {
  const taken = before.filter(({ body }) => body === 'any').flatMap(({ status }) => status);
  if (![rule.status].flat().every((status) => taken.includes(status))) return [];
  return [{ path, message: 'is never reached: a rule before it takes any answer with this status' }];
}

function ruleFaults({ status, body, means }: Rule): { key: string; message: string }[] {
  const statuses = [status].flat();
  const faults: { key: string; message: string }[] = [];
  const isFailure = failureCodes.some((code) => code === means);
  if (goodMeanings.includes(means) && statuses.some((each) => each >= 300)) {
    faults.push({ key: 'status', message: `is no success, and the rule means ${means}` });
  }
  if (!isFailure && statuses.some((each) => (each >= 300 && each < 400) || each >= 500)) {
    faults.push({
      key: 'status',
      message: `tells nothing about a person: a redirect or trouble at the vendor can’t mean ${means}`,
    });
  }
  if (
    goodMeanings.includes(means) &&
    typeof body !== 'string' &&
    body.every(({ at, is }) => at === '' && is === 'text')
  ) {
    faults.push({
      key: 'body',
      message: `takes any text for ${means}; say which one, with equals, oneOf or startsWith`,
    });
  }
  if (means === 'absent' && body === 'any') {
    const message = 'must be conditions, or empty: whatever answers at a wrong address would pass for "nobody there"';
    faults.push({ key: 'body', message });
  }
  return faults;
}

function resultsFaults({ replies, results }: HttpSettings['submit']): OptionsIssue[] {
  const isMeant = replies.some(({ means }) => means === 'results');
  if (isMeant && results === undefined) {
    return [{ path: ['submit', 'results'], message: 'is missing; a rule means results, so say where they are' }];
  }
  if (!isMeant && results !== undefined) {
    return [{ path: ['submit', 'results'], message: 'is never read; let a rule of replies mean results' }];
  }
  return [];
}

/** One refusal for a call with several targets does not say which of them it is about. */
function wholeCallFaults(replies: HttpSettings['submit']['replies'], maxTargets: number): OptionsIssue[] {
  if (maxTargets === 1) return [];
  return replies.flatMap(({ means }, index): OptionsIssue[] => {
    if (means !== 'rejected') return [];
    const message =
      'rejects all targets of a call for the sake of one; say request-rejected, and the call is halved until it is found';
    return [{ path: ['submit', 'replies', index, 'means'], message }];
  });
}

function missingFaults(replies: readonly Rule[] | undefined, call: string, needed: readonly string[]): OptionsIssue[] {
  if (replies === undefined) return [];
  return needed
    .filter((means) => !replies.some((rule) => rule.means === means))
    .map((means) => ({
      path: [call, 'replies'],
      message: `has no rule that means ${means}, so the call would never say so`,
    }));
}
