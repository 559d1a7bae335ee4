import type { Assurance, ConnectorCapabilities } from '@expunge/core';
import type { ConnectorSummary, TaskState } from '@expunge/engine';
import { countWords } from './count-words.ts';

/** What a state means for the operator. */
export type StateGroup = 'done' | 'open' | 'failed' | 'idle';

/** How a state is spoken of. */
export interface StateWords {
  /** `done`: nothing left to do. `open`: goes on by itself. `failed`: somebody has to act. `idle`: nothing was sent. */
  readonly group: StateGroup;
  /** Two or three words. */
  readonly title: string;
  /** One sentence for reports. */
  readonly explanation: string;
}

/** Every state in words. */
export const stateWords: Readonly<Record<TaskState, StateWords>> = {
  'pre-read': {
    group: 'open',
    title: 'to be looked up first',
    explanation: 'The record is looked up before it is deleted, so that its absence can prove something later.',
  },
  blocked: {
    group: 'open',
    title: 'waiting for another connector',
    explanation: 'Another connector has to be sent the request first.',
  },
  ready: { group: 'open', title: 'to be sent', explanation: 'Not sent yet, or to be sent again when its time comes.' },
  submitting: { group: 'open', title: 'being sent', explanation: 'The call to the vendor may be on its way.' },
  'in-doubt': {
    group: 'open',
    title: 'in doubt',
    explanation:
      'A call ended without an answer that tells whether the vendor acted. The next run finds out or asks again.',
  },
  'needs-review': {
    group: 'open',
    title: 'to be reviewed',
    explanation: 'Only a person may decide how it goes on. The reason says what happened, and what to do.',
  },
  waiting: {
    group: 'open',
    title: 'vendor at work',
    explanation: 'The vendor took the request and works on it. It is asked until it says how that ended.',
  },
  'read-back': {
    group: 'open',
    title: 'to be read back',
    explanation: "The vendor is done as far as it says; the record is looked up when the vendor's delay has passed.",
  },
  deleted: {
    group: 'done',
    title: 'deleted',
    explanation: 'The record is gone; the assurance says how that is known.',
  },
  absent: { group: 'done', title: 'nothing there', explanation: 'The vendor says that it had nothing to delete.' },
  accepted: {
    group: 'done',
    title: 'accepted, not observable',
    explanation: 'The vendor took the request. Whether and when it finished cannot be observed from outside.',
  },
  partial: { group: 'failed', title: 'partly done', explanation: 'The vendor ended with parts that are not done.' },
  failed: {
    group: 'failed',
    title: 'failed',
    explanation: 'It will not be done without somebody acting; the reason says why.',
  },
  contradicted: {
    group: 'failed',
    title: 'contradicted',
    explanation: 'The vendor says that it is done, and the record is still found there, also after a second attempt.',
  },
  skipped: {
    group: 'idle',
    title: 'skipped',
    explanation:
      'Nothing was sent: the person has no identifier that this vendor can use. The vendor may hold data about them all the same.',
  },
  cancelled: {
    group: 'idle',
    title: 'cancelled',
    explanation: 'Cancelled before the vendor began; nothing was deleted.',
  },
};

/** What is said of a deletion that is not sent because of a legal hold, whatever its state. */
export const onHoldTitle = 'on hold';

/** Where a deletion stands, and why. */
export interface StateAndReason {
  readonly state: TaskState;
  readonly reason?: string | undefined;
}

/** A state in two or three words, true for how far the connector's deletion reaches, and for what our own look-up saw before. */
export function stateTitle(
  { state, reason }: StateAndReason,
  reach: ConnectorCapabilities['reach'] | undefined,
): string {
  if (state === 'deleted' && reach === 'identifier') return 'detached';
  if (state === 'deleted' && reach === 'nothing') return 'done, erases nothing';
  // It was observed: nobody was there. The reason beside it says so.
  if (state === 'accepted' && reason === notFoundBefore) return 'accepted';
  return stateWords[state].title;
}

