import { Client } from 'pg';

/** What does not fit together between the ledger's rows and the queue's jobs, at one moment. */
export interface Disagreement {
  /** Tasks and submissions that have something due, and no job that would ever see to it. */
  readonly withoutJob: number;
  /** Jobs that are about nothing that is due. */
  readonly withoutRow: number;
}

// Read past the engine and past its reconciler, in words of its own: a job is alive while somebody will be given it, or
// while it lies among the dead letters, where an operator finds it. What `job_changes` names is noted in the same
// transaction as the row, and made by the next worker that commits: it is not lost.
const live = `job.state IN ('created', 'retry', 'active')`;
const query = (ledger: string, queue: string) => `
  WITH due AS (
    SELECT 'task' AS about, id AS item, job FROM ${ledger}.tasks
    WHERE next_at IS NOT NULL AND duplicate_of IS NULL AND state IN ('pre-read', 'ready', 'in-doubt', 'read-back')
    UNION ALL SELECT 'submission', id, job FROM ${ledger}.submissions WHERE next_at IS NOT NULL
  ), jobs AS (
    SELECT coalesce(source_id, id) AS job FROM ${queue}.job WHERE ${live}
  ), known AS (
    SELECT job FROM ${ledger}.tasks WHERE job IS NOT NULL
    UNION ALL SELECT job FROM ${ledger}.submissions WHERE job IS NOT NULL
    UNION ALL SELECT old_job FROM ${ledger}.job_changes WHERE old_job IS NOT NULL
  )
  SELECT
    (SELECT count(*) FROM due WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.job = due.job) AND NOT EXISTS (
      SELECT 1 FROM ${ledger}.job_changes AS noted WHERE noted.about = due.about AND noted.item = due.item
    ))::int AS "withoutJob",
    (SELECT count(*) FROM jobs WHERE NOT EXISTS (SELECT 1 FROM known WHERE known.job = jobs.job))::int AS "withoutRow"`;

/** Looks, at one moment, also while everybody works. */
export async function compareJobsWithRows(
  url: string,
  schemas: { readonly ledger: string; readonly queue: string } = { ledger: 'expunge', queue: 'expunge_queue' },
): Promise<Disagreement> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    // Before the first worker has come so far, all that is due stands in `job_changes`.
    const { rows: tables } = await client.query<{ queue: string | null }>('SELECT to_regclass($1) AS queue', [
      `${schemas.queue}.job`,
    ]);
    if (tables[0]?.queue == null) return { withoutJob: 0, withoutRow: 0 };
    const { rows } = await client.query<Disagreement>(query(schemas.ledger, schemas.queue));
    return rows[0] ?? { withoutJob: 0, withoutRow: 0 };
  } finally {
    await client.end();
  }
}
