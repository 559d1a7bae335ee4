import type { CheckOutcome, ConnectorError } from '@expunge/core';
import type { TaskChange } from '../ledger/ledger.ts';
import { afterClaim, type Next } from './after-claim.ts';
import { partNumber, partOf, partsOfFailedJob } from './bisect.ts';
import type { ReadBefore } from './task-state.ts';
import type { ConnectorFacts } from './transition.ts';

/** Jobs after which one that failed at the vendor is not started again. */
const maxJobs = 3;

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

const tellsNothing: readonly string[] = [
  'response-unexpected',
  'request-rejected',
  'request-too-large',
  // Pauses the connector as well: one job must not do so with every run, for ever.
  'answer-contradictory',
];
const failuresToGiveUp = 3;

/** What a person can do where the engine can't go on. */
export const lookThere = "Look it up at the vendor, or send it again with 'expunge resume --resend'.";

/** How long an unclear status is asked about, in milliseconds: as long as the vendor promises, and a day at the least. */
function promisedMs({ capabilities: { completion } }: ConnectorFacts): number {
  return Math.max(86_400_000, completion.type === 'polled' ? completion.expectedWithinMs : 0);
}
