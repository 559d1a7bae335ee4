import { createLazySchedule } from './kit/lazy-schedule.ts';
import type { SandboxClock } from './kit/sandbox-clock.ts';
import type { MixpanelProject } from './mixpanel-project.ts';
import type { MixpanelSettings } from './mixpanel-settings.ts';

export type MixpanelTaskStatus =
  | 'PENDING'
  | 'STAGING'
  | 'STARTED'
  | 'SUCCESS'
  | 'FAILURE'
  | 'REVOKED'
  | 'NOT_FOUND'
  | 'UNKNOWN';

export interface MixpanelTask {
  readonly id: string;
  readonly projectId: number;
  readonly distinctIds: readonly string[];
  readonly complianceType: 'GDPR' | 'CCPA';
  readonly createdAt: number;
  readonly status: MixpanelTaskStatus;
}

export interface NewMixpanelTask {
  project: MixpanelProject;
  distinctIds: readonly string[];
  complianceType: 'GDPR' | 'CCPA';
}

export interface MixpanelTasks {
  /** An id for a new task, a text of 19 digits. Given once, also where the task is never made: a vendor repeats no id. */
  takeId(): string;
  create(id: string, task: NewMixpanelTask): void;
  get(id: string): MixpanelTask | undefined;
  all(): readonly MixpanelTask[];
  /** The ids among these that an unfinished task of the project already names, with those tasks. */
  conflicts(projectId: number, distinctIds: readonly string[]): { distinctIds: string[]; taskIds: string[] };
  revoke(id: string): void;
  /** Takes somebody out of a task, as Mixpanel's support may by hand. */
  takeOut(id: string, distinctId: string): void;
  /**
   * Overrides a task's status; `undefined` gives it back to the clock. FAILURE, REVOKED and NOT_FOUND also keep it from
   * deleting, SUCCESS makes it delete at once, UNKNOWN only hides how it stands.
   */
  force(id: string, status: MixpanelTaskStatus | undefined): void;
  /** Carries out what is due. */
  runDue(): void;
}

interface TaskEntry extends NewMixpanelTask {
  id: string;
  createdAt: number;
  stagingAt: number;
  startedAt: number;
  successAt: number;
  willFail: boolean;
  forced: MixpanelTaskStatus | undefined;
}

const firstId = 1_700_000_000_000_000_001n;
const harmless: ReadonlySet<MixpanelTaskStatus> = new Set(['FAILURE', 'REVOKED', 'NOT_FOUND']);
const unfinished: ReadonlySet<MixpanelTaskStatus> = new Set(['PENDING', 'STAGING', 'STARTED', 'UNKNOWN']);

/** Mixpanel's deletion tasks; how they stand is worked out from the clock. */
export function createMixpanelTasks(clock: SandboxClock, settings: MixpanelSettings): MixpanelTasks {
  const tasks = new Map<string, TaskEntry>();
  const newestTaskOf = new Map<string, TaskEntry>();
  const schedule = createLazySchedule(clock);

  let taken = 0n;
  const keyOf = (projectId: number, distinctId: string) => `${projectId} ${distinctId}`;

  function statusOf(task: TaskEntry): MixpanelTaskStatus {
    if (task.forced !== undefined) return task.forced;
    const now = clock.now();
    if (now >= task.successAt) return task.willFail ? 'FAILURE' : 'SUCCESS';
    if (now >= task.startedAt) return 'STARTED';
    return now >= task.stagingAt ? 'STAGING' : 'PENDING';
  }

  function carryOut(task: TaskEntry): void {
    if (settings.tasksLie || task.willFail || (task.forced !== undefined && harmless.has(task.forced))) return;
    for (const distinctId of task.distinctIds) task.project.erase(distinctId);
  }

  function describe(task: TaskEntry): MixpanelTask {
    const { id, project, distinctIds, complianceType, createdAt } = task;
    return { id, projectId: project.projectId, distinctIds, complianceType, createdAt, status: statusOf(task) };
  }

  return {
    takeId() {
      taken += 1n;
      return `${firstId + taken - 1n}`;
    },
    create(id, { project, distinctIds, complianceType }) {
      const createdAt = clock.now();
      const { stagingAfterMs, startedAfterMs, successAfterMs } = settings.taskTimes;
      const isUnknown = (id: string) =>
        !project.hasProfile(project.resolve(id)) && !project.hasEvents(project.resolve(id));
      const task: TaskEntry = {
        id,
        project,
        distinctIds,
        complianceType,
        createdAt,
        stagingAt: createdAt + stagingAfterMs,
        startedAt: createdAt + startedAfterMs,
        successAt: createdAt + successAfterMs,
        willFail: settings.unknownIdsFailTask && distinctIds.some(isUnknown),
        forced: undefined,
      };
      tasks.set(task.id, task);
      for (const distinctId of distinctIds) newestTaskOf.set(keyOf(project.projectId, distinctId), task);
      schedule.plan(task.successAt, () => carryOut(task));
    },
    get(id) {
      const task = tasks.get(id);
      return task === undefined ? undefined : describe(task);
    },
    all: () => [...tasks.values()].map(describe),
    conflicts(projectId, distinctIds) {
      const conflicting: string[] = [];
      const taskIds = new Set<string>();
      for (const distinctId of distinctIds) {
        const task = newestTaskOf.get(keyOf(projectId, distinctId));
        if (task === undefined || !unfinished.has(statusOf(task))) continue;
        conflicting.push(distinctId);
        taskIds.add(task.id);
      }
      return { distinctIds: conflicting, taskIds: [...taskIds] };
    },
    revoke(id) {
      const task = tasks.get(id);
      if (task !== undefined) task.forced = 'REVOKED';
    },
    takeOut(id, distinctId) {
      const task = tasks.get(id);
      if (task === undefined) throw new Error('There is no task with this id.');
      task.distinctIds = task.distinctIds.filter((each) => each !== distinctId);
    },
    force(id, status) {
      const task = tasks.get(id);
      if (task === undefined) throw new Error('There is no task with this id.');
      task.forced = status;
      if (status === 'SUCCESS') carryOut(task);
    },
    runDue: schedule.runDue,
  };
}
