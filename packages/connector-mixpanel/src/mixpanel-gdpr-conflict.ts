import type { SubmitAccepted, SubmitDeferred, SubmitOutcome, Target } from '@expunge/core';
import { type HttpResponse, httpError, readJson } from '@expunge/http-client';
import { z } from 'zod';
import { taskIdSchema } from './mixpanel-gdpr-api.ts';
import { toReceipt } from './mixpanel-gdpr-receipt.ts';

// Another task of the same person takes days. Our choice.
const retryAfterMs = 6 * 60 * 60 * 1000;

// Known from live tests of others, not from Mixpanel's documents (docs/vendors/mixpanel.md, "409"): nothing is taken for granted.
const conflictSchema = z.object({
  error: z.object({
    conflicting_distinct_ids: z
      .array(z.union([z.string(), z.number()]).transform(String))
      .nullish()
      .catch(undefined),
    conflicting_task_ids: z.array(taskIdSchema).nullish().catch(undefined),
  }),
});

/**
 * Reads HTTP 409: some targets are in an active task already, and Mixpanel refused the whole call. Those targets get
 * that task's receipt; the others were not taken and are deferred.
 *
 * Where several tasks are named, nothing says which target is in which: the receipt lists them all.
 *
 * @throws ConnectorError `request-rejected` where the answer does not tell which of several targets it is about.
 */
export function readConflict(response: HttpResponse, targets: readonly Target[]): readonly SubmitOutcome[] {
  const { distinctIds, taskIds } = parseConflict(response.text);
  const named = targets.filter(({ value }) => distinctIds.has(value));
  const isLone = targets.length === 1;
  if (named.length === 0 && !isLone) {
    throw httpError(response, {
      vendor: 'mixpanel',
      code: 'request-rejected',
      message:
        'Some of the targets are in another active task (HTTP 409), and Mixpanel does not say which. A smaller call shows it.',
    });
  }
  // A lone target is the one in conflict, unless the answer names others only: an alias, perhaps. Then time settles it.
  const conflicting = new Set(isLone && distinctIds.size === 0 ? targets : named);
  const inConflict: SubmitAccepted | SubmitDeferred =
    taskIds.length === 0
      ? { type: 'deferred', reason: 'conflict', retryAfterMs }
      : { type: 'accepted', receipt: toReceipt({ taskIds: [...taskIds], ours: false }) };
  const other: SubmitDeferred = { type: 'deferred', reason: 'conflict', ...(isLone ? { retryAfterMs } : {}) };
  return targets.map((target) => (conflicting.has(target) ? inConflict : other));
}

function parseConflict(text: string): { distinctIds: ReadonlySet<string>; taskIds: readonly string[] } {
  const conflict = conflictSchema.safeParse(readJson(text));
  if (!conflict.success) return { distinctIds: new Set(), taskIds: [] };
  const { conflicting_distinct_ids, conflicting_task_ids } = conflict.data.error;
  const taskIds = conflicting_task_ids ?? [];
  const readable = taskIds.filter((taskId) => typeof taskId === 'string');
  return {
    distinctIds: new Set(conflicting_distinct_ids ?? []),
    // With one id unreadable, the target may be in just that task.
    taskIds: readable.length === taskIds.length ? [...new Set(readable)] : [],
  };
}
