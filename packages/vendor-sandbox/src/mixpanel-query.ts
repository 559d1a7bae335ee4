import type { ConcurrencyLimiter } from './kit/concurrency-limiter.ts';
import type { RateLimiter } from './kit/rate-limiter.ts';
import type { SandboxClock } from './kit/sandbox-clock.ts';
import type { VendorReply, VendorRequest } from './kit/vendor-exchange.ts';
import { type MixpanelAccess, mixpanelError } from './mixpanel-access.ts';
import type { MixpanelProject } from './mixpanel-project.ts';
import type { MixpanelSettings } from './mixpanel-settings.ts';

export interface QueryContext {
  access: MixpanelAccess;
  settings: MixpanelSettings;
  clock: SandboxClock;
  /** 60 queries an hour, per project. */
  queries: RateLimiter;
  /** Five at once, per project. */
  concurrency: ConcurrencyLimiter;
  projectWithId(projectId: number): MixpanelProject | undefined;
  projects(): readonly MixpanelProject[];
}

const pageSize = 1000;

/** `POST /api/query/engage`: profiles by id, or all of them page by page. */
export function queryProfiles(request: VendorRequest, context: QueryContext): VendorReply {
  const project = admit(request, context);
  if ('status' in project) return project;
  const form = new URLSearchParams(request.body);
  const asked = parseAskedIds(form);
  if (asked === undefined) return mixpanelError(400, 'distinct_ids must be a JSON list');
  const shown = parseList(form.get('output_properties'));
  const ids = asked === 'all' ? project.profileIds() : asked.filter((id) => project.hasProfile(id));
  const page = Number(form.get('page') ?? 0);
  return {
    status: 200,
    body: {
      results: ids.slice(page * pageSize, (page + 1) * pageSize).map((id) => ({
        $distinct_id: context.settings.numericDistinctIds && /^\d{1,15}$/.test(id) ? Number(id) : id,
        $properties: Object.fromEntries(
          Object.entries(project.profile(id) ?? {}).filter(([name]) => shown === undefined || shown.includes(name)),
        ),
      })),
      page,
      session_id: `${context.clock.now()}-sandbox`,
      page_size: pageSize,
      total: ids.length,
      status: 'ok',
      computed_at: new Date(context.clock.now()).toISOString().replace('Z', '000+00:00'),
    },
  };
}

/** `GET /api/query/stream/query`: the events of these ids. Its reply form comes from third-party code. */
export function queryEvents(request: VendorRequest, context: QueryContext): VendorReply {
  const project = admit(request, context);
  if ('status' in project) return project;
  const ids = parseList(request.query.get('distinct_ids'));
  if (ids === undefined) return mixpanelError(400, 'distinct_ids must be a JSON list');
  const time = Math.floor(context.clock.now() / 1000);
  const events = ids
    .filter((id) => project.hasEvents(id))
    .map((id) => ({ event: 'Page viewed', properties: { distinct_id: id, time } }));
  return { status: 200, body: { status: 'ok', results: { events } } };
}

/** `GET /api/app/me`: the organizations and projects of a service account. */
export function describeMe(request: VendorRequest, context: QueryContext): VendorReply {
  const memberOf = context.access.projectsOfServiceAccount(request);
  if ('status' in memberOf) return memberOf;
  const projects = context.projects().filter(({ projectId }) => memberOf.has(projectId));
  return {
    status: 200,
    body: {
      status: 'ok',
      results: {
        organizations: { 1: { id: 1, name: 'Sandbox organization' } },
        projects: Object.fromEntries(
          projects.map(({ projectId }) => [projectId, { id: projectId, name: `Sandbox project ${projectId}` }]),
        ),
      },
    },
  };
}

/** Credentials, membership, then the limits: the project that may be read, or the refusal. */
function admit(request: VendorRequest, context: QueryContext): MixpanelProject | VendorReply {
  const memberOf = context.access.projectsOfServiceAccount(request);
  if ('status' in memberOf) return memberOf;
  const projectId = Number(request.query.get('project_id') ?? Number.NaN);
  if (Number.isNaN(projectId)) return mixpanelError(400, 'project_id is required');
  const project = context.projectWithId(projectId);
  if (project === undefined || !memberOf.has(projectId)) {
    return { status: 403, body: { request: request.path, error: 'User is not a member of this project' } };
  }
  const leave = context.concurrency.enter(`${projectId}`);
  if (leave === undefined) return mixpanelError(429, 'Too many concurrent queries');
  request.onFinished(leave);
  if (context.queries.take(`${projectId}`) > 0) return mixpanelError(429, 'Query rate limit exceeded');
  return project;
}

function parseAskedIds(form: URLSearchParams): string[] | 'all' | undefined {
  const one = form.get('distinct_id');
  if (one !== null) return [one];
  return form.has('distinct_ids') ? parseList(form.get('distinct_ids')) : 'all';
}

function parseList(text: string | null): string[] | undefined {
  if (text === null) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.map(String) : undefined;
  } catch {
    return undefined;
  }
}
