import type { Sql } from './sql.ts';

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
    const row = await sql.get<{ holds: number; held: number; ordered: number }>(
      `SELECT CASE WHEN EXISTS (SELECT 1 FROM holds) THEN 1 ELSE 0 END AS holds,
         CASE WHEN EXISTS (SELECT 1 FROM held_requests) THEN 1 ELSE 0 END AS held,
         CASE WHEN EXISTS (SELECT 1 FROM connector_order) THEN 1 ELSE 0 END AS ordered`,
    );
    this.#hasHolds = row?.holds === 1;
    this.#hasHeldRequests = row?.held === 1;
    this.#hasOrder = row?.ordered === 1;
  }
}
