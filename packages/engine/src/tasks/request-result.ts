/**
 * What became of a request whose tasks are all final. Only `done` is a success.
 *
 * - `done`: at least one deletion came to an end that the vendor or our own read bears out, and none failed or was cancelled.
 * - `undone`: at least one deletion failed, ended partly done or was contradicted.
 * - `called-back`: at least one deletion was cancelled, and none failed.
 * - `nothing-sent`: every connector was skipped, for want of a usable identifier.
 */
export type RequestResult = 'done' | 'undone' | 'called-back' | 'nothing-sent';

/** How many of a request's tasks ended how. */
export interface TaskEnds {
  readonly done: number;
  readonly undone: number;
  readonly cancelled: number;
}

/** The result of a settled request. */
export function resultOfRequest({ done, undone, cancelled }: TaskEnds): RequestResult {
  if (undone > 0) return 'undone';
  if (cancelled > 0) return 'called-back';
  return done > 0 ? 'done' : 'nothing-sent';
}

/** The same in SQL, over the table of requests. */
export const resultInSql = `CASE WHEN undone_tasks > 0 THEN 'undone' WHEN cancelled_tasks > 0 THEN 'called-back'
  WHEN done_tasks > 0 THEN 'done' ELSE 'nothing-sent' END`;
