import {
  type ConnectorCapabilities,
  type ConnectorError,
  readCoversReach,
  type SubmitOutcome,
  type VerifyOutcome,
} from '@expunge/core';
import type { VerifyMode } from '../engine/configured-connector.ts';
import type { LedgerTask, TaskChange } from '../ledger/ledger.ts';
import { afterClaim, afterFailedReadBack, afterReadBack, type Next, notFoundBefore } from './after-claim.ts';
import { isAboutTheCall, readCoversLess } from './read-before.ts';

/** What a transition has to know of a connector. */
export interface ConnectorFacts {
  /** Its capabilities. */
  readonly capabilities: ConnectorCapabilities;
  /** Whether it can be asked about receipts. */
  readonly hasCheck: boolean;
  /** Whether it can find a submission whose reply was lost. */
  readonly hasRecover: boolean;
  /** When it is read back; `off` where it can't be. */
  readonly verify: VerifyMode;
  /** Calls for one target, at the most. */
  readonly maxAttempts: number;
}

/** Something that happens to a task in the work for its connector. */
export type TaskEvent =
  /** The read before the deletion was answered, failed, or is given up because the deletion must not wait. */
  | { readonly type: 'read-before'; readonly outcome: VerifyOutcome }
  | { readonly type: 'read-before-failed'; readonly failure: FailedRead }
  /** The vendor answered about this target, or the call failed. */
  | { readonly type: 'submit-answered'; readonly outcome: SubmitOutcome }
  | {
      readonly type: 'submit-failed';
      readonly error: ConnectorError;
      readonly retryAt: number;
      readonly part: CallPart;
    }
  /** The intent was persisted and the call was not made. */
  | { readonly type: 'submit-withheld' }
  /** What became of a call without an answer: the vendor knows the submission; knows none; nothing was learned yet. */
  | { readonly type: 'call-recovered'; readonly submittedAt: number }
  | { readonly type: 'call-not-executed'; readonly wasAttempt: boolean }
  | { readonly type: 'call-unresolved'; readonly why: Unresolved; readonly read?: 'present' | 'unknown' }
  /** Our own read saw the record before the call, and no longer finds it. */
  | { readonly type: 'seen-gone' }
  /** The read after the deletion was answered or failed. */
  | { readonly type: 'read-back'; readonly outcome: VerifyOutcome }
  | { readonly type: 'read-back-failed'; readonly failure: FailedRead };

/** A call that was to read this target, and failed. */
export interface FailedRead {
  readonly error: ConnectorError;
  /** When it is to be tried again. */
  readonly retryAt: number;
  /** Whether the call asked for this target alone. */
  readonly isAlone: boolean;
}

/** Which part of a failed call a target was. */
export interface CallPart {
  /** Whether the call carried this target alone. */
  readonly isAlone: boolean;
  /** The number of the half that it goes on with, where the call is bisected. */
  readonly half: number;
}

/** Why it is still not known what became of a call. */
export type Unresolved =
  /** It is looked up again at this time. */
  | { readonly nextAt: number; readonly reason: string; readonly message: string; readonly reads?: number }
  /** Nothing the engine can do would tell. */
  | 'for-good';

/**
 * Where a task goes after something happened to it. Pure. `transitions.ts` has every pair that this may give.
 * Holds do not appear here: they stop the calls, and change no state.
 */
export function transition(facts: ConnectorFacts, task: LedgerTask, event: TaskEvent, now: number): TaskChange {
  return { ...stateAfter(facts, task, event, now), event: event.type };
}

function stateAfter(facts: ConnectorFacts, task: LedgerTask, event: TaskEvent, now: number): Next {
  switch (event.type) {
    case 'read-before': {
      const seen = whatWasSeen(facts, task, event.outcome);
      return {
        state: 'ready',
        ...seen,
        ...notFoundBefore({ readBefore: seen.readBefore ?? 'unread' }),
        reads: 0,
        nextAt: now,
      };
    }
    case 'read-before-failed':
      return afterFailedReadBefore(task, event.failure, now);
    case 'submit-answered':
      return afterSubmit(facts, task, event.outcome, now);
    case 'submit-failed':
      return afterFailedSubmit(facts, task, event.error, event.retryAt, event.part);
    case 'submit-withheld':
      return withheldCall(task, now);
    case 'call-recovered':
      return { state: 'waiting', ...notFoundBefore(task), submittedAt: event.submittedAt };
    case 'call-not-executed': {
      // What did not happen counts as no attempt. When it is sent again is for the backoff of submissions to say.
      const attempts = event.wasAttempt ? task.attempts : Math.max(0, task.attempts - 1);
      return { state: 'ready', reason: 'not-taken', isNotExecuted: true, nextAt: now, attempts };
    }
    case 'call-unresolved':
      return event.why === 'for-good'
        ? afterLostCall(readsOfLostCall[event.read ?? 'none'])
        : { state: 'in-doubt', ...event.why };
    case 'seen-gone':
      // As after a deletion that was answered: where the read covers less than the deletion, its absence is no proof of it.
      if (task.unreadReason === readCoversLess) return afterLostCall(readsOfLostCall.absent);
      return { state: 'deleted', assurance: 'verified', submittedAt: now };
    case 'read-back':
      return afterReadBack(facts, task, event.outcome, now);
    case 'read-back-failed':
      return afterFailedReadBack(task, event.failure);
  }
}

