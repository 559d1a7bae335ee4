import {
  type CheckOutcome,
  type ConnectorCapabilities,
  type ConnectorError,
  readCoversReach,
  type SubmitOutcome,
  type VerifyOutcome,
} from '@expunge/core';
import type { VerifyMode } from '../engine/configured-connector.ts';
import type { Claim, LedgerTask, TaskChange } from '../ledger/ledger.ts';
import { partNumber, partOf, partsOfFailedJob } from './bisect.ts';
import { isAboutTheCall, readBeforeWithinMs } from './read-before.ts';
import type { ReadBefore, TaskState } from './task-state.ts';

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
  | { readonly type: 'call-unresolved'; readonly why: Unresolved }
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

/** Reads after which an unclear read-back is given up. */
const maxReads = 5;
/** Failed reads after which a read-back is given up: with the waits between them, about four hours. */
const maxFailedReads = 10;
/** Reads that may still find a record which the vendor took but never called deleted. */
const patientReads = 3;
/** Jobs after which one that failed at the vendor is not started again. */
const maxJobs = 3;

/**
 * Where a task goes after something happened to it. Pure. `transitions.ts` has every pair that this may give.
 * Holds do not appear here: they stop the calls, and change no state.
 */
export function transition(facts: ConnectorFacts, task: LedgerTask, event: TaskEvent, now: number): TaskChange {
  return { ...stateAfter(facts, task, event, now), event: event.type };
}

type Next = Omit<TaskChange, 'event'>;

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
      return event.why === 'for-good' ? needsReviewOfLostCall : { state: 'in-doubt', ...event.why };
    case 'seen-gone':
      // It was seen before, and our own read no longer finds it: the lost call has done its work.
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

/** The record was seen, and its absence will not prove the whole deletion. */
const readCoversLess = 'read-covers-less';

/** Our own read found nobody before the deletion: that there is nobody afterwards proves nothing. */
export const notFoundBeforeReason = 'not-found-before';

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

/**
 * Where a task goes after the vendor was asked about its submission; undefined: it waits on.
 */
export function transitionAfterCheck(
  facts: ConnectorFacts,
  task: CheckedTask,
  outcome: CheckOutcome,
  submission: SubmissionFacts,
  now: number,
): TaskChange | undefined {
  const next = afterCheck(facts, task, outcome, submission, now);
  return next === undefined ? undefined : { ...next, event: 'check-answered' };
}

/** What has to be known of a task whose submission is asked about. */
export interface CheckedTask {
  /** What our own read saw before the deletion. */
  readonly readBefore: ReadBefore;
  /** Its place among those whose end is not known yet, from 0. */
  readonly index: number;
}

/** What is known of a submission that is asked about. */
export interface SubmissionFacts {
  /** How many jobs the vendor has made of the most-tried of its targets, this one included. */
  readonly jobs: number;
  /** When the vendor took it. */
  readonly submittedAt: number;
  /** How many targets wait for it. */
  readonly targets: number;
  /** The earliest deadline of their requests. */
  readonly dueAt: number;
  /** The call that asks. */
  readonly callId: number;
}

