import type { Target } from '@expunge/core';
import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';
import { mixpanelHosts } from './mixpanel-hosts.ts';
import type { GdprSettings } from './mixpanel-options.ts';

// docs/vendors/mixpanel.md, "GDPR/CCPA data deletion task": the slash before the query is there on POST and GET and not on DELETE.

/** Creates one task for all targets. */
export function buildTaskCreation(options: GdprSettings, targets: readonly Target[]): HttpRequest {
  return {
    method: 'POST',
    url: `${tasksUrl(options)}/?${tokenQuery(options)}`,
    headers: { ...authorization(options), 'content-type': 'application/json' },
    body: JSON.stringify({
      distinct_ids: targets.map(({ value }) => value),
      compliance_type: options.compliance,
    }),
  };
}

/** Asks how a task stands. */
export function buildTaskQuery(options: GdprSettings, taskId: string): HttpRequest {
  return {
    method: 'GET',
    url: `${tasksUrl(options)}/${encodeURIComponent(taskId)}/?${tokenQuery(options)}`,
    headers: authorization(options),
  };
}

/** Calls a task back. */
export function buildTaskRevocation(options: GdprSettings, taskId: string): HttpRequest {
  return {
    method: 'DELETE',
    url: `${tasksUrl(options)}/${encodeURIComponent(taskId)}?${tokenQuery(options)}`,
    headers: authorization(options),
  };
}

function tasksUrl(options: GdprSettings): string {
  return `${mixpanelHosts(options).app}/api/app/data-deletions/v3.0`;
}

function tokenQuery(options: GdprSettings): URLSearchParams {
  return new URLSearchParams({ token: options.projectToken });
}

function authorization(options: GdprSettings): { authorization: string; accept: string } {
  return { authorization: `Bearer ${options.oauthToken}`, accept: 'application/json' };
}

/** A task's id: 19 digits, as text or as a bare number, or a UUID. Anything else is no id. */
export const taskIdSchema = z
  .union([z.string().regex(/^[\w-]{1,64}$/), z.int().nonnegative()])
  .transform(String)
  .nullish()
  .catch(undefined);

const createdTaskSchema = z.object({ task_id: taskIdSchema, tracking_id: taskIdSchema });

/** The answer to a creation, of which two shapes are documented. The task exists also where the answer gives no id. */
export const taskCreationSchema = z.object({
  status: z.literal('ok'),
  results: z
    .union([z.array(createdTaskSchema), createdTaskSchema.transform((task) => [task])])
    .nullish()
    .catch(undefined),
});

/** The ids that the answer to a creation gives. Empty: the task can't be asked about. */
export function readTaskIds(creation: z.output<typeof taskCreationSchema>): readonly string[] {
  const tasks = creation.results ?? [];
  const ids = tasks.flatMap((task) => task.task_id ?? task.tracking_id ?? []);
  // With one id missing, the others would speak for targets they may not hold.
  return ids.length === tasks.length ? ids : [];
}

/** The task that an answer is about: whatever it names is compared with the one that was asked about, also what is no id. */
const namedTaskSchema = z.union([z.string(), z.number()]).transform(String).nullish().catch(undefined);

/** How a task stands. The outer status is the call's, the inner one the task's. It may name the task and the people in it. */
export const taskStatusSchema = z.object({
  results: z.object({
    status: z.string(),
    tracking_id: namedTaskSchema,
    distinct_ids: z
      .array(z.union([z.string(), z.number()]).transform(String))
      .nullish()
      .catch(undefined),
  }),
});

/** The form of every refusal of the App API. */
export const refusalSchema = z.object({ error: z.unknown(), status: z.literal('error') });
