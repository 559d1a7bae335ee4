import { taskIsOnHold } from '@expunge/engine/storage';
import type { Job } from 'pg-boss';
import type { ItemOfJob } from '../rows.ts';
import type { JobKind } from './fleet.ts';
import { type JobData, queueOf } from './job-queues.ts';
import { bound, type JobKeeper, keepJobs } from './keep-jobs.ts';
import type { Lease } from './leases.ts';
import { type LedgerTransaction, rowsOf } from './transaction.ts';

/** What a worker was given: numbers of tasks or submissions, each with its job. */
export type Leased = readonly (readonly [number, Lease])[];

/**
 * Takes jobs that are due from a queue, in a transaction of the ledger. A job that says what is no longer so is settled. One
 * whose task is being submitted was not kept by its worker: whether that one is lost shows by its heartbeat, and until then
 * the call is its own.
 */
export async function leaseJobs(
  keeper: JobKeeper,
  transaction: LedgerTransaction,
  wanted: { readonly connector: string; readonly kind: JobKind; readonly limit: number },
): Promise<Leased> {
  // What was written by a process without a queue, and what this transaction has changed already.
  await keepJobs(keeper, transaction);
  await keeper.queues.ensure(wanted.connector);
  const queue = queueOf(wanted.connector, wanted.kind);
  const leased: (readonly [number, Lease])[] = [];
  while (leased.length < wanted.limit) {
    const batchSize = wanted.limit - leased.length;
    const jobs = await keeper.boss.fetch<JobData>(queue, { batchSize, db: bound(transaction) });
    if (jobs.length > 0) leased.push(...(await sortOut(keeper, transaction, queue, jobs)));
    if (jobs.length < batchSize) break;
  }
  return leased.sort(([a], [b]) => a - b);
}

async function sortOut(
  keeper: JobKeeper,
  transaction: LedgerTransaction,
  queue: string,
  jobs: readonly Job<JobData>[],
): Promise<Leased> {
  const about = queue.endsWith('.waiting') ? 'submission' : 'task';
  const itemOf = ({ data }: Job<JobData>) => data.task ?? data.submission ?? 0;
  const rows = await rowsOf<ItemOfJob>(
    transaction,
    about === 'task'
      ? `SELECT id, job, state, ${taskIsOnHold} AS "isOnHold" FROM tasks WHERE id = ANY ($1)`
      : `SELECT id, job, 'waiting' AS state, false AS "isOnHold" FROM submissions WHERE id = ANY ($1)`,
    [jobs.map(itemOf)],
  );
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const leased: (readonly [number, Lease])[] = [];
  const stale: Job<JobData>[] = [];
  for (const job of jobs) {
    const row = rowOf.get(itemOf(job));
    if (row === undefined || row.job !== job.id || row.isOnHold) stale.push(job);
    else if (row.state !== 'submitting') leased.push([row.id, { id: job.id, retryCount: job.retryCount, queue }]);
  }
  if (stale.length > 0) {
    await keeper.boss.deleteJob(
      queue,
      stale.map(({ id }) => id),
      { db: bound(transaction) },
    );
  }
  return leased;
}

/** Lets others have what was taken: each gets a new job, as if it had never been taken. What has moved on stays as it is. */
export async function renewJobs(
  transaction: LedgerTransaction,
  about: 'task' | 'submission',
  leased: Leased,
): Promise<void> {
  if (leased.length === 0) return;
  const isFree = about === 'task' ? `AND state <> 'submitting'` : '';
  await transaction.executeSql(
    `UPDATE ${about === 'task' ? 'tasks' : 'submissions'} SET job = NULL
     WHERE id = ANY ($1) AND job = ANY ($2) ${isFree}`,
    [leased.map(([item]) => item), leased.map(([, lease]) => lease.id)],
  );
}
