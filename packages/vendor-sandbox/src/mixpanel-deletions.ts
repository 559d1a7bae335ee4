import type { RateLimiter } from './kit/rate-limiter.ts';
import { asRecord, type VendorReply, type VendorRequest } from './kit/vendor-exchange.ts';
import { type MixpanelAccess, mixpanelError } from './mixpanel-access.ts';
import type { MixpanelProject } from './mixpanel-project.ts';
import type { MixpanelSettings } from './mixpanel-settings.ts';
import type { MixpanelTask, MixpanelTasks, NewMixpanelTask } from './mixpanel-tasks.ts';

export interface DeletionsContext {
  access: MixpanelAccess;
  settings: MixpanelSettings;
  tasks: MixpanelTasks;
  /** One call a second, per project. */
  calls: RateLimiter;
  projectWithToken(token: string): MixpanelProject | undefined;
}

export const deletionsPath = /^\/api\/app\/data-deletions\/v3\.0(?:\/([^/]+))?\/?$/;
const documentedMaxIds = 1999;
const requestingUser = 'ops@example.test';

/** `/api/app/data-deletions/v3.0/`: creates, describes and cancels deletion tasks. */
export function dataDeletions(
  request: VendorRequest,
  taskId: string | undefined,
  context: DeletionsContext,
): VendorReply {
  const allowed = context.access.projectsOfBearer(request);
  if ('status' in allowed) return allowed;
  const project = context.projectWithToken(request.query.get('token') ?? '');
  if (project === undefined || !allowed.has(project.projectId)) {
    return mixpanelError(403, 'User has no permission for this project');
  }
  if (context.calls.take(`${project.projectId}`) > 0) return mixpanelError(429, 'Rate limit exceeded');
  if (taskId === undefined) return request.method === 'POST' ? createTask(request, project, context) : notAllowed;
  const task = context.tasks.get(taskId);
  const own = task?.projectId === project.projectId ? task : undefined;
  if (request.method === 'GET') return taskStatus(taskId, own, context.settings);
  return request.method === 'DELETE' ? cancelTask(own, context) : notAllowed;
}

const notAllowed = mixpanelError(405, 'Method not allowed');

function createTask(request: VendorRequest, project: MixpanelProject, context: DeletionsContext): VendorReply {
  const { settings, tasks } = context;
  const task = parseTask(request.json(), project, settings);
  if (typeof task === 'string') return mixpanelError(400, task);
  const conflicts = conflictsOf(task, context);
  if (conflicts.taskIds.length > 0) {
    return mixpanelError(409, {
      conflicting_distinct_ids: conflicts.distinctIds,
      conflicting_task_ids: conflicts.taskIds,
      error: 'Some distinct_ids are part of a deletion that has not finished',
    });
  }
  const id = tasks.takeId();
  return { ...createdReply(id, task, request.at, settings), act: () => tasks.create(id, task) };
}

function conflictsOf({ project, distinctIds }: NewMixpanelTask, { tasks, settings }: DeletionsContext) {
  if (settings.conflictNames === 'the-task') return tasks.conflicts(project.projectId, distinctIds);
  const finished = tasks.all().filter(({ status }) => status === 'SUCCESS');
  return { distinctIds, taskIds: finished.map(({ id }) => id) };
}

/** The task asked for, or what is wrong with it. */
function parseTask(body: unknown, project: MixpanelProject, { groupKeys }: MixpanelSettings): NewMixpanelTask | string {
  const fields = asRecord(body);
  if (fields === undefined) return 'the body must be a JSON object';
  const { distinct_ids: ids, compliance_type: type = 'GDPR' } = fields;
  if (!Array.isArray(ids) || ids.length === 0) return 'distinct_ids must be a list of at least one id';
  const distinctIds = ids.filter((id) => typeof id === 'string' && id !== '').map(String);
  if (distinctIds.length < ids.length) return 'distinct_ids must be texts';
  const maxIds = Math.min(documentedMaxIds, Math.floor(2000 / (groupKeys + 1)));
  if (ids.length > maxIds) return `distinct_ids must not name more than ${maxIds} ids`;
  if (type !== 'GDPR' && type !== 'CCPA') return 'compliance_type must be GDPR or CCPA';
  return { project, distinctIds, complianceType: type };
}

function createdReply(id: string, task: NewMixpanelTask, at: number, { createReply }: MixpanelSettings): VendorReply {
  switch (createReply) {
    case 'object':
      return { status: 201, body: { status: 'ok', results: { task_id: id } } };
    case 'bare-number': {
      // Written by hand: a number of 19 digits does not survive JSON.stringify.
      const body = `{"status":"ok","results":{"task_id":${id}}}`;
      return { status: 201, headers: { 'content-type': 'application/json' }, body };
    }
    case 'no-id':
      return { status: 201, body: { status: 'ok', results: {} } };
    case 'array':
      return {
        status: 200,
        body: {
          status: 'ok',
          results: [
            {
              status: 'PENDING',
              disclosure_type: 'DATA',
              date_requested: `${isoSeconds(at)}.000001`,
              tracking_id: id,
              project_id: task.project.projectId,
              compliance_type: task.complianceType.toLowerCase(),
              destination_url: null,
              requesting_user: requestingUser,
              distinct_id_count: task.distinctIds.length,
            },
          ],
        },
      };
  }
}

function taskStatus(taskId: string, task: MixpanelTask | undefined, settings: MixpanelSettings): VendorReply {
  const { taskNotFound, statusIsAbout, statusNamesPeople } = settings;
  if (task === undefined || task.status === 'NOT_FOUND') {
    if (taskNotFound === 'error-404') return mixpanelError(404, 'Task not found');
    return {
      status: taskNotFound === 'word-404' ? 404 : 200,
      body: { status: 'ok', results: { tracking_id: taskId, status: 'NOT_FOUND', distinct_ids: [] } },
    };
  }
  return {
    status: 200,
    body: {
      status: 'ok',
      results: {
        tracking_id: statusIsAbout === 'another-task' ? `${BigInt(task.id) + 1n}` : task.id,
        status: task.status,
        requesting_user: requestingUser,
        compliance_type: task.complianceType,
        project_id: task.projectId,
        date_requested: isoSeconds(task.createdAt),
        ...(statusNamesPeople
          ? { distinct_ids: statusIsAbout === 'other-people' ? ['somebody-else'] : task.distinctIds }
          : {}),
      },
    },
  };
}

function cancelTask(task: MixpanelTask | undefined, { tasks }: DeletionsContext): VendorReply {
  if (task === undefined) return mixpanelError(404, 'Task not found');
  if (task.status !== 'PENDING' && task.status !== 'STAGING') return mixpanelError(405, 'The task cannot be cancelled');
  return { status: 204, act: () => tasks.revoke(task.id) };
}

function isoSeconds(at: number): string {
  return new Date(at).toISOString().slice(0, 19);
}
