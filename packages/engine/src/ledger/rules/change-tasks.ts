import type { Assurance } from '@expunge/core';
import { isTerminal, type TaskState } from '../../task-state.ts';
import type { TaskChange } from '../ledger.ts';
import { type NumberRun, toRuns } from '../number-ranges.ts';
import { isHeldBack } from './held-requests.ts';
import { isBlocked, isUnsent, releaseBlocked } from './order.ts';
import type { Store } from './store.ts';
import { columnsOf, mostlyEmptyColumns, type TaskLinks, updateOf } from './task-columns.ts';

interface TaskRecord {
  readonly id: number;
  readonly request: number;
  readonly connector: number;
  readonly state: TaskState;
  readonly assurance: Assurance | null;
  readonly reason: string | null;
  readonly attempts: number;
}

/** What a run of tasks has in common: how many have something in each column that is mostly empty. */
type RunFacts = { readonly tasks: number; readonly differ: number } & Readonly<
  Record<`filled_${(typeof mostlyEmptyColumns)[number]}`, number>
>;

/** A run that is shorter is as quick task by task. */
const shortestRun = 4;

/**
 * Moves tasks, and every task that follows one of them, to another state: the only way in which tasks change.
 * Keeps the counts and the requests' settlement true in the same transaction.
 */
export async function changeTasks(
  store: Store,
  taskIds: readonly number[],
  change: TaskChange,
  now: number,
  links: TaskLinks = {},
): Promise<void> {
  for (const run of toRuns(taskIds)) {
    if (await changeRun(store, run, change, now, links)) continue;
    for (let id = run.first; id <= run.last; id += 1) await changeTask(store, id, change, now, links);
  }
}

/** Moves one task, and every task that follows it. */
export async function changeTask(
  store: Store,
  taskId: number,
  wanted: TaskChange,
  now: number,
  links: TaskLinks = {},
): Promise<void> {
  const change = (await isHeldBack(store, taskId)) ? holdBack(wanted) : wanted;
  const record = await store.get<TaskRecord>(
    'SELECT id, request, connector, state, assurance, reason, attempts FROM tasks WHERE id = ?',
    taskId,
  );
  if (record === undefined) throw new Error('The ledger has no such task.');
  // What was never sent still waits for the connectors that come first, also after a hold.
  const couldBeSent = change.nextAt !== undefined && (change.state === 'ready' || change.state === 'pre-read');
  const isWaiting = couldBeSent && record.attempts === 0 && (await isBlocked(store, taskId));
  await writeChange(store, record, change, now, links, isWaiting ? undefined : change.nextAt);
  if (isWaiting) await store.run('UPDATE tasks SET resume_at = ? WHERE id = ?', change.nextAt ?? now, record.id);
  const followers = await store.all<TaskRecord>(
    'SELECT id, request, connector, state, assurance, reason, attempts FROM tasks WHERE leader = ?',
    taskId,
  );
  // A follower has no clock of its own: it goes where its leader goes.
  for (const follower of followers) await writeChange(store, follower, change, now, links, undefined);
}

/**
 * Moves a run of tasks with one statement each for the tasks and their requests. Only where that comes to the same as
 * moving one after the other: all stand alike, nobody follows them, and neither a hold nor an order between connectors
 * could want something else for one of them.
 *
 * @returns Whether it was done.
 */
