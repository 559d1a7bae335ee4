import type { TaskChange } from '../ledger/ledger.ts';
import { lookThere } from './after-check.ts';
import { readBeforeWithinMs } from './read-before.ts';
import type { TaskState } from './task-state.ts';

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
