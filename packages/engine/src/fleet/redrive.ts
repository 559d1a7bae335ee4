import type { PostgresHome } from '../ledger/postgres/postgres-home.ts';
import { deadQueueOf, type JobData } from './job-queues.ts';
import { bound, type JobKeeper } from './keep-jobs.ts';
import { rowsOf } from './transaction.ts';

const atOnce = 1000;

/**
 * Puts jobs that were given up back in line. Where each belongs by now the ledger says: the jobs that were given up are
 * taken out, and their tasks get new ones.
 */
export async function redrive(home: PostgresHome, keeper: JobKeeper, connector: string | undefined): Promise<number> {
  const known = await home.read((store) => Promise.resolve(store.connectors().map(({ name }) => name)));
  let moved = 0;
  for (const name of connector === undefined ? known : known.filter((each) => each === connector)) {
    await keeper.queues.ensure(name);
    for (;;) {
      const some = await home.write(() => redriveSome(home, keeper, deadQueueOf(name)));
      moved += some;
      if (some < atOnce) break;
    }
  }
  return moved;
}

async function redriveSome(home: PostgresHome, keeper: JobKeeper, queue: string): Promise<number> {
  const db = bound(home);
  const jobs = await keeper.boss.fetch<JobData>(queue, { batchSize: atOnce, db });
  if (jobs.length === 0) return 0;
  await keeper.boss.deleteJob(
    queue,
    jobs.map(({ id }) => id),
    { db },
  );
  const tasks = await rowsOf(
    home,
    `UPDATE tasks SET job = NULL WHERE id = ANY ($1) AND job IS NOT NULL AND state <> 'submitting' RETURNING id`,
    [jobs.flatMap(({ data }) => data.task ?? [])],
  );
  const submissions = await rowsOf(
    home,
    'UPDATE submissions SET job = NULL WHERE id = ANY ($1) AND job IS NOT NULL RETURNING id',
    [jobs.flatMap(({ data }) => data.submission ?? [])],
  );
  return Math.max(jobs.length, tasks.length + submissions.length);
}