function afterCheck(
  facts: ConnectorFacts,
  task: CheckedTask,
  outcome: CheckOutcome,
  submission: SubmissionFacts,
  now: number,
): Next | undefined {
  const { vendorStatus } = outcome;
  const { jobs, submittedAt, targets } = submission;
  switch (outcome.state) {
    case 'pending':
      return undefined;
    case 'unknown':
      // The vendor is asked again until the time is over that it promised. Then a person has to look.
      if (now < submittedAt + promisedMs(facts)) return undefined;
      return {
        state: 'needs-review',
        reason: 'status-unknown',
        message: `${outcome.reason} ${lookThere}`,
        vendorStatus,
      };
    case 'deleted':
      return afterClaim(facts, task, 'deleted', { vendorStatus }, now);
    case 'partial':
      return {
        state: 'partial',
        reason: 'partly-done',
        message: 'The vendor ended the deletion with parts not done; the report names them.',
        vendorStatus,
      };
    case 'failed':
      if (outcome.canBisect === true && targets > 1) return partOfFailedJob(task, vendorStatus, submission, now);
      if (outcome.canSubmitAgain && jobs < maxJobs) {
        return { state: 'ready', reason: 'failed-at-vendor', vendorStatus, nextAt: now };
      }
      return {
        state: 'failed',
        reason: 'failed-at-vendor',
        message: 'The vendor reports that the deletion failed.',
        vendorStatus,
      };
    case 'cancelled':
      return {
        state: 'failed',
        reason: 'revoked-at-vendor',
        message: "The deletion was cancelled at the vendor. Submit it again with 'expunge resume --retry-failed'.",
        vendorStatus,
      };
    case 'lost':
      if (facts.capabilities.repeat === 'harmless' && jobs < maxJobs) {
        return { state: 'ready', reason: 'lost-at-vendor', vendorStatus, nextAt: now };
      }
      return {
        state: 'failed',
        reason: 'lost-at-vendor',
        message: 'The vendor no longer knows the deletion, and how it ended was never seen. Look it up at the vendor.',
        vendorStatus,
      };
  }
}

// One of the targets may have failed them all: smaller jobs find out which, however many jobs there were before.
function partOfFailedJob(
  { index }: CheckedTask,
  vendorStatus: string,
  { targets, submittedAt, dueAt, callId }: SubmissionFacts,
  now: number,
): Next {
  const parts = partsOfFailedJob(targets, now - submittedAt, dueAt - now);
  const bisectedBatch = partNumber(callId, partOf(index, targets, parts));
  return { state: 'ready', reason: 'failed-at-vendor', vendorStatus, nextAt: now, bisectedBatch };
}

/**
 * Where the tasks of a submission go after asking about it has failed again; undefined: they wait on. Past the promised time
 * an answer that tells nothing is not waited for. A vendor that can't be reached, or that refuses the credentials, is.
 *
 * @param failures - How many times in a row asking failed, this time included.
 */
export function transitionAfterFailedCheck(
  facts: ConnectorFacts,
  error: ConnectorError,
  { failures, submittedAt }: { readonly failures: number; readonly submittedAt: number },
  now: number,
): TaskChange | undefined {
  if (!tellsNothing.includes(error.code) || failures < failuresToGiveUp) return undefined;
  if (now < submittedAt + promisedMs(facts)) return undefined;
  return {
    event: 'check-failed',
    state: 'needs-review',
    reason: 'status-unknown',
    message: `${error.message} ${lookThere}`,
    vendorStatus: error.vendorStatus,
  };
}

/** A task of which the vendor was asked without its target, because the page with it does not open. */
export const askedWithoutTarget: TaskChange = {
  event: 'check-answered',
  state: 'needs-review',
  reason: 'page-damaged',
  message:
    "The encrypted page with this person does not open, so that the vendor can't be asked how the deletion ended. Restore the last backup, or look it up at the vendor. 'expunge audit verify' lists all requests on damaged pages.",
};

const tellsNothing: readonly string[] = ['response-unexpected', 'request-rejected', 'request-too-large'];
const failuresToGiveUp = 3;

const lookThere = "Look it up at the vendor, or send it again with 'expunge resume --resend'.";

/** How long an unclear status is asked about, in milliseconds: as long as the vendor promises, and a day at the least. */
function promisedMs({ capabilities: { completion } }: ConnectorFacts): number {
  return Math.max(86_400_000, completion.type === 'polled' ? completion.expectedWithinMs : 0);
}

/** What the vendor has said with its last word. */
interface Said {
  readonly vendorStatus?: string | undefined;
  /** What else a person should know. */
  readonly message?: string | undefined;
}

/** The vendor has said its last word: the task is read back, or ends. */
function afterClaim(
  facts: ConnectorFacts,
  task: Pick<LedgerTask, 'readBefore'>,
  claim: Claim,
  said: Said,
  now: number,
): Next {
  if (facts.verify === 'off') return endOfClaim(task, claim, said);
  const nextAt = now + (facts.capabilities.readBack?.afterMs ?? 0);
  return { state: 'read-back', claim, ...said, ...notFoundBefore(task), nextAt };
}

