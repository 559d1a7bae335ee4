import { inSql, taskIsOnHold, timedStates } from '@expunge/engine/storage';
import type { PostgresAdapter } from '../postgres-adapter.ts';
import type { MissingJob, OrphanJob } from '../rows.ts';
import type { ReconcileReport } from './fleet.ts';
import { bound, groupBy, type JobKeeper, keepJobs } from './keep-jobs.ts';
import { rowsOf } from './transaction.ts';

/** Rows that are repaired in one transaction: others want to write in between. */
const repairedAtOnce = 10_000;

// What is due first comes first: after a restore a million may be missing.
// pg-boss can list a queue's jobs, but not say which of a million are missing: its table is read here, and never written.
const missingJobs = (jobs: string, atOnce: number) => `
  SELECT 'task' AS about, tasks.id AS item, tasks.next_at FROM tasks JOIN connectors ON connectors.id = tasks.connector
  WHERE tasks.next_at IS NOT NULL AND tasks.duplicate_of IS NULL AND tasks.state IN (${inSql(timedStates)}) AND NOT ${taskIsOnHold}
    AND NOT EXISTS (SELECT 1 FROM ${jobs} WHERE job.name = connectors.name || '.' || tasks.job_kind AND job.id = tasks.job)
  UNION ALL
  SELECT 'submission', submissions.id, submissions.next_at FROM submissions JOIN connectors ON connectors.id = submissions.connector
  WHERE submissions.next_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM ${jobs} WHERE job.name = connectors.name || '.' || submissions.job_kind
      AND job.id = submissions.job)
  ORDER BY next_at, item LIMIT ${atOnce}`;

// Of jobs that were given up, the one that failed stays in its queue, and stands for the task until an operator decides.
const orphanJobs = (jobs: string, atOnce: number) => `
  SELECT name, CAST(id AS text) AS id FROM (
    SELECT job.name, job.id, CASE WHEN job.name LIKE '%.dead' THEN job.source_id ELSE job.id END AS stands_for,
      CAST(job.data->>'task' AS bigint) AS task, CAST(job.data->>'submission' AS bigint) AS submission
    FROM ${jobs}
  ) AS each
  WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = each.task AND tasks.job = each.stands_for)
    AND NOT EXISTS (SELECT 1 FROM submissions WHERE submissions.id = each.submission AND submissions.job = each.stands_for)
  LIMIT ${atOnce}`;

const tryLock = 'SELECT 1 WHERE pg_try_advisory_xact_lock(hashtextextended(?, 0))';

/** How often tasks and jobs are compared, by whichever worker comes first, in milliseconds. */
const everyMs = 45_000;

/**
 * Compares what is to be done with the jobs for it, and repairs what is inconsistent, unless another worker does so at this moment
 * or has done so lately. A worker that ends over it leaves nothing behind: the next one has its turn a little later.
 *
 * @returns undefined where it was not this worker's turn
 */
export async function reconcileInTurn(
  storage: PostgresAdapter,
  keeper: JobKeeper,
  queueSchema: string,
): Promise<ReconcileReport | undefined> {
  const now = storage.clock.now();
  // Also where the clock was set back.
  const isDue = 'abs(? - reconciled_at) >= ?';
  if (!(await storage.read((store) => store.has(`SELECT 1 FROM ledger_head WHERE ${isDue}`, now, everyMs))))
    return undefined;
  const lease = `UPDATE ledger_head SET reconciled_at = ? WHERE ${isDue}`;
  const { changes } = await storage.write((store) => store.run(lease, now, now, everyMs));
  return changes === 0
    ? undefined
    : await compare(storage, keeper, queueSchema, { isAlone: true, atOnce: repairedAtOnce });
}

/** Compares what is to be done with the jobs for it, and repairs what is inconsistent, all of it: `atOnce` in a transaction. */
export async function reconcile(
  storage: PostgresAdapter,
  keeper: JobKeeper,
  queueSchema: string,
  atOnce = repairedAtOnce,
): Promise<ReconcileReport> {
  return (await compare(storage, keeper, queueSchema, { isAlone: false, atOnce })) ?? nothingInconsistent;
}

const nothingInconsistent: ReconcileReport = { made: 0, settled: 0 };

async function compare(
  storage: PostgresAdapter,
  keeper: JobKeeper,
  queueSchema: string,
  { isAlone, atOnce }: { readonly isAlone: boolean; readonly atOnce: number },
): Promise<ReconcileReport | undefined> {
  const jobs = `${queueSchema}.job`;
  // What only waits for its turn is not missing.
  while ((await storage.write(() => keepJobs(keeper, storage))) > 0);
  const look = await storage.read(async (store) => {
    // A look at very many tasks may take until the next turn. The lock ends with this transaction, however that ends.
    if (isAlone && !(await store.has(tryLock, `expunge/reconcile/${queueSchema}`))) return undefined;
    return {
      missing: (await store.all<MissingJob>(missingJobs(jobs, atOnce))).length,
      orphan: (await store.all<OrphanJob>(orphanJobs(jobs, atOnce))).length,
    };
  });
  if (look === undefined) return undefined;
  if (look.missing + look.orphan === 0) return nothingInconsistent;
  // Looked at again where no other process writes, until a round finds less than it could repair.
  let made = 0;
  let settled = 0;
  for (;;) {
    const round = await storage.write(() => repair(storage, keeper, jobs, atOnce));
    made += round.made;
    settled += round.settled;
    if (round.made < atOnce && round.settled < atOnce) return { made, settled };
  }
}

async function repair(
  storage: PostgresAdapter,
  keeper: JobKeeper,
  jobs: string,
  atOnce: number,
): Promise<ReconcileReport> {
  const orphan = await rowsOf<OrphanJob>(storage, orphanJobs(jobs, atOnce));
  for (const [queue, those] of groupBy(orphan, ({ name }) => name)) {
    await keeper.boss.deleteJob(
      queue,
      those.map(({ id }) => id),
      { db: bound(storage) },
    );
  }
  const missing = await rowsOf<MissingJob>(storage, missingJobs(jobs, atOnce));
  for (const [about, those] of groupBy(missing, (each) => each.about)) {
    const table = about === 'task' ? 'tasks' : 'submissions';
    await storage.executeSql(`UPDATE ${table} SET job = NULL WHERE id = ANY ($1)`, [those.map(({ item }) => item)]);
  }
  return { made: missing.length, settled: orphan.length };
}
