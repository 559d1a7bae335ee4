/** Switches for what Mixpanel's documents leave open or answer in two ways. May be changed at any time. */
export interface MixpanelSettings {
  /** From a `$delete` to the profile being gone: not documented. */
  profileDeletionDelayMs: number;
  /** How `/engage` with `strict=1` reports records it refused beside good ones: not documented. */
  strictFailure: 'count-and-errors' | 'count-only' | 'errors-only';
  /** Whether the Query API gives an id made of digits as a number. */
  numericDistinctIds: boolean;
  /**
   * How a new deletion task is answered. `object` (201, id as `task_id`) and `array` (200, id as `tracking_id`) are both
   * documented; `bare-number` is the first with the id as a 19-digit number; `no-id` names no task at all.
   */
  createReply: 'object' | 'array' | 'bare-number' | 'no-id';
  /** How long after its creation a deletion task reaches STAGING, STARTED and SUCCESS. */
  taskTimes: { stagingAfterMs: number; startedAfterMs: number; successAfterMs: number };
  /** Lowers the ids allowed per task to floor(2000 / (groupKeys + 1)). */
  groupKeys: number;
  /** Whether a task that names an id without any data ends as FAILURE. */
  unknownIdsFailTask: boolean;
  /** How the status of a task that does not exist is answered: with the word NOT_FOUND and HTTP 200 or 404, or without it. */
  taskNotFound: 'ok-200' | 'word-404' | 'error-404';
  /** Whether a task that says SUCCESS has deleted anything. */
  tasksLie: boolean;
  /** What the status of a task is about: itself, or, as where answers are mixed up, another task or other people. */
  statusIsAbout: 'the-task' | 'another-task' | 'other-people';
  /** Whether the status of a task names its people. MP-GDPR's sample does; a vendor may drop them at the end. */
  statusNamesPeople: boolean;
  /** What a conflict (409) names: the task that the ids are in, or one that somebody else made and that has ended. */
  conflictNames: 'the-task' | 'a-finished-task';
}

const hourMs = 3_600_000;

export function defaultMixpanelSettings(): MixpanelSettings {
  return {
    profileDeletionDelayMs: 0,
    strictFailure: 'count-and-errors',
    numericDistinctIds: false,
    createReply: 'object',
    taskTimes: { stagingAfterMs: hourMs, startedAfterMs: 24 * hourMs, successAfterMs: 72 * hourMs },
    groupKeys: 0,
    unknownIdsFailTask: false,
    taskNotFound: 'ok-200',
    tasksLie: false,
    statusIsAbout: 'the-task',
    statusNamesPeople: true,
    conflictNames: 'the-task',
  };
}
