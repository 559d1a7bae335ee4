import { ConnectorError, type Subject, type Target } from '@expunge/core';

/** Mixpanel knows a person by this alone. */
export const distinctId = 'distinct_id';

/** The distinct ids of a subject, each once, in order. */
export function distinctIdTargets(subject: Subject): readonly Target[] {
  const values = subject.identifiers.filter(({ type }) => type === distinctId).map(({ value }) => value);
  return [...new Set(values)].map((value) => ({ type: distinctId, value }));
}

/**
 * Stops a call that does not keep to the connector's limits, before anything is sent.
 *
 * @throws ConnectorError `request-too-large`, or `not-sent` where a target is no distinct id.
 */
export function assertCallable(targets: readonly Target[], maxTargets: number): void {
  if (targets.length > maxTargets) {
    throw new ConnectorError({
      code: 'request-too-large',
      vendor: 'mixpanel',
      message: `One call takes ${maxTargets} targets at the most, and was given ${targets.length}. Nothing was sent.`,
    });
  }
  if (targets.some(({ type }) => type !== distinctId)) {
    throw new ConnectorError({
      code: 'not-sent',
      vendor: 'mixpanel',
      message: `Mixpanel deletes by ${distinctId} only, and a target has another type. Nothing was sent.`,
    });
  }
}
