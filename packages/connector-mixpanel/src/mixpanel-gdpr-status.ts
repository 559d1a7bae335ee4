import type { CheckOutcome } from '@expunge/core';
import { expectSame, type HttpResponse, parseResponse, readJson } from '@expunge/http-client';
import { mapMixpanelStatus } from './map-mixpanel-status.ts';
import { isSuccessStatus, taskError } from './mixpanel-error.ts';
import { refusalSchema, taskStatusSchema } from './mixpanel-gdpr-api.ts';

/** A task, as Mixpanel's answer about it says. */
export interface TaskState {
  /** How it stands. */
  readonly outcome: CheckOutcome;
  /** Whose data it deletes. Undefined: the answer names nobody. */
  readonly distinctIds?: ReadonlySet<string> | undefined;
}

/**
 * Reads the answer about a task.
 *
 * @throws ConnectorError for a refusal, `response-unexpected` for another shape, and `answer-contradictory` where the answer
 * names another task.
 */
export function readTask(response: HttpResponse, taskId: string): TaskState {
  if (!isSuccessStatus(response)) return readRefusal(response);
  const what = 'the task status';
  const { results } = parseResponse(response, taskStatusSchema, { vendor: 'mixpanel', what });
  expectSame(results.tracking_id, taskId, { vendor: 'mixpanel', what, field: 'tracking_id' });
  const distinctIds = results.distinct_ids ?? [];
  return {
    outcome: mapMixpanelStatus(results.status),
    // A task that has ended may have dropped them, and an invented one has none: an empty list names nobody.
    distinctIds: distinctIds.length === 0 ? undefined : new Set(distinctIds),
  };
}

// With which HTTP status NOT_FOUND comes is not documented (docs/vendors/mixpanel.md): where the word is there, it decides.
// Mixpanel's own 404 without it may mean the task or the address, and a 404 of somebody else's the address.
function readRefusal(response: HttpResponse): TaskState {
  if (saysNotFound(response)) return { outcome: mapMixpanelStatus('NOT_FOUND') };
  if (response.status === 404 && refusalSchema.safeParse(readJson(response.text)).success) {
    const reason = 'Mixpanel answers 404 for the task, and does not say whether it knows it. Look it up at Mixpanel.';
    return { outcome: { state: 'unknown', vendorStatus: 'HTTP-404', reason } };
  }
  throw taskError(response);
}

/**
 * Whether the answer about a task that never was shows that Mixpanel took the credentials and looked.
 *
 * @returns false where the answer leaves it open.
 * @throws ConnectorError for a refusal.
 */
export function knowsNoSuchTask(response: HttpResponse, taskId: string): boolean {
  if (response.status === 400 || response.status === 404) return saysNotFound(response);
  return readTask(response, taskId).outcome.state === 'lost';
}

function saysNotFound(response: HttpResponse): boolean {
  if (response.status !== 400 && response.status !== 404) return false;
  const body = taskStatusSchema.safeParse(readJson(response.text));
  return body.success && body.data.results.status === 'NOT_FOUND';
}
