import type { PostgresAdapter } from '../postgres-adapter.ts';
import { deadQueueOf, type JobData } from './job-queues.ts';
import { bound, type JobKeeper } from './keep-jobs.ts';
import { rowsOf } from './transaction.ts';

const atOnce = 1000;

/**
 * Puts jobs that were given up back in line. Where each belongs by now the ledger says: the jobs that were given up are
 * taken out, and their tasks get new ones.
 */
export async function redrive(
  storage: PostgresAdapter,
  keeper: JobKeeper,
  queueSchema: string,
  connector: string | undefined,
): Promise<number> {
  const known = await storage.read((store) => Promise.resolve(store.connectors().map(({ name }) => name)));
  let moved = 0;
  for (const name of connector === undefined ? known : known.filter((each) => each === connector)) {
    await keeper.queues.ensure(name);
    for (;;) {
      const some = await storage.write(() => redriveSome(storage, keeper, queueSchema, deadQueueOf(name)));
      moved += some;
      if (some < atOnce) break;
    }
  }
  return moved;
}

async function redriveSome(
  storage: PostgresAdapter,
  keeper: JobKeeper,
  queueSchema: string,
  queue: string,
): Promise<number> {
  const db = bound(storage);
  const jobs = await keeper.boss.fetch<JobData>(queue, { batchSize: atOnce, db });
  if (jobs.length === 0) return 0;
  const ids = jobs.map(({ id }) => id);
  // The jobs that were given up: a task that has another one by now is leased to a worker, and stays there.
  const sources = await rowsOf<{ source: string }>(
    storage,
    `SELECT CAST(source_id AS text) AS source FROM ${queueSchema}.job WHERE name = $1 AND id = ANY ($2)`,
    [queue, ids],
  );
  const leased = sources.map(({ source }) => source);
  await keeper.boss.deleteJob(queue, ids, { db });
  const tasks = await rowsOf(
    storage,
    `UPDATE tasks SET job = NULL WHERE id = ANY ($1) AND job = ANY ($2) AND state <> 'submitting' RETURNING id`,
    [jobs.flatMap(({ data }) => data.task ?? []), leased],
  );
  const submissions = await rowsOf(
    storage,
    'UPDATE submissions SET job = NULL WHERE id = ANY ($1) AND job = ANY ($2) RETURNING id',
    [jobs.flatMap(({ data }) => data.submission ?? []), leased],
  );
  return Math.max(jobs.length, tasks.length + submissions.length);
}