async function changeRun(
  store: Store,
  run: NumberRun,
  change: TaskChange,
  now: number,
  links: TaskLinks,
): Promise<boolean> {
  const tasks = run.last - run.first + 1;
  if (tasks < shortestRun || store.stops.hasHeldRequests || store.stops.hasOrder) return false;
  const alike = await store.get<TaskRecord & RunFacts>(
    `SELECT min(connector) AS connector, min(state) AS state, min(reason) AS reason, min(assurance) AS assurance,
       CASE WHEN min(connector) <> max(connector) OR min(state) <> max(state)
         OR min(reason) <> max(reason) OR min(assurance) <> max(assurance) THEN 1 ELSE 0 END AS differ,
       count(*) AS tasks, ${mostlyEmptyColumns.map((column) => `count(${column}) AS filled_${column}`).join(', ')}
     FROM tasks WHERE id BETWEEN ? AND ?`,
    run.first,
    run.last,
  );
  if (alike === undefined || alike.tasks !== tasks || alike.differ === 1) return false;
  if (![0, tasks].includes(alike.filled_reason) || ![0, tasks].includes(alike.filled_assurance)) return false;
  if (await store.has('SELECT 1 FROM tasks WHERE leader BETWEEN ? AND ? LIMIT 1', run.first, run.last)) return false;
  const from = alike.state;
  // SQLite writes an index anew for every column that is set, also to what it was: what is empty and stays so is left out.
  const stayEmpty = new Set<string>(mostlyEmptyColumns.filter((column) => alike[`filled_${column}`] === 0));
  const columns = columnsOf(change, now, links, change.nextAt).filter(
    ({ column, value }) => value !== null || !stayEmpty.has(column),
  );
  const values = columns.map(({ value }) => value);
  await store.run(`${updateOf(columns)} WHERE id BETWEEN ? AND ?`, ...values, run.first, run.last);
  noteMove(
    store,
    Array.from({ length: tasks }, (_, index) => run.first + index),
    alike,
    change,
    links,
  );
  const ends = isTerminal(change.state);
  if (ends !== isTerminal(from)) {
    await store.run(
      `UPDATE requests SET open_tasks = open_tasks + ?1 * moved.tasks,
         settled_at = CASE WHEN open_tasks + ?1 * moved.tasks = 0 THEN CAST(?2 AS bigint) ELSE NULL END
       FROM (SELECT request, count(*) AS tasks FROM tasks WHERE id BETWEEN ?3 AND ?4 GROUP BY request) AS moved
       WHERE requests.id = moved.request`,
      ends ? -1 : 1,
      now,
      run.first,
      run.last,
    );
  }
  return true;
}

// Nothing that would be sent goes on while somebody holds it back: not for the first time, and not again.
function holdBack(change: TaskChange): TaskChange {
  if (change.state === 'in-doubt') return { ...change, nextAt: undefined };
  if (change.state !== 'ready' && change.state !== 'pre-read') return change;
  return {
    ...change,
    state: 'held',
    heldFrom: change.state,
    nextAt: undefined,
    reason: 'on-hold',
    message: "This person is on the exclusion list. 'expunge hold remove' lets the deletion go on.",
  };
}

async function writeChange(
  store: Store,
  record: TaskRecord,
  change: TaskChange,
  now: number,
  links: TaskLinks,
  nextAt: number | undefined,
): Promise<void> {
  const columns = columnsOf(change, now, links, nextAt);
  await store.run(`${updateOf(columns)} WHERE id = ?`, ...columns.map(({ value }) => value), record.id);
  noteMove(store, [record.id], record, change, links);
  if (isUnsent(record.state) && !isUnsent(change.state) && store.stops.hasOrder) {
    await releaseBlocked(store, record.request);
  }
  const ends = isTerminal(change.state);
  if (ends !== isTerminal(record.state)) await countOpenTasks(store, record.request, ends ? -1 : 1, now);
}

/** Counts and logs that tasks which stood alike have moved alike. */
function noteMove(
  store: Store,
  taskIds: readonly number[],
  from: Pick<TaskRecord, 'connector' | 'state' | 'assurance' | 'reason'>,
  to: TaskChange,
  links: TaskLinks,
): void {
  const { connector } = from;
  store.counts.add({ connector, state: from.state, assurance: from.assurance, reason: from.reason }, -taskIds.length);
  store.counts.add(
    { connector, state: to.state, assurance: to.assurance ?? null, reason: to.reason ?? null },
    taskIds.length,
  );
  store.audit.addMoves(taskIds, {
    connector: store.connectorName(connector),
    from: from.state,
    to: to.state,
    reason: to.reason,
    assurance: to.assurance,
    vendorStatus: to.vendorStatus,
    call: links.call,
  });
}

/** Notes that a request has more or fewer open tasks; with none left it is settled. */
export async function countOpenTasks(store: Store, request: number, difference: number, now: number): Promise<void> {
  await store.run(
    `UPDATE requests SET open_tasks = open_tasks + ?1,
       settled_at = CASE WHEN open_tasks + ?1 = 0 THEN CAST(?2 AS bigint) ELSE NULL END
     WHERE id = ?3`,
    difference,
    now,
    request,
  );
}
