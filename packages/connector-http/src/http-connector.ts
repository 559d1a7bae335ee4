import {
  type AccessReport,
  type CallOptions,
  type CancelOutcome,
  type CheckOutcome,
  type DeletionConnector,
  notCalled,
  type Receipt,
  type SubmitOutcome,
  type Target,
  type VerifyOutcome,
} from '@expunge/core';
import { type HttpRequest, type SendOptions, sendRequest } from '@expunge/http-client';
import { isBareAbsence } from './bare-absence.ts';
import { buildRequest, scopeOf, targetScope } from './http-api.ts';
import { httpCapabilities } from './http-capabilities.ts';
import { contentError, isFailure, replyError } from './http-error.ts';
import { type HttpOptions, type HttpSettings, parseHttpOptions } from './http-options.ts';
import { readReceipt } from './http-receipt.ts';
import { valueAt } from './json-pointer.ts';
import { mapHttpStatus } from './map-http-status.ts';
import { findRule, type Reply, type ReplyRule, readReply, textOf } from './match-reply.ts';
import { type ComparedRules, noRuleError } from './no-rule-error.ts';
import type { FailureReply } from './reply-schema.ts';
import { findSubmitRule, readOutcomes } from './submit-outcomes.ts';

/**
 * Deletes people at a vendor that is described as data: what is called, and what each answer means.
 *
 * @throws OptionsError naming every wrong key, and whatever contradicts itself.
 */
