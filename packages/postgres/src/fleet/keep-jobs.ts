import type { JobInsert, PgBoss } from 'pg-boss';
import { notificationChannel } from '../job-schema.ts';
import type { JobChange, WantedJob } from '../rows.ts';
import { type JobData, type JobQueues, queueOf } from './job-queues.ts';
import { type LedgerTransaction, rowsOf } from './transaction.ts';

/** What the one rule about jobs works with. */
export interface JobKeeper {
  readonly boss: PgBoss;
  readonly queues: JobQueues;
  /** The time of the database, milliseconds since 1970. */
  readonly now: () => number;
  /** The ledger's schema: marks it on the channel of news. */
  readonly schema: string;
}

// What a process without a queue has written is done in parts: a million rows are not one commit.
const changesAtOnce = 20_000;

/** What is due within this time can be taken at once, in milliseconds: clocks are not that exact. */
const soonMs = 50;

/**
 * Brings the jobs in line with what has changed in the ledger, in the transaction in which it changed: settles the old ones
 * and makes the new ones. Returns how many changes there were.
 */
export async function keepJobs(keeper: JobKeeper, transaction: LedgerTransaction): Promise<number> {
  const changes = await rowsOf<JobChange>(
    transaction,
    `WITH changed AS (DELETE FROM job_changes WHERE id IN (SELECT id FROM job_changes ORDER BY id LIMIT $1)
       RETURNING about, item, connector, old_kind, old_job)
     SELECT changed.about, changed.item, connectors.name AS connector, changed.old_kind, changed.old_job
     FROM changed JOIN connectors ON connectors.id = changed.connector`,
    [changesAtOnce],
  );
  if (changes.length === 0) return 0;
  for (const connector of new Set(changes.map((change) => change.connector))) await keeper.queues.ensure(connector);
  await settleOld(keeper, transaction, changes);
  await makeNew(keeper, transaction, changes);
  return changes.length;
}

async function settleOld(keeper: JobKeeper, db: LedgerTransaction, changes: readonly JobChange[]): Promise<void> {
  const byQueue = groupBy(
    changes.filter((change) => change.old_job !== null && change.old_kind !== null),
    (change) => queueOf(change.connector, change.old_kind ?? ''),
  );
  // Deleted, not completed: what has become of a task is in the ledger, and a finished job would only take up space.
  for (const [queue, those] of byQueue) {
    await keeper.boss.deleteJob(queue, [...new Set(those.map((change) => change.old_job ?? ''))], { db: bound(db) });
  }
}

async function makeNew(keeper: JobKeeper, db: LedgerTransaction, changes: readonly JobChange[]): Promise<void> {
  const idsOf = (about: JobChange['about']) => [
    ...new Set(changes.filter((change) => change.about === about).map((change) => change.item)),
  ];
  // As they stand now: they may have changed more than once.
  const wanted = await rowsOf<WantedJob>(
    db,
    `SELECT 'task' AS about, tasks.id AS item, connectors.name AS connector, job_kind AS kind, job, next_at
     FROM tasks JOIN connectors ON connectors.id = tasks.connector
     WHERE tasks.id = ANY ($1) AND job IS NOT NULL AND state <> 'submitting'
     UNION ALL
     SELECT 'submission', submissions.id, connectors.name, job_kind, job, next_at
     FROM submissions JOIN connectors ON connectors.id = submissions.connector
     WHERE submissions.id = ANY ($2) AND job IS NOT NULL
     ORDER BY next_at, item`,
    [idsOf('task'), idsOf('submission')],
  );
  const now = keeper.now();
  for (const [queue, those] of groupBy(wanted, (each) => queueOf(each.connector, each.kind))) {
    await keeper.boss.insert(
      queue,
      those.map((each) => toJob(each, now)),
      { db: bound(db) },
    );
  }
  const notifications = new Set(wanted.filter((each) => each.next_at <= now + soonMs).map((each) => each.connector));
  for (const connector of notifications) {
    await db.executeSql('SELECT pg_notify($1, $2)', [notificationChannel, `${keeper.schema}/${connector}`]);
  }
}

function toJob(wanted: WantedJob, now: number): JobInsert<JobData> {
  return {
    id: wanted.job,
    data: wanted.about === 'task' ? { task: wanted.item } : { submission: wanted.item },
    // The longest due comes first, also where it was released: to the minute, since 1970.
    priority: -Math.floor(wanted.next_at / 60_000),
    ...(wanted.next_at <= now + soonMs ? {} : { startAfter: new Date(wanted.next_at).toISOString() }),
  };
}

/** The transaction as pg-boss speaks to a database. */
export function bound(transaction: LedgerTransaction) {
  return { executeSql: (text: string, values?: unknown[]) => transaction.executeSql(text, values ?? []) };
}

/** Sorts items into groups. */
export function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
