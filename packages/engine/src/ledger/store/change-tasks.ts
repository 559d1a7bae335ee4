import type { Assurance } from '@expunge/core';
import { isTerminal, type TaskState } from '../../tasks/task-state.ts';
import type { TaskChange } from '../ledger.ts';
import { numbersFrom, toRuns } from '../number-ranges.ts';
import { type Among, amongNumbers } from './among-numbers.ts';
import { isBlocked, isUnsent, releaseBlocked } from './connector-order.ts';
import { isHeldBack } from './held-requests.ts';
import { linkTasks } from './link-tasks.ts';
import { runsOf } from './runs-of.ts';
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

/** What tasks have in common: how many have something in each column that is mostly empty. */
type SharedFacts = { readonly tasks: number; readonly differ: number } & Readonly<
  Record<`filled_${(typeof mostlyEmptyColumns)[number]}`, number>
>;

/** What each of many tasks is linked to, by the task's number. */
export interface LinksOfTasks {
  readonly submission?: ReadonlyMap<number, number> | undefined;
  readonly call?: ReadonlyMap<number, number> | undefined;
}

/** Fewer tasks are as quick one by one. */
const fewTasks = 4;

/**
 * Moves tasks, and every task that follows one of them, to another state: the only way in which tasks change.
 * Keeps the counts and the requests' settlement true in the same transaction.
 */
export async function changeTasks(
  store: Store,
  taskIds: readonly number[],
  change: TaskChange,
  now: number,
  links: LinksOfTasks = {},
): Promise<void> {
  if (await changeTogether(store, taskIds, change, now, links)) return;
  const runs = toRuns(taskIds);
  if (runs.length > 1) {
    for (const { first, last } of runs) await changeTasks(store, numbersFrom(first, last), change, now, links);
    return;
  }
  for (const id of taskIds) {
    await changeTask(store, id, change, now, { submission: links.submission?.get(id), call: links.call?.get(id) });
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
  const duplicates = await store.all<TaskRecord>(
    'SELECT id, request, connector, state, assurance, reason, attempts FROM tasks WHERE duplicate_of = ?',
    taskId,
  );
  // A follower has no clock of its own: it goes where its leader goes.
  for (const duplicate of duplicates) await writeChange(store, duplicate, change, now, links, undefined);
}

/**
 * Moves tasks with one statement each for the tasks and their requests. Only where that comes to the same as moving one
 * after the other: all stand alike, nobody follows them, and neither a hold nor an order between connectors could want
 * something else for one of them.
 *
 * @returns Whether it was done.
 */
async function changeTogether(
  store: Store,
  ids: readonly number[],
  change: TaskChange,
  now: number,
  links: LinksOfTasks,
): Promise<boolean> {
  if (ids.length < fewTasks || store.guards.hasHeldRequests || store.guards.hasOrder) return false;
  const among = amongNumbers(store, 'id', ids);
  const alike = await store.get<TaskRecord & SharedFacts>(
    `SELECT min(connector) AS connector, min(state) AS state, min(reason) AS reason, min(assurance) AS assurance,
       CASE WHEN min(connector) <> max(connector) OR min(state) <> max(state)
         OR min(reason) <> max(reason) OR min(assurance) <> max(assurance) THEN 1 ELSE 0 END AS differ,
       count(*) AS tasks, ${mostlyEmptyColumns.map((column) => `count(${column}) AS filled_${column}`).join(', ')}
     FROM tasks WHERE ${among.text}`,
    ...among.values,
  );
  if (alike === undefined || alike.tasks !== ids.length || alike.differ === 1) return false;
  if (![0, ids.length].includes(alike.filled_reason) || ![0, ids.length].includes(alike.filled_assurance)) return false;
  const led = amongNumbers(store, 'duplicate_of', ids);
  if (await store.has(`SELECT 1 FROM tasks WHERE ${led.text} LIMIT 1`, ...led.values)) return false;
  const from = alike.state;
  const shared = { submission: onlyOne(links.submission, ids), call: onlyOne(links.call, ids) };
  // SQLite writes an index anew for every column that is set, also to what it was: what is empty and stays so is left out.
  const stayEmpty = new Set<string>(mostlyEmptyColumns.filter((column) => alike[`filled_${column}`] === 0));
  const columns = columnsOf(change, now, shared, change.nextAt).filter(
    ({ column, value }) => value !== null || !stayEmpty.has(column),
  );
  const values = columns.map(({ value }) => value);
  await store.run(`${updateOf(columns)} WHERE ${among.text}`, ...values, ...among.values);
  if (links.call !== undefined && shared.call === undefined) await linkTasks(store, 'call', ids, links.call);
  if (links.submission !== undefined && shared.submission === undefined) {
    await linkTasks(store, 'submission', ids, links.submission);
  }
  recordMoves(store, ids, alike, change, links.call);
  const ends = isTerminal(change.state);
  if (ends !== isTerminal(from)) await countOpenTasksOf(store, among, ends ? -1 : 1, now);
  return true;
}

// What all are linked to, where that is one and the same.
function onlyOne(links: ReadonlyMap<number, number> | undefined, ids: readonly number[]): number | undefined {
  const first = links?.get(ids[0] ?? 0);
  return ids.every((id) => links?.get(id) === first) ? first : undefined;
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
  recordMoves(
    store,
    [record.id],
    record,
    change,
    links.call === undefined ? undefined : new Map([[record.id, links.call]]),
  );
  if (isUnsent(record.state) && !isUnsent(change.state) && store.guards.hasOrder) {
    await releaseBlocked(store, record.request);
  }
  const ends = isTerminal(change.state);
  if (ends !== isTerminal(record.state)) await countOpenTasks(store, record.request, ends ? -1 : 1, now);
}

/** Counts and logs that tasks which stood alike have moved alike, each with its own call. */
function recordMoves(
  store: Store,
  taskIds: readonly number[],
  from: Pick<TaskRecord, 'connector' | 'state' | 'assurance' | 'reason'>,
  to: TaskChange,
  calls: ReadonlyMap<number, number> | undefined,
): void {
  const { connector } = from;
  store.counts.add({ connector, state: from.state, assurance: from.assurance, reason: from.reason }, -taskIds.length);
  store.counts.add(
    { connector, state: to.state, assurance: to.assurance ?? null, reason: to.reason ?? null },
    taskIds.length,
  );
  const name = store.connectorName(connector);
  const { reason, assurance, vendorStatus } = to;
  for (const alike of runsOf(taskIds, (task, other) => calls?.get(task) === calls?.get(other))) {
    const call = calls?.get(alike[0]);
    store.audit.addMoves(alike, {
      connector: name,
      from: from.state,
      to: to.state,
      reason,
      assurance,
      vendorStatus,
      call,
    });
  }
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

// The same for the requests of many tasks.
async function countOpenTasksOf(store: Store, tasks: Among, difference: 1 | -1, now: number): Promise<void> {
  const counted = difference === 1 ? '+ moved.tasks' : '- moved.tasks';
  await store.run(
    `UPDATE requests SET open_tasks = open_tasks ${counted},
       settled_at = CASE WHEN open_tasks ${counted} = 0 THEN CAST(? AS bigint) ELSE NULL END
     FROM (SELECT request, count(*) AS tasks FROM tasks WHERE ${tasks.text} GROUP BY request) AS moved
     WHERE requests.id = moved.request`,
    now,
    ...tasks.values,
  );
}
