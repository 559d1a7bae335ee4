import { type Receipt, receiptSchema } from '@expunge/core';
import { storeTransitions } from '../../tasks/store-transitions.ts';
import type { TaskState } from '../../tasks/task-state.ts';
import { nextStates } from '../../tasks/transitions.ts';
import type {
  CallResult,
  CancelledInSubmission,
  LedgerTask,
  OpenSubmission,
  OpenTasks,
  RequestSubmission,
  SubmissionEnds,
} from '../ledger.ts';
import type { StoredTask, SubmissionOfRequest, SubmissionToCheck, TaskToWorkOn } from '../rows.ts';
import { taskColumns, toReadableTasks } from './read-tasks.ts';
import { amongNumbers, insertRows } from './sql.ts';
import type { Store } from './store.ts';
import { changeTasks } from './task-writer.ts';

const submissionColumns = `submissions.id, submissions.connector, submissions.receipt, submissions.submitted_at,
  submissions.checks, submissions.failures, submissions.vendor_status`;

/** Submissions of a connector that are due to be asked about. */
export async function dueSubmissions(
  store: Store,
  connector: number,
  now: number,
  limit: number,
): Promise<readonly OpenSubmission[]> {
  const rows = await store.all<SubmissionToCheck>(
    `SELECT ${submissionColumns}, (SELECT max(jobs) FROM tasks WHERE submission = submissions.id) AS jobs
     FROM submissions WHERE connector = ? AND next_at <= ? ORDER BY next_at, id LIMIT ?`,
    connector,
    now,
    limit,
  );
  return rows.map(toSubmission);
}

/** Reads submissions by their numbers. */
export async function readSubmissions(store: Store, ids: readonly number[]): Promise<readonly OpenSubmission[]> {
  const submissions: OpenSubmission[] = [];
  for (const id of ids) {
    const row = await store.get<SubmissionToCheck>(
      `SELECT ${submissionColumns}, (SELECT max(jobs) FROM tasks WHERE submission = submissions.id) AS jobs
       FROM submissions WHERE id = ?`,
      id,
    );
    if (row !== undefined) submissions.push(toSubmission(row));
  }
  return submissions;
}

/** The submissions of a request that the vendor still works on. */
export async function openSubmissions(store: Store, requestId: string): Promise<readonly RequestSubmission[]> {
  const rows = await store.all<SubmissionOfRequest>(
    `SELECT ${submissionColumns}, 0 AS jobs, count(*) AS tasks,
       CASE WHEN EXISTS (SELECT 1 FROM tasks AS other WHERE other.submission = submissions.id AND other.request <> requests.id)
         THEN 1 ELSE 0 END AS is_shared
     FROM requests JOIN tasks ON tasks.request = requests.id AND tasks.state = 'waiting'
     JOIN submissions ON submissions.id = tasks.submission
     WHERE requests.request_id = ? GROUP BY submissions.id, requests.id`,
    requestId,
  );
  return rows.map((row) => ({
    connector: store.connectorName(row.connector),
    submission: toSubmission(row),
    tasks: row.tasks,
    isShared: row.is_shared === 1,
  }));
}

function toSubmission(row: SubmissionToCheck): OpenSubmission {
  const receipt: Receipt = receiptSchema.parse(JSON.parse(row.receipt));
  return {
    id: row.id,
    receipt,
    submittedAt: row.submitted_at,
    checks: row.checks,
    failures: row.failures,
    jobs: row.jobs ?? 0,
    vendorStatus: row.vendor_status ?? undefined,
  };
}

/** The tasks that wait for a submission, in the order of their numbers: each target once. */
export async function openTasks(store: Store, submission: number): Promise<OpenTasks> {
  const rows = await store.all<TaskToWorkOn>(
    `SELECT ${taskColumns} FROM tasks WHERE submission = ? AND state = 'waiting' AND duplicate_of IS NULL ORDER BY id`,
    submission,
  );
  const tasks = await toReadableTasks(store, rows);
  const readable = new Set(tasks.map(({ id }) => id));
  // Duplicates wait for it as well, and one of their requests may be due first.
  const due = await store.get<{ at: number | null }>(
    `SELECT min(due_at) AS at FROM requests WHERE id IN (SELECT request FROM tasks WHERE submission = ? AND state = 'waiting')`,
    submission,
  );
  return {
    tasks,
    unreadable: rows.map(({ id }) => id).filter((id) => !readable.has(id)),
    dueAt: due?.at ?? Number.MAX_SAFE_INTEGER,
  };
}

/**
 * The tasks of a request that wait for a submission and that nobody else waits for: what may be taken out of it without a word from
 * another request.
 */
export async function ownTasks(store: Store, submission: number, requestId: string): Promise<readonly LedgerTask[]> {
  const rows = await store.all<TaskToWorkOn>(
    `SELECT ${taskColumns} FROM tasks WHERE submission = ? AND state = 'waiting' AND duplicate_of IS NULL
       AND request = (SELECT id FROM requests WHERE request_id = ?)
       AND NOT EXISTS (SELECT 1 FROM tasks AS other WHERE other.duplicate_of = tasks.id) ORDER BY id`,
    submission,
    requestId,
  );
  return toReadableTasks(store, rows);
}

/** A submission that a call has made. */
export interface NewSubmission {
  /** The receipt's JSON. */
  readonly receipt: string;
  readonly firstCheckAt: number;
  /** The tasks that wait for it. */
  readonly tasks: readonly number[];
}

