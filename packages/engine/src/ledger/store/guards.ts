import { inSql, statesThat } from '../../tasks/task-state.ts';
import type { GuardsRow } from '../rows.ts';
import type { Sql } from './sql.ts';
import type { Store } from './store.ts';

/** Whether anything stops tasks at all. Nearly always nothing does, and it is asked for each task: it is kept in memory. */
export class Guards {
  #hasHolds = false;
  #hasHeldRequests = false;
  #hasOrder = false;

  /** Whether there is a legal hold. */
  get hasHolds(): boolean {
    return this.#hasHolds;
  }

  /** Whether a request is on hold. */
  get hasHeldRequests(): boolean {
    return this.#hasHeldRequests;
  }

  /** Whether a connector comes after another one. */
  get hasOrder(): boolean {
    return this.#hasOrder;
  }

  /** Looks again: after each change of the holds, the requests on hold or the order of connectors. */
  async read(sql: Sql): Promise<void> {
    const row = await sql.get<GuardsRow>(
      `SELECT CASE WHEN EXISTS (SELECT 1 FROM holds) THEN 1 ELSE 0 END AS holds,
         CASE WHEN EXISTS (SELECT 1 FROM held_requests) THEN 1 ELSE 0 END AS held,
         CASE WHEN EXISTS (SELECT 1 FROM connector_order) THEN 1 ELSE 0 END AS ordered`,
    );
    this.#hasHolds = row?.holds === 1;
    this.#hasHeldRequests = row?.held === 1;
    this.#hasOrder = row?.ordered === 1;
  }
}

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