function endOfClaim(task: Pick<LedgerTask, 'readBefore'>, claim: Claim, { vendorStatus, message }: Said): Next {
  const assurance = claim === 'accepted' ? 'accepted' : 'confirmed';
  return { state: claim, assurance, vendorStatus, message, ...notFoundBefore(task) };
}

/** That our own read found nobody stands beside whatever the vendor says, from then on to the end. */
function notFoundBefore({ readBefore }: Pick<LedgerTask, 'readBefore'>): Pick<Next, 'reason'> {
  return readBefore === 'absent' ? { reason: notFoundBeforeReason } : {};
}

const needsReviewOfLostCall: Next = {
  state: 'needs-review',
  reason: 'reply-lost',
  message:
    "Whether the vendor acted can't be found out. Look it up there, or send it again with 'expunge resume --resend'.",
};

function afterReadBack(facts: ConnectorFacts, task: LedgerTask, outcome: VerifyOutcome, now: number): Next {
  const claim = task.claim ?? 'accepted';
  const reads = task.reads + 1;
  switch (outcome.type) {
    case 'absent':
      // Absence proves nothing unless presence was seen before.
      if (task.readBefore !== 'present') return { ...endOfClaim(task, claim, task), reads };
      if (task.unreadReason === readCoversLess) return { ...besideTheRead(task, claim), reads };
      return { state: 'deleted', assurance: 'verified', vendorStatus: task.vendorStatus, message: task.message, reads };
    case 'present':
      return afterPresence(facts, task, claim, reads, now);
    case 'unknown':
      return afterUnreadable(facts, task, now);
  }
}

// A read of profiles says nothing about the events that the vendor claims to have erased: its word stands as it is, and what
// was read stands beside it.
function besideTheRead(task: LedgerTask, claim: Claim): Next {
  const read =
    'Our own read saw the record before and no longer finds it. That read does not cover all that is to be erased; for the rest the word of the vendor stands.';
  return {
    ...endOfClaim(task, claim, task),
    reason: readCoversLess,
    message: task.message === undefined ? read : `${task.message} ${read}`,
  };
}

function afterPresence(facts: ConnectorFacts, task: LedgerTask, claim: Claim, reads: number, now: number): Next {
  const { vendorStatus, message } = task;
  if (claim === 'accepted' && reads < patientReads) {
    const nextAt = now + readAgainMs(facts, reads);
    return { state: 'read-back', claim, vendorStatus, message, ...notFoundBefore(task), reads, nextAt };
  }
  const contradictions = task.contradictions + 1;
  if (contradictions === 1) return { state: 'ready', reason: 'still-present', contradictions, reads: 0, nextAt: now };
  return {
    state: 'contradicted',
    reason: 'still-present',
    message: 'The vendor took the deletion twice, and our own read still finds the record. Ask the vendor.',
    vendorStatus,
    contradictions,
    reads,
  };
}

// A read-back that told nothing is tried again. In the end the vendor's word stands as it is.
function afterUnreadable(facts: ConnectorFacts, task: LedgerTask, now: number): Next {
  const reads = task.reads + 1;
  if (reads >= maxReads) return afterLastRead(task);
  const { claim, vendorStatus, message } = task;
  const nextAt = now + readAgainMs(facts, reads);
  return { state: 'read-back', claim, vendorStatus, message, ...notFoundBefore(task), reads, nextAt };
}

// A read-back that failed is tried again for about four hours: nothing waits for it but the proof.
function afterFailedReadBack(task: LedgerTask, { error, retryAt, isAlone }: FailedRead): Next {
  const { claim, vendorStatus, message } = task;
  const again = {
    state: 'read-back',
    claim,
    vendorStatus,
    message,
    reason: error.code,
    ...notFoundBefore(task),
  } as const;
  if (isAboutTheCall(error.code) && !isAlone) return { ...again, nextAt: retryAt };
  const reads = task.reads + 1;
  if (isAboutTheCall(error.code) || reads >= maxFailedReads) return afterLastRead(task, ` (${error.code})`);
  return { ...again, reads, nextAt: retryAt };
}