function whatWasSeen(
  { capabilities }: ConnectorFacts,
  { target }: LedgerTask,
  outcome: VerifyOutcome,
): Pick<Next, 'readBefore' | 'unreadReason'> {
  if (outcome.type === 'unknown') return { readBefore: 'unread', unreadReason: 'answer-unclear' };
  const coversLess = outcome.type === 'present' && !readCoversReach(capabilities, target.type, outcome);
  return { readBefore: outcome.type, unreadReason: coversLess ? readCoversLess : '' };
}

// A failed read costs the grade of the proof, and nothing else. It is tried again as long as the deletion may wait for it.
function afterFailedReadBefore(task: LedgerTask, failure: FailedRead, now: number): Next {
  const { error, retryAt, isAlone } = failure;
  if (isAboutTheCall(error.code) && !isAlone) return { state: 'pre-read', reason: error.code, nextAt: retryAt };
  if (isAboutTheCall(error.code) || retryAt >= (task.readBy ?? 0)) {
    return { state: 'ready', readBefore: 'unread', unreadReason: error.code, reads: 0, nextAt: now };
  }
  return { state: 'pre-read', reason: error.code, reads: task.reads + 1, nextAt: retryAt };
}

function afterSubmit(facts: ConnectorFacts, task: LedgerTask, outcome: SubmitOutcome, now: number): Next {
  const attempts = task.attempts + 1;
  const taken = { attempts, reads: 0, submittedAt: now };
  switch (outcome.type) {
    case 'deleted':
      return { ...afterClaim(facts, task, 'deleted', { message: outcome.message }, now), ...taken };
    case 'absent':
      return { ...afterClaim(facts, task, 'absent', { vendorStatus: outcome.vendorStatus }, now), ...taken };
    case 'accepted':
      if (outcome.receipt !== undefined && facts.hasCheck)
        return { state: 'waiting', ...notFoundBefore(task), ...taken };
      return { ...afterClaim(facts, task, 'accepted', {}, now), ...taken };
    case 'deferred':
      if (attempts >= facts.maxAttempts) {
        return {
          state: 'failed',
          reason: outcome.reason,
          message: `The vendor put this target off ${attempts} times. Try it again with 'expunge resume --retry-failed'.`,
          attempts,
        };
      }
      return { state: 'ready', reason: outcome.reason, attempts, nextAt: now + (outcome.retryAfterMs ?? 0) };
    case 'rejected':
      return {
        state: 'failed',
        reason: outcome.reason,
        message: outcome.message,
        vendorStatus: outcome.vendorStatus,
        attempts,
      };
  }
}

function afterFailedSubmit(
  facts: ConnectorFacts,
  task: LedgerTask,
  error: ConnectorError,
  retryAt: number,
  part: CallPart,
): Next {
  const { code: reason, message, vendorStatus } = error;
  const attempts = task.attempts + 1;
  switch (error.code) {
    case 'not-sent':
    case 'request-rejected':
      if (part.isAlone) return { state: 'failed', reason, message, vendorStatus, attempts };
      return { state: 'ready', reason, nextAt: retryAt, bisectedBatch: part.half, attempts };
    case 'request-too-large':
      if (part.isAlone) return { state: 'failed', reason, message, vendorStatus, attempts };
      return { state: 'ready', reason, nextAt: retryAt };
  }
  const { bisectedBatch } = task;
  if (error.effect === 'nothing') return { state: 'ready', reason, message, nextAt: retryAt, bisectedBatch };
  // What must not be repeated, and what was repeated often enough, is for a person to decide. Asking costs nothing.
  if (!error.isRetryable) return { state: 'needs-review', reason, message, vendorStatus, attempts };
  if (attempts >= facts.maxAttempts && !facts.hasRecover) {
    return {
      state: 'needs-review',
      reason,
      message: `No clear answer in ${attempts} tries; whether the vendor acted is not known. ${message}`,
      attempts,
    };
  }
  return { state: 'in-doubt', reason, message, nextAt: retryAt, bisectedBatch, attempts };
}

/** The call was persisted and not made: a task goes back to where it was, and what was in doubt still is, for the same reason. */
export function withheldCall(task: LedgerTask, now: number): TaskChange {
  const { reason, message, vendorStatus, bisectedBatch } = task;
  const state = task.state === 'in-doubt' ? 'in-doubt' : 'ready';
  return { event: 'submit-withheld', state, reason, message, vendorStatus, bisectedBatch, nextAt: now, isUnsent: true };
}

/** What our own read told about a call without an answer. */
const readsOfLostCall = {
  none: '',
  absent:
    'Our own read saw the record before and no longer finds it. That read does not cover all that is to be erased. ',
  present: 'Our own read still finds the record, which it does until the vendor has done its work. ',
  unknown: 'Our own read told neither that the record is there nor that it is not. ',
} as const;

function afterLostCall(read: string): Next {
  return {
    state: 'needs-review',
    reason: 'reply-lost',
    message: `${read}Whether the vendor acted can't be found out. Look it up there, or send it again with 'expunge resume --resend'.`,
  };
}