export function createHttpConnector(
  options: HttpOptions,
  collaborators: { readonly dispatcher?: NonNullable<SendOptions['dispatcher']> } = {},
): DeletionConnector {
  const settings = parseHttpOptions(options);
  const { vendor, submit, check, verify, cancel, access } = settings;
  const values = scopeOf(settings);
  /** What has shown that calls reach the vendor's own service: an answer that only it gives, to a call of this kind. */
  const shown = new Set<'submit' | 'check' | 'verify' | 'access'>();

  async function send(request: HttpRequest, call: CallOptions): Promise<Reply> {
    const { dispatcher } = collaborators;
    const { timeoutMs } = settings;
    return readReply(await sendRequest(request, { vendor, dispatcher, call, timeoutMs }));
  }

  /** One call about a submission, and what its reply means. */
  async function ask<Rule extends { readonly means: string } & ReplyRule>(
    name: 'check' | 'cancel',
    call: { readonly request: HttpSettings['submit']['request']; readonly replies: readonly Rule[] },
    receipt: Receipt,
    what: string,
    options: CallOptions,
  ) {
    const scope = scopeOf(settings, readReceipt(receipt, submit.receipt ?? {}, vendor));
    const request = buildRequest(call.request, settings, scope);
    if (request === undefined) throw notCalled(vendor, 'request-rejected', 'The receipt can’t be part of a URL.');
    const reply = await send(request, options);
    const rule = ruleOf(reply, vendor, what, { rules: call.replies, scope, at: `${name}.replies` });
    if (name === 'check') await believe('check', reply, rule, options);
    return { reply, rule };
  }

  /** Proves that the credentials work, at the vendor's own service. */
  async function proveAccess({ request: template, replies }: AccessCall, call: CallOptions): Promise<void> {
    const request = buildRequest(template, settings, values);
    if (request === undefined) throw notCalled(vendor, 'setup-wrong', 'The request makes no URL.');
    const reply = await send(request, call);
    ruleOf(reply, vendor, 'the check of the credentials', { rules: replies, scope: values, at: 'access.replies' });
    shown.add('access');
  }

  /**
   * Sees to it that an absence is not a wrong address. An answer that any gateway gives counts only after this kind of call has
   * met the vendor's own, or after the access has been proven.
   */
  async function believe(
    name: 'submit' | 'check' | 'verify',
    { response }: Reply,
    rule: ReplyRule & { readonly means: string },
    call: CallOptions,
  ): Promise<void> {
    if (response.status < 300 && rule.body !== 'any') shown.add(name);
    if (!isBareAbsence(rule) || shown.has(name) || shown.has('access') || access === undefined) return;
    await proveAccess(access, call);
  }

  const connector: DeletionConnector = {
    specVersion: 'v1',
    vendor,
    operation: settings.operation,
    capabilities: httpCapabilities(settings),

    targetsOf(subject) {
      const known = new Set(settings.identifiers.map(({ type }) => type));
      const usable = subject.identifiers.filter(({ type }) => known.has(type));
      return [...new Map(usable.map(({ type, value }) => [keyOf({ type, value }), { type, value }])).values()];
    },

    async submit(targets, call = {}): Promise<readonly SubmitOutcome[]> {
      requireRoom(targets, settings);
      const refusals = targets.map((target) => whyNotSent(target, settings));
      const addressed = targets.filter((_target, index) => refusals[index] === undefined);
      // Whether a vendor minds somebody who is named twice in a call is seldom documented.
      const distinct = [...new Map(addressed.map((target) => [keyOf(target), target])).values()];
      const outcomes = new Map<string, SubmitOutcome>();
      if (distinct.length > 0) {
        const reply = await send(buildSubmission(distinct, settings), call);
        await believe('submit', reply, findSubmitRule(reply, distinct, settings, values), call);
        for (const [index, outcome] of readOutcomes(reply, distinct, settings, values).entries()) {
          outcomes.set(keyOf(distinct[index]), outcome);
        }
      }
      return targets.map((target, index) => refusals[index] ?? outcomes.get(keyOf(target)) ?? notAddressable);
    },

    async checkAccess(call = {}): Promise<AccessReport> {
      if (access === undefined) {
        const unproven = ['No call is described that shows whether the credentials work: the first deletion will.'];
        return { proven: [], unproven };
      }
      await proveAccess(access, call);
      return { proven: access.proven, unproven: access.unproven };
    },
  };

  return {
    ...connector,
    ...(check === undefined
      ? {}
      : {
          async check(receipt: Receipt, _targets: readonly Target[], call: CallOptions = {}): Promise<CheckOutcome> {
            const { reply, rule } = await ask('check', check, receipt, 'the question about the job', call);
            if (rule.means === 'lost') {
              return { state: 'lost', vendorStatus: rule.vendorStatus ?? `HTTP-${reply.response.status}` };
            }
            const word = valueAt(reply.json, check.status.at);
            const text = typeof word === 'boolean' ? String(word) : textOf(word);
            if (text === undefined)
              throw contentError(reply, vendor, 'The answer has no status word at check.status.at');
            return mapHttpStatus(text, check.status.words, vendor);
          },
        }),
    ...(verify === undefined
      ? {}
      : {
          async verify(targets: readonly Target[], call: CallOptions = {}): Promise<readonly VerifyOutcome[]> {
            const [target] = targets;
            if (target === undefined) return [];
            if (targets.length > 1) {
              throw notCalled(vendor, 'request-too-large', 'One record is read in a call, and these are more.');
            }
            const reason = 'The vendor can’t be asked by this identifier.';
            if (whyNotSent(target, settings) !== undefined) return [{ type: 'unknown', reason }];
            const request = buildRequest(verify.request, settings, values, targets);
            if (request === undefined) return [{ type: 'unknown', reason }];
            const reply = await send(request, call);
            const { scope } = targetScope(settings, values, target);
            const compared = { rules: verify.replies, scope, at: 'verify.replies' };
            const rule = ruleOf(reply, vendor, 'the read-back', compared);
            await believe('verify', reply, rule, call);
            return [rule.means === 'unknown' ? { type: 'unknown', reason: rule.reason } : { type: rule.means }];
          },
        }),
    ...(cancel === undefined
      ? {}
      : {
          async cancel(receipt: Receipt, _targets: readonly Target[], call: CallOptions = {}): Promise<CancelOutcome> {
            const { rule } = await ask('cancel', cancel, receipt, 'the cancellation', call);
            return { type: rule.means };
          },
        }),
  };
}

