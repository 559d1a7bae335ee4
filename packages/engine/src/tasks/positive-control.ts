import { notFoundBeforeReason } from './read-before.ts';
import { inSql, statesThat, type TaskState } from './task-state.ts';

/** With fewer people than this, nobody is said to be missing: one person may well be nowhere. */
export const fewPeople = 10;
/** The same, at a connector at which somebody was found before: the account in the configuration may have been changed since. */
export const fewPeopleAtProven = 100;

/** Deletions of a connector, by state and by reason. */
export interface CountedTasks {
  readonly states: Readonly<Partial<Record<TaskState, number>>>;
  readonly reasons: readonly { readonly state: TaskState; readonly reason: string; readonly count: number }[];
}

// What the vendor took. Whoever is here without the reason "not found before" was found, or may have been.
const answered = statesThat(({ effect }) => effect === 'possible').filter((state) => state !== 'absent');

/** A deletion of somebody whom neither our own read before it nor the vendor found, in SQL over the table of tasks. */
export const isNotFoundInSql = `(state = 'absent' OR (reason = '${notFoundBeforeReason}' AND state IN (${inSql(answered)})))`;

/**
 * How many deletions there are of people whom neither our own read before them nor the vendor found, where they are all that a
 * connector has answered about. A wrong but valid account looks like that: nothing there, for everybody.
 *
 * @param few - With fewer nothing is said.
 * @returns undefined where somebody was found, or may have been, and where there are only a few.
 */
export function countNoneFound(counted: CountedTasks, few = fewPeople): number | undefined {
  const notFound = (counted.states.absent ?? 0) + countTakenUnfound(counted);
  return isAnybodyFound(counted) || notFound < few ? undefined : notFound;
}

/** Whether the vendor took anybody whom our own read did not find missing. */
export function isAnybodyFound(counted: CountedTasks): boolean {
  const taken = answered.reduce((sum, state) => sum + (counted.states[state] ?? 0), 0);
  return taken > countTakenUnfound(counted);
}

function countTakenUnfound({ reasons }: CountedTasks): number {
  return reasons
    .filter(({ state, reason }) => reason === notFoundBeforeReason && answered.some((each) => each === state))
    .reduce((sum, { count }) => sum + count, 0);
}
