import type { VerifyOutcome } from '@expunge/core';
import type { Claim, LedgerTask, TaskChange } from '../ledger/ledger.ts';
import { isAboutTheCall, notFoundBeforeReason, readCoversLess } from './read-before.ts';
import type { ConnectorFacts, FailedRead } from './transition.ts';

/** Where a task goes; which event takes it there is added by whoever asked. */
export type Next = Omit<TaskChange, 'event'>;

/** Reads after which an unclear read-back is given up. */
const maxReads = 5;
/** Failed reads after which a read-back is given up: with the waits between them, about four hours. */
const maxFailedReads = 10;
/** Reads that may still find a record which the vendor took but never called deleted. */
const patientReads = 3;

/** What the vendor has said with its last word. */
interface Said {
  readonly vendorStatus?: string | undefined;
  /** What else a person should know. */
  readonly message?: string | undefined;
}

/** The vendor has said its last word: the task is read back, or ends. */
export function afterClaim(
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
export function notFoundBefore({ readBefore }: Pick<LedgerTask, 'readBefore'>): Pick<Next, 'reason'> {
  return readBefore === 'absent' ? { reason: notFoundBeforeReason } : {};
}

/** Our own read after the deletion was answered. */
export function afterReadBack(facts: ConnectorFacts, task: LedgerTask, outcome: VerifyOutcome, now: number): Next {
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

/** A read-back that failed is tried again for about four hours: nothing waits for it but the proof. */
export function afterFailedReadBack(task: LedgerTask, { error, retryAt, isAlone }: FailedRead): Next {
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