type AccessCall = NonNullable<HttpSettings['access']>;

/** The rule that a reply fits, where it means no failure. */
function ruleOf<Rule extends { readonly means: string } & ReplyRule>(
  reply: Reply,
  vendor: string,
  what: string,
  compared: ComparedRules & { readonly rules: readonly Rule[] },
): Exclude<Rule, FailureReply> {
  const rule = findRule(reply, compared.rules, compared.scope);
  if (rule === undefined) throw noRuleError(reply, vendor, what, compared);
  if (isFailure(rule)) throw replyError(reply, vendor, rule);
  return rule as Exclude<Rule, FailureReply>;
}

const notAddressable: SubmitOutcome = {
  type: 'rejected',
  reason: 'not-addressable',
  message: 'The vendor can’t be asked by this identifier: it would change the call.',
};

const unsupported: SubmitOutcome = {
  type: 'rejected',
  reason: 'unsupported',
  message: 'The configuration does not list this type of identifier for the vendor.',
};

const otherForm: SubmitOutcome = {
  type: 'rejected',
  reason: 'not-addressable',
  message: 'The identifier does not have the form that the configuration gives for the vendor (matches, separators).',
};

function hasForm(value: string, { matches, separators }: HttpSettings['identifiers'][number]): boolean {
  if (separators.some((separator) => value.includes(separator))) return false;
  return matches === undefined || new RegExp(`^(?:${matches})$`, 'u').test(value);
}

/** Why a target can't be sent, where it can't. */
function whyNotSent({ type, value }: Target, settings: HttpSettings): SubmitOutcome | undefined {
  const identifier = settings.identifiers.find((each) => each.type === type);
  if (identifier === undefined) return unsupported;
  // Half of a surrogate pair is no text that UTF-8 can carry: the vendor would be asked about somebody else.
  // No id at all would leave the call to the collection: /users/ instead of a user.
  const isSendable =
    value !== '' && value.isWellFormed() && (identifier.as === 'text' || /^(0|[1-9]\d{0,19})$/.test(value));
  if (!isSendable) return notAddressable;
  if (!hasForm(value, identifier)) return otherForm;
  if (settings.limits.submit.maxTargets > 1) return undefined;
  const request = buildRequest(settings.submit.request, settings, scopeOf(settings), [{ type, value }]);
  return request === undefined ? notAddressable : undefined;
}

function buildSubmission(targets: readonly Target[], settings: HttpSettings): HttpRequest {
  const { vendor, submit, limits } = settings;
  const request = buildRequest(submit.request, settings, scopeOf(settings), targets);
  if (request === undefined) {
    throw notCalled(vendor, 'request-rejected', 'An identifier would change the URL of the call.');
  }
  const { maxBytes } = limits.submit;
  if (maxBytes !== undefined && Buffer.byteLength(request.body ?? '') > maxBytes) {
    throw notCalled(vendor, 'request-too-large', `The call is longer than ${maxBytes} bytes.`);
  }
  return request;
}

function requireRoom(targets: readonly Target[], { vendor, limits }: HttpSettings): void {
  const { maxTargets, oneTypePerCall } = limits.submit;
  if (targets.length > maxTargets) {
    const message = `${targets.length} targets are more than the ${maxTargets} of one call.`;
    throw notCalled(vendor, 'request-too-large', message);
  }
  if (oneTypePerCall && new Set(targets.map(({ type }) => type)).size > 1) {
    throw notCalled(vendor, 'request-rejected', 'The vendor takes identifiers of one type in a call.');
  }
}

function keyOf(target: Target | undefined): string {
  return JSON.stringify([target?.type, target?.value]);
}
