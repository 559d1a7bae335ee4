import type { CheckOutcome, Target } from '@expunge/core';
import { expectSame } from '@expunge/http-client';
import type { TaskState } from './mixpanel-gdpr-status.ts';

/**
 * What tasks that we made mean for one of their targets. Somebody whom a task no longer names was taken out of it: its end
 * says nothing about them.
 */
export function outcomeInOwnTasks({ value }: Target, tasks: readonly TaskState[]): CheckOutcome {
  return (
    worst(tasks.filter(({ distinctIds }) => distinctIds === undefined || distinctIds.has(value))) ?? {
      state: 'unknown',
      vendorStatus: 'not-named',
      reason: 'The task no longer names this person, so its end says nothing about them. Look it up at Mixpanel.',
    }
  );
}

/**
 * What tasks that somebody else made, as a conflict named them, mean for one of our targets. Such a task is evidence only
 * where it names the person. Otherwise the person needs a task of their own once these have ended.
 */
export function outcomeInForeignTasks({ value }: Target, tasks: readonly TaskState[]): CheckOutcome {
  const ended = worst(tasks.filter(({ distinctIds }) => distinctIds?.has(value) === true)) ?? withoutEvidence(tasks);
  // Why it ended without deleting is about the people in it, not about ours.
  const isOver = ended.state === 'deleted' || ended.state === 'unknown';
  return isOver ? ended : { state: 'failed', vendorStatus: ended.vendorStatus, canSubmitAgain: true };
}

/** How tasks stand that do not name the person: however they ended, it is nothing that was done to the person. */
function withoutEvidence(tasks: readonly TaskState[]): CheckOutcome {
  const outcome = worst(tasks);
  if (outcome?.state === 'unknown') return outcome;
  return { state: 'failed', vendorStatus: outcome?.vendorStatus ?? 'not-named', canSubmitAgain: true };
}

/** What is least done. */
function worst(tasks: readonly TaskState[]): CheckOutcome | undefined {
  return (tasks.find(({ outcome }) => outcome.state !== 'deleted') ?? tasks[0])?.outcome;
}

/** @throws ConnectorError `answer-contradictory` where a task of ours names people, and none of those whom it was made for. */
export function expectOurPeople(targets: readonly Target[], { distinctIds }: TaskState): void {
  if (distinctIds === undefined || targets.some(({ value }) => distinctIds.has(value))) return;
  const asked = targets.map(({ value }) => value);
  expectSame([...distinctIds], asked, { vendor: 'mixpanel', what: 'the task status', field: 'distinct_ids' });
}
