import type { PostgresHome } from '../ledger/postgres/postgres-home.ts';
import type { ReconcileReport } from './fleet.ts';
import { bound, groupBy, type JobKeeper, keepJobs } from './keep-jobs.ts';
import { rowsOf } from './transaction.ts';

interface Missing {
  readonly about: 'task' | 'submission';
  readonly item: number;
}

interface Stray {
  readonly name: string;
  readonly id: string;
}

// pg-boss can list a queue's jobs, but not say which of a million are missing: its table is read here, and never written.
const missingJobs = (jobs: string) => `
  SELECT 'task' AS about, tasks.id AS item FROM tasks JOIN connectors ON connectors.id = tasks.connector
  WHERE tasks.next_at IS NOT NULL AND tasks.leader IS NULL AND tasks.state IN ('pre-read', 'ready', 'in-doubt', 'read-back')
    AND NOT EXISTS (SELECT 1 FROM ${jobs} WHERE job.name = connectors.name || '.' || tasks.job_kind AND job.id = tasks.job)
  UNION ALL
  SELECT 'submission', submissions.id FROM submissions JOIN connectors ON connectors.id = submissions.connector
  WHERE submissions.next_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM ${jobs} WHERE job.name = connectors.name || '.' || submissions.job_kind
      AND job.id = submissions.job)
  LIMIT 10000`;

// Of jobs that were given up, the one that failed stays in its queue, and stands for the task until somebody decides.
const strayJobs = (jobs: string) => `
  SELECT name, CAST(id AS text) AS id FROM (
    SELECT job.name, job.id, CASE WHEN job.name LIKE '%.dead' THEN job.source_id ELSE job.id END AS stands_for,
      CAST(job.data->>'task' AS bigint) AS task, CAST(job.data->>'submission' AS bigint) AS submission
    FROM ${jobs}
  ) AS each
  WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = each.task AND tasks.job = each.stands_for)
    AND NOT EXISTS (SELECT 1 FROM submissions WHERE submissions.id = each.submission AND submissions.job = each.stands_for)
  LIMIT 10000`;

/** Compares what is to be done with the jobs for it, and mends what is amiss. */
export async function reconcile(home: PostgresHome, keeper: JobKeeper, queueSchema: string): Promise<ReconcileReport> {
  const jobs = `${queueSchema}.job`;
  // What only waits for its turn is not missing.
  while ((await home.write(() => keepJobs(keeper, home))) > 0);
  const look = await home.read(async (store) => ({
    missing: (await store.all<Missing>(missingJobs(jobs))).length,
    stray: (await store.all<Stray>(strayJobs(jobs))).length,
  }));
  if (look.missing + look.stray === 0) return { made: 0, settled: 0 };
  // Looked at again where nobody else writes.
  return home.write(async () => {
    const stray = await rowsOf<Stray>(home, strayJobs(jobs));
    for (const [queue, those] of groupBy(stray, ({ name }) => name)) {
      await keeper.boss.deleteJob(
        queue,
        those.map(({ id }) => id),
        { db: bound(home) },
      );
    }
    const missing = await rowsOf<Missing>(home, missingJobs(jobs));
    for (const [about, those] of groupBy(missing, (each) => each.about)) {
      const table = about === 'task' ? 'tasks' : 'submissions';
      await home.executeSql(`UPDATE ${table} SET job = NULL WHERE id = ANY ($1)`, [those.map(({ item }) => item)]);
    }
    return { made: missing.length, settled: stray.length };
  });
}
