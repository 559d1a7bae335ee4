import { createConcurrencyLimiter } from './kit/concurrency-limiter.ts';
import { createRateLimiter } from './kit/rate-limiter.ts';
import type { VendorReply, VendorRequest } from './kit/vendor-exchange.ts';
import { createVendorServer, type VendorServer } from './kit/vendor-server.ts';
import {
  createMixpanelAccess,
  mixpanelError,
  mixpanelSandboxCredentials,
  type ServiceAccount,
} from './mixpanel-access.ts';
import { dataDeletions, deletionsPath } from './mixpanel-deletions.ts';
import { engage } from './mixpanel-engage.ts';
import { createMixpanelProject, type MixpanelProject } from './mixpanel-project.ts';
import { describeMe, queryEvents, queryProfiles } from './mixpanel-query.ts';
import { defaultMixpanelSettings, type MixpanelSettings } from './mixpanel-settings.ts';
import { createMixpanelTasks, type MixpanelTask, type MixpanelTaskStatus } from './mixpanel-tasks.ts';
import { limitOf, type VendorOptions } from './vendor-options.ts';

export interface NewMixpanelProject {
  projectId: number;
  projectToken: string;
  /** Gets deletion rights in the project. */
  oauthToken?: string;
  /** Becomes a member of the project. */
  serviceAccount?: ServiceAccount;
}

/** The memory methods speak of the default project. */
export interface MixpanelSandbox extends VendorServer, MixpanelProject {
  readonly credentials: typeof mixpanelSandboxCredentials;
  readonly settings: MixpanelSettings;
  /** Opens another project, with a memory of its own. */
  addProject(project: NewMixpanelProject): MixpanelProject;
  /** All deletion tasks, oldest first, as they stand now. */
  readonly tasks: readonly MixpanelTask[];
  /**
   * Overrides a task's status; `undefined` gives it back to the clock. FAILURE, REVOKED and NOT_FOUND also keep it from
   * deleting, SUCCESS makes it delete at once, UNKNOWN only hides how it stands.
   */
  forceTaskStatus(taskId: string, status: MixpanelTaskStatus | undefined): void;
  /** Takes somebody out of a task, as Mixpanel's support may by hand. */
  takeOutOfTask(taskId: string, distinctId: string): void;
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

export interface MixpanelSandboxOptions extends VendorOptions {
  /** What differs from the default settings. */
  settings?: Partial<MixpanelSettings>;
}

/** Fake Mixpanel: all of its hosts on one port (docs/vendors/mixpanel.md). */
export async function startMixpanelSandbox(options: MixpanelSandboxOptions): Promise<MixpanelSandbox> {
  const { clock, limitClock } = options;
  const settings: MixpanelSettings = { ...defaultMixpanelSettings(), ...options.settings };
  const access = createMixpanelAccess();
  const tasks = createMixpanelTasks(clock, settings);
  const projects: MixpanelProject[] = [];
  const limiter = (documented: number, windowMs: number) =>
    createRateLimiter({ clock: limitClock, max: limitOf(options, documented), windowMs });

  const context = {
    access,
    settings,
    tasks,
    clock,
    records: limiter(1_800_000, minuteMs),
    queries: limiter(60, hourMs),
    calls: limiter(1, secondMs),
    concurrency: createConcurrencyLimiter({ max: limitOf(options, 5) }),
    projects: () => projects,
    projectWithToken: (token: string) => projects.find(({ projectToken }) => projectToken === token),
    projectWithId: (id: number) => projects.find(({ projectId }) => projectId === id),
  };

  function addProject({ projectId, projectToken, oauthToken, serviceAccount }: NewMixpanelProject): MixpanelProject {
    const project = createMixpanelProject({ projectId, projectToken, clock, beforeLook: tasks.runDue });
    projects.push(project);
    if (oauthToken !== undefined) access.grantOauthToken(oauthToken, projectId);
    if (serviceAccount !== undefined) access.grantServiceAccount(serviceAccount, projectId);
    return project;
  }

  function handle(request: VendorRequest): VendorReply {
    tasks.runDue();
    const { method, path } = request;
    const deletions = deletionsPath.exec(path);
    if (deletions !== null) return dataDeletions(request, deletions[1], context);
    if (path === '/engage' || path === '/engage/') return engage(request, context);
    if (method === 'POST' && path === '/api/query/engage') return queryProfiles(request, context);
    if (method === 'GET' && path === '/api/query/stream/query') return queryEvents(request, context);
    if (method === 'GET' && /^\/api\/app\/me\/?$/.test(path)) return describeMe(request, context);
    return mixpanelError(404, 'Not found');
  }

  const project = addProject(mixpanelSandboxCredentials);
  access.grantOauthToken(mixpanelSandboxCredentials.strangerOauthToken);
  access.grantServiceAccount(mixpanelSandboxCredentials.strangerServiceAccount);

  const server = await createVendorServer({
    ...options,
    name: 'Mixpanel',
    handle,
    memory: project,
    routeOf: (path) => path.replace(deletionsPath, (_, id) => `/api/app/data-deletions/v3.0/${id ? '{id}/' : ''}`),
  });
  return {
    ...server,
    ...project,
    credentials: mixpanelSandboxCredentials,
    settings,
    addProject,
    get tasks() {
      return tasks.all();
    },
    forceTaskStatus: tasks.force,
    takeOutOfTask: tasks.takeOut,
  };
}