function afterLastRead(task: LedgerTask, why = ''): Next {
  const unread = `The record could not be read back${why}; what stands here is the vendor's word.`;
  return {
    ...endOfClaim(task, task.claim ?? 'accepted', task),
    // Without presence before, a read back would have proved nothing.
    ...(task.readBefore === 'absent' ? {} : { reason: 'not-read-back' }),
    message: task.message === undefined ? unread : `${task.message} ${unread}`,
    reads: task.reads + 1,
  };
}

function readAgainMs(facts: ConnectorFacts, reads: number): number {
  return Math.max(1000, facts.capabilities.readBack?.afterMs ?? 0) * 2 ** (reads - 1);
}

/** Something that a person or another connector makes happen to tasks, in the ledger itself. Pure. */
export const storeTransitions = {
  /** The intent is persisted with the calls. */
  submitStarted: (bisectedBatch: number | undefined): TaskChange => ({
    event: 'submit-started',
    state: 'submitting',
    bisectedBatch,
  }),
  /** The process ended during the call. */
  interrupted: (attempts: number, now: number): TaskChange => ({
    event: 'interrupted',
    state: 'in-doubt',
    reason: 'interrupted',
    message: 'The process ended during the call; whether the vendor acted is not known yet.',
    attempts,
    nextAt: now,
  }),
  readBeforeGivenUp: (unreadReason: string, now: number): TaskChange => ({
    event: 'read-before-given-up',
    state: 'ready',
    readBefore: 'unread',
    unreadReason,
    reads: 0,
    nextAt: now,
  }),
  /** The page with the person's data does not open. */
  pageDamaged: (message: string): TaskChange => ({
    event: 'page-damaged',
    state: 'needs-review',
    reason: 'page-damaged',
    message,
  }),
  mustWait: (): TaskChange => ({ event: 'must-wait', state: 'blocked' }),
  othersSent: (now: number): TaskChange => ({ event: 'others-sent', state: 'ready', nextAt: now }),
  cancel: (): TaskChange => ({ event: 'cancel', state: 'cancelled', reason: 'by-request' }),
  cancelledAtVendor: (): TaskChange => ({ event: 'cancelled-at-vendor', state: 'cancelled', reason: 'by-request' }),
  /** The vendor cancelled it, and had said meanwhile that the job with it is done. */
  cancelledAfterClaim: (): TaskChange => ({
    event: 'cancelled-at-vendor',
    state: 'needs-review',
    reason: 'cancelled-and-done',
    message: `The vendor says that it cancelled this deletion, and that the job with it is done: the record may still be there. ${lookThere}`,
  }),
  /** Back to where it was planned to begin, or to where the one is whose duplicate it becomes. */
  restore: (state: TaskState, now: number): TaskChange => ({
    event: 'restore',
    state,
    nextAt: now,
    readBy: state === 'pre-read' ? now + readBeforeWithinMs : undefined,
    attempts: 0,
    reads: 0,
  }),
  retry: (now: number): TaskChange => ({ event: 'retry', state: 'ready', nextAt: now, attempts: 0, reads: 0 }),
  resend: (now: number): TaskChange => ({ event: 'resend', state: 'ready', nextAt: now, attempts: 0, reads: 0 }),
} as const;

/** What keeps a task from being sent at once, though nothing is wrong with it. */
export interface SendingGuards {
  /** Another connector has to be sent the request first, and has not been. */
  readonly mustWait: boolean;
}

/** A change to `ready` as it is where other connectors come first: the task is blocked until they are sent. */
export function guardSending(
  change: TaskChange,
  task: { readonly attempts: number },
  guards: SendingGuards,
): TaskChange {
  // What was sent before does not wait for others a second time.
  if (change.state !== 'ready' || task.attempts > 0 || !guards.mustWait) return change;
  return { ...change, state: 'blocked', nextAt: undefined };
}
