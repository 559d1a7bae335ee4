import { inSql, statesThat } from '../../tasks/task-state.ts';
import type { Store } from './store.ts';

// A hold is a guard: it changes no task. holds.ts has put everybody on hold with it who asks for the same record.

/** The states in which nothing is called for a task that is on hold. */
const statesStoppedByHolds = inSql(statesThat(({ stopsOnHold }) => stopsOnHold));

/** The condition that a task of a statement's table `tasks` is on hold. */
export const taskIsOnHold = `(tasks.state IN (${statesStoppedByHolds})
  AND EXISTS (SELECT 1 FROM held_requests WHERE held_requests.request = tasks.request))`;

/** ` AND NOT` on hold, for a statement over the table of tasks; nothing where no request is on hold. */
export function andNotOnHold(store: Store): string {
  return store.guards.hasHeldRequests ? ` AND NOT ${taskIsOnHold}` : '';
}