/** A state in one sentence, true for the same. */
export function stateExplanation(
  { state, reason }: StateAndReason,
  reach: ConnectorCapabilities['reach'] | undefined,
): string {
  if (state === 'deleted' && reach === 'identifier')
    return 'The identifier was taken off the record; nobody is erased.';
  if (state === 'deleted' && reach === 'nothing') return 'The vendor did what it was asked for, which erases nothing.';
  if (state === 'accepted' && reason === notFoundBefore)
    return 'The vendor took the request. Our own look-up found no record before, so that it can not show that one is gone.';
  return stateWords[state].explanation;
}

const notFoundBefore = 'not-found-before';

/** Every assurance in words. */
export const assuranceWords: Readonly<Record<Assurance, string>> = {
  verified: 'Our own look-up found the record before, and no longer finds it.',
  confirmed: 'The vendor itself says that it is done, or that there was nothing to delete.',
  accepted: 'The vendor took the request; whether and when it finished cannot be observed.',
};

/** How the end of a deletion is known, in words. */
export function howItIsKnown({
  state,
  reason,
  assurance,
}: StateAndReason & { readonly assurance?: Assurance | undefined }): string | undefined {
  if (assurance === undefined) return undefined;
  return assurance === 'accepted' && reason === notFoundBefore
    ? stateExplanation({ state, reason }, undefined)
    : assuranceWords[assurance];
}

/** How many tasks of a connector stand in a group. */
export function countGroup(states: Readonly<Partial<Record<TaskState, number>>>, group: StateGroup): number {
  let count = 0;
  for (const [state, words] of Object.entries(stateWords) as [TaskState, StateWords][]) {
    if (words.group === group) count += states[state] ?? 0;
  }
  return count;
}

const reasonWords: Readonly<Record<string, string>> = {
  'identifier-missing': 'no identifier that this vendor can use',
  'identifier-unusable': 'its identifiers cannot be used at this vendor',
  conflict: 'another deletion of the same batch is under way at the vendor',
  'not-taken': 'the vendor took the others of the batch only',
  'failed-at-vendor': 'the vendor reports that the deletion failed',
  'revoked-at-vendor': 'the deletion was cancelled at the vendor',
  'not-found-before': 'not found before: our own look-up found no record',
  'read-covers-less': 'our own look-up no longer finds the record, which does not cover all that is to be erased',
  'status-unknown': 'the vendor does not say how it stands, and its promised time is over',
  'cancelled-and-done': 'the vendor says both that it cancelled it and that it is done',
  'page-damaged': "the ledger's page with this person's data does not open",
  'lost-at-vendor': 'the vendor no longer knows the deletion, and how it ended was never seen',
  'partly-done': 'the vendor ended with parts not done',
  'still-present': 'our own look-up still finds the record',
  'no-time': 'its turn to be read did not come in time',
  'answer-unclear': 'the look-up told neither that it is there nor that it is not',
  'not-read-back': "it could not be looked up; what stands here is the vendor's word",
  refused: "the vendor's rules forbid it",
  'not-addressable': 'the record cannot be addressed by what is known',
  unsupported: 'the vendor does not know this type of identifier',
  mismatch: 'the vendor answered about another record, so nothing was deleted',
  'credentials-rejected': 'the vendor does not accept the credentials',
  'permission-missing': 'the credentials may not do this',
  'request-rejected': 'the vendor refused the call because of what is in it',
  'request-too-large': 'the call was too large for the vendor',
  'setup-wrong': 'the address or the account is set up wrong',
  'rate-limited': 'the vendor asks for fewer calls',
  'quota-spent': "the plan's volume is used up",
  'connection-failed': 'the vendor could not be reached',
  'not-sent': 'the call was given up before anything was sent',
  'connection-lost': 'the connection broke after the call was sent',
  'timed-out': 'no answer in time',
  aborted: 'the call was ended early',
  'vendor-unavailable': 'the vendor has trouble of its own',
  'answer-contradictory': 'the vendor answered about something else than was asked; somebody has to look',
  'response-unexpected': 'the vendor answered something that its documents do not know',
};

/** How many were not read before their deletion, and why: "200 not read before the deletion: no answer in time". */
export function describeUnread({ reason, count }: ConnectorSummary['unread'][number]): string {
  return `${countWords(count)} not read before the deletion: ${describeReason(reason)}`;
}

/** A reason word in words: `identifier-missing` is "no identifier that this vendor can use". */
export function describeReason(reason: string): string {
  return reasonWords[reason] ?? reason.replaceAll('-', ' ');
}
