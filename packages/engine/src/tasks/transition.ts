import type { CheckOutcome, ConnectorCapabilities, SubmitOutcome, VerifyOutcome } from '@expunge/core';
import type { VerifyMode } from '../engine/configured-connector.ts';
import type { Claim, LedgerTask, TaskChange } from '../ledger/ledger.ts';

/** What the rules need to know of a connector. */
export interface OutcomeRules {
  /** Its capabilities. */
  readonly capabilities: ConnectorCapabilities;
  /** Whether it can be asked about receipts. */
  readonly hasCheck: boolean;
  /** When it is read back; `off` where it can't be. */
  readonly verify: VerifyMode;
  /** Calls for one target, at the most. */
  readonly maxAttempts: number;
}

/** Reads after which an unclear read-back is given up. */
const maxReads = 5;
/** Reads that may still find a record which the vendor took but never called deleted. */
const patientReads = 3;
/** Jobs after which one that failed at the vendor is not started again. */
const maxJobs = 3;

/** Where a task goes after the vendor answered about it. */
export function afterSubmit(rules: OutcomeRules, task: LedgerTask, outcome: SubmitOutcome, now: number): TaskChange {
  const attempts = task.attempts + 1;
  switch (outcome.type) {
    case 'deleted':
      return { ...afterClaim(rules, 'deleted', undefined, now), attempts, reads: 0, submittedAt: now };
    case 'absent':
      return { ...afterClaim(rules, 'absent', outcome.vendorStatus, now), attempts, reads: 0, submittedAt: now };
    case 'accepted':
      if (outcome.receipt !== undefined && rules.hasCheck) {
        return { state: 'waiting', attempts, reads: 0, submittedAt: now };
      }
      return { ...afterClaim(rules, 'accepted', undefined, now), attempts, reads: 0, submittedAt: now };
    case 'deferred':
      if (attempts >= rules.maxAttempts) {
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

/** Where a task goes once the vendor has said its last word: to the read-back, or to its end. */
function afterClaim(rules: OutcomeRules, claim: Claim, vendorStatus: string | undefined, now: number): TaskChange {
  if (rules.verify === 'off') return endOfClaim(claim, vendorStatus);
  return { state: 'read-back', claim, vendorStatus, nextAt: now + (rules.capabilities.readBackAfterMs ?? 0) };
}

function endOfClaim(claim: Claim, vendorStatus: string | undefined): TaskChange {
  const assurance = claim === 'accepted' ? 'accepted' : 'confirmed';
  return { state: claim, assurance, vendorStatus };
}

/** Where the tasks of a submission go after the vendor was asked about it; undefined: they wait on. */
export function afterCheck(
  rules: OutcomeRules,
  outcome: CheckOutcome,
  jobs: number,
  now: number,
): TaskChange | undefined {
  const { vendorStatus } = outcome;
  switch (outcome.state) {
    case 'pending':
      return undefined;
    case 'deleted':
      return afterClaim(rules, 'deleted', vendorStatus, now);
    case 'partial':
      return {
        state: 'partial',
        reason: 'partly-done',
        message: 'The vendor ended the deletion with parts not done; the report names them.',
        vendorStatus,
      };
    case 'failed':
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
        message:
          "Somebody called the deletion back at the vendor. Submit it again with 'expunge resume --retry-failed'.",
        vendorStatus,
      };
    case 'lost':
      if (rules.capabilities.repeat === 'harmless' && jobs < maxJobs) {
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

/** Where a task goes after the read before the deletion. A failed read costs only the grade of the proof. */
export function afterPreRead(outcome: VerifyOutcome, now: number): TaskChange {
  return { state: 'ready', seenBefore: outcome.type === 'present', nextAt: now };
}

/** Where a task goes after the read-back. */
export function afterReadBack(rules: OutcomeRules, task: LedgerTask, outcome: VerifyOutcome, now: number): TaskChange {
  const claim = task.claim ?? 'accepted';
  const reads = task.reads + 1;
  switch (outcome.type) {
    case 'absent':
      // Absence proves nothing unless presence was seen before.
      if (!task.seenBefore) return { ...endOfClaim(claim, task.vendorStatus), reads };
      return { state: 'deleted', assurance: 'verified', vendorStatus: task.vendorStatus, reads };
    case 'present':
      return afterPresence(rules, task, claim, reads, now);
    case 'unknown':
      return afterUnreadable(rules, task, now);
  }
}

function afterPresence(rules: OutcomeRules, task: LedgerTask, claim: Claim, reads: number, now: number): TaskChange {
  if (claim === 'accepted' && reads < patientReads) {
    return {
      state: 'read-back',
      claim,
      vendorStatus: task.vendorStatus,
      reads,
      nextAt: now + readAgainMs(rules, reads),
    };
  }
  const contradictions = task.contradictions + 1;
  if (contradictions === 1) {
    return { state: 'ready', reason: 'still-present', contradictions, reads: 0, nextAt: now };
  }
  return {
    state: 'contradicted',
    reason: 'still-present',
    message: 'The vendor took the deletion twice, and our own read still finds the record. Ask the vendor.',
    vendorStatus: task.vendorStatus,
    contradictions,
    reads,
  };
}

/** Where a task goes after a read-back that told nothing: another try, and in the end the vendor's word as it is. */
export function afterUnreadable(rules: OutcomeRules, task: LedgerTask, now: number): TaskChange {
  const reads = task.reads + 1;
  if (reads >= maxReads) return afterLastRead(task);
  return {
    state: 'read-back',
    claim: task.claim,
    vendorStatus: task.vendorStatus,
    reads,
    nextAt: now + readAgainMs(rules, reads),
  };
}

/** Where a task goes when it will not be read back any more: to the vendor's word as it is. */
export function afterLastRead(task: LedgerTask): TaskChange {
  return {
    ...endOfClaim(task.claim ?? 'accepted', task.vendorStatus),
    reason: 'not-read-back',
    message: "The record could not be read back; what stands here is the vendor's word.",
    reads: task.reads + 1,
  };
}

function readAgainMs(rules: OutcomeRules, reads: number): number {
  return Math.max(1000, rules.capabilities.readBackAfterMs ?? 0) * 2 ** (reads - 1);
}