/** Records submissions that a connector's calls have made. Returns the number of each task's, by the task's number. */
export async function addSubmissions(
  store: Store,
  connector: number,
  submissions: readonly NewSubmission[],
  now: number,
): Promise<ReadonlyMap<number, number>> {
  if (submissions.length === 0) return new Map();
  const row = await store.get<{ last: number | null }>('SELECT max(id) AS last FROM submissions');
  const first = 1 + (row?.last ?? 0);
  await insertRows(store, {
    table: 'submissions',
    shared: { connector, submitted_at: now },
    columns: ['id', 'receipt', 'next_at'],
    rows: submissions.map(({ receipt, firstCheckAt }, index) => [first + index, receipt, firstCheckAt]),
  });
  return new Map(submissions.flatMap(({ tasks }, index) => tasks.map((task) => [task, first + index] as const)));
}

/** Records that a submission is to be asked about again. One that has ended meanwhile stays so. */
export async function postponeCheck(
  store: Store,
  submission: number,
  options: { result: CallResult; nextAt: number | undefined; vendorStatus?: string | undefined },
): Promise<void> {
  const hasFailed = options.result !== 'answered';
  await store.run(
    `UPDATE submissions SET checks = checks + 1, failures = CASE WHEN ?1 = 1 THEN failures + 1 ELSE 0 END,
       last_error = ?2, vendor_status = coalesce(?3, vendor_status), next_at = ?4
     WHERE id = ?5 AND next_at IS NOT NULL`,
    Number(hasFailed),
    hasFailed ? options.result : null,
    options.vendorStatus ?? null,
    options.nextAt ?? null,
    submission,
  );
}

/**
 * Records how a submission ended for some of its tasks, or for all. Those of whom the end is not known wait on: the submission
 * is theirs, and the others get one of their own that says how it ended for them.
 */
export async function endSubmission(
  store: Store,
  submission: number,
  { ends, rest }: SubmissionEnds,
  now: number,
): Promise<void> {
  const waiting = await store.all<Pick<StoredTask, 'id'>>(
    `SELECT id FROM tasks WHERE submission = ? AND state = 'waiting' AND duplicate_of IS NULL ORDER BY id`,
    submission,
  );
  const open = new Set(waiting.map(({ id }) => id));
  for (const { tasks, change, parts } of ends) {
    const ids = tasks.filter((id) => open.delete(id));
    if (ids.length === 0) continue;
    const isLast = open.size === 0;
    const ended = isLast ? submission : await copySubmission(store, submission);
    if (!isLast) await waitForAnother(store, ids, ended);
    await store.run(
      'UPDATE submissions SET checks = checks + 1, failures = 0, last_error = NULL, vendor_status = ?, parts = ?, next_at = NULL WHERE id = ?',
      change.vendorStatus ?? null,
      parts === undefined ? null : JSON.stringify(parts),
      ended,
    );
    await changeTasks(store, ids, change, now);
  }
  if (open.size > 0 && rest !== undefined) await postponeCheck(store, submission, { result: 'answered', ...rest });
}

/**
 * Records that the vendor took people out of a submission. A check may have come in between that called the whole job done: whoever
 * it was believed about needs a review.
 */
export async function cancelInSubmission(
  store: Store,
  submission: number,
  tasks: readonly number[],
  now: number,
): Promise<CancelledInSubmission> {
  const among = amongNumbers(store, 'id', tasks);
  const rows = await store.all<Pick<StoredTask, 'id' | 'state'>>(
    `SELECT id, state FROM tasks WHERE ${among.text} AND duplicate_of IS NULL ORDER BY id`,
    ...among.values,
  );
  const idsIn = (isMeant: (state: TaskState) => boolean) =>
    rows.filter(({ state }) => isMeant(state)).map(({ id }) => id);
  const cancelled = idsIn((state) => state === 'waiting');
  await endSubmission(
    store,
    submission,
    { ends: [{ tasks: cancelled, change: storeTransitions.cancelledAtVendor() }] },
    now,
  );
  const contradicted = idsIn((state) => nextStates(state, 'cancelled-at-vendor')?.includes('needs-review') === true);
  await changeTasks(store, contradicted, storeTransitions.cancelledAfterClaim(), now);
  return { cancelled: cancelled.length, contradicted: contradicted.length };
}

async function copySubmission(store: Store, submission: number): Promise<number> {
  const last = await store.get<{ id: number | null }>('SELECT max(id) AS id FROM submissions');
  const id = 1 + (last?.id ?? 0);
  await store.run(
    `INSERT INTO submissions (id, connector, receipt, submitted_at, checks, failures)
     SELECT CAST(? AS bigint), connector, receipt, submitted_at, checks, 0 FROM submissions WHERE id = ?`,
    id,
    submission,
  );
  return id;
}

// The vendor's job is the same: it counts as no further one.
async function waitForAnother(store: Store, ids: readonly number[], submission: number): Promise<void> {
  const primaries = amongNumbers(store, 'id', ids);
  const duplicates = amongNumbers(store, 'duplicate_of', ids);
  await store.run(`UPDATE tasks SET submission = ? WHERE ${primaries.text}`, submission, ...primaries.values);
  await store.run(`UPDATE tasks SET submission = ? WHERE ${duplicates.text}`, submission, ...duplicates.values);
}
