import { notCalled, type Subject, type SubmitRejected, type Target } from '@expunge/core';

/** Mixpanel knows a person by this alone. */
export const distinctId = 'distinct_id';

/** The distinct ids of a subject, each once, in order. */
export function distinctIdTargets(subject: Subject): readonly Target[] {
  const values = subject.identifiers.filter(({ type }) => type === distinctId).map(({ value }) => value);
  return [...new Set(values)].map((value) => ({ type: distinctId, value }));
}

/** Whether Mixpanel can be asked about a target. */
export function isDistinctId({ type }: Target): boolean {
  return type === distinctId;
}

/**
 * Stops a call that is larger than the connector's limits, before anything is sent.
 *
 * @throws ConnectorError `request-too-large`.
 */
export function assertRoom(targets: readonly Target[], maxTargets: number): void {
  if (targets.length <= maxTargets) return;
  const message = `One call takes ${maxTargets} targets at the most, and was given ${targets.length}.`;
  throw notCalled('mixpanel', 'request-too-large', message);
}

/**
 * Whether these targets can be submitted together. Not where none of them is a distinct id.
 *
 * @throws ConnectorError `request-rejected` where only some of them are: the caller splits such a call.
 */
export function areDistinctIds(targets: readonly Target[]): boolean {
  if (targets.every(isDistinctId)) return true;
  if (!targets.some(isDistinctId)) return false;
  const message = `Mixpanel deletes by ${distinctId} only, and some of the targets have another type.`;
  throw notCalled('mixpanel', 'request-rejected', message);
}

/** The outcome of a target that is no distinct id. Nothing was sent. */
export const unsupportedTarget: SubmitRejected = {
  type: 'rejected',
  reason: 'unsupported',
  message: `Mixpanel deletes by ${distinctId} only; check which identifiers are mapped to it.`,
};
