import { guardSending } from '../../tasks/store-transitions.ts';
import { isTerminal, type TaskState, taskStates } from '../../tasks/task-state.ts';
import { nextStates } from '../../tasks/transitions.ts';
import type { TaskChange } from '../ledger.ts';
import { numbersFrom, toRuns } from '../number-ranges.ts';
import type { NewTaskRow, TasksInCommon, TaskToMove } from '../rows.ts';
import { mustWait, unblockOthersOf } from './connector-order.ts';
import { type Among, amongNumbers, insertRows, runsOf, type SqlValue } from './sql.ts';
import type { Store } from './store.ts';
import { columnsOf, linkTasks, mostlyEmptyColumns, type TaskLinks, updateOf } from './task-columns.ts';

// The only file that writes a task's state. It keeps the counts, the requests' settlement and the audit log true in the same
// transaction, and refuses what the table of transitions does not have.

const recordColumns = 'id, request, connector, state, assurance, reason, attempts';

/** What each of many tasks is linked to, by the task's number. */
export interface LinksOfTasks {
  readonly submission?: ReadonlyMap<number, number> | undefined;
  readonly call?: ReadonlyMap<number, number> | undefined;
}

/** Adds tasks of one connector, in the states in which they begin. */
export async function insertTasks(
  store: Store,
  connector: number,
  shared: Readonly<Record<string, SqlValue>>,
  columns: readonly string[],
  rows: readonly NewTaskRow[],
): Promise<void> {
  await insertRows(store, {
    table: 'tasks',
    shared: { connector, ...shared },
    columns: ['id', 'state', 'reason', ...columns],
    rows: rows.map(({ id, state, reason, values }) => [id, state, reason, ...values]),
  });
  const name = store.connectorName(connector);
  const alike = Map.groupBy(rows, ({ state, reason }) => `${state} ${reason}`);
  for (const those of alike.values()) {
    const [{ state, reason } = { state: 'ready', reason: null } as const] = those;
    store.counts.add({ connector, state, assurance: null, reason }, those.length);
    const move = { connector: name, from: undefined, to: state, reason: reason ?? undefined };
    store.audit.addMoves(
      those.map(({ id }) => id),
      move,
    );
  }
}

/** Moves tasks, and every task that is a duplicate of one of them, to another state. */
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

/** Moves one task, and every task that is a duplicate of it. */
export async function changeTask(
  store: Store,
  taskId: number,
  wanted: TaskChange,
  now: number,
  links: TaskLinks = {},
): Promise<void> {
  const record = await store.get<TaskToMove>(`SELECT ${recordColumns} FROM tasks WHERE id = ?`, taskId);
  if (record === undefined) throw new Error('The ledger has no such task.');
  const change = guardSending(wanted, record, {
    mustWait: wanted.state === 'ready' && (await mustWait(store, taskId)),
  });
  await writeChange(store, record, change, now, links, true);
  const duplicates = await store.all<TaskToMove>(`SELECT ${recordColumns} FROM tasks WHERE duplicate_of = ?`, taskId);
  // A duplicate has no clock of its own: it goes where its primary goes.
  for (const duplicate of duplicates) await writeChange(store, duplicate, change, now, links, false);
}

/** Moves one task to the state of another one that wants the same record gone, and makes it a duplicate of that one. */
export async function joinPrimary(
  store: Store,
  taskId: number,
  primaryId: number,
  change: TaskChange,
  now: number,
): Promise<void> {
  const record = await store.get<TaskToMove>(`SELECT ${recordColumns} FROM tasks WHERE id = ?`, taskId);
  if (record === undefined) throw new Error('The ledger has no such task.');
  await writeChange(store, record, change, now, {}, false);
  await store.run('UPDATE tasks SET duplicate_of = ? WHERE id = ?', primaryId, taskId);
}

/** Fewer tasks are as quick one by one. */
const fewTasks = 4;

/**
 * Moves tasks with one statement each for the tasks and their requests. Only where that comes to the same as moving one
 * after the other: all are alike, none has a duplicate, and the order between connectors wants nothing else for one of them.
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
  if (ids.length < fewTasks || store.guards.hasOrder) return false;
  const among = amongNumbers(store, 'id', ids);
  const alike = await store.get<TasksInCommon>(
    `SELECT min(connector) AS connector, min(state) AS state, min(reason) AS reason, min(assurance) AS assurance,
       CASE WHEN min(connector) <> max(connector) OR min(state) <> max(state)
         OR min(reason) <> max(reason) OR min(assurance) <> max(assurance) THEN 1 ELSE 0 END AS differ,
       count(*) AS tasks, ${mostlyEmptyColumns.map((column) => `count(${column}) AS filled_${column}`).join(', ')}
     FROM tasks WHERE ${among.text}`,
    ...among.values,
  );
  if (alike === undefined || alike.tasks !== ids.length || alike.differ === 1) return false;
  if (![0, ids.length].includes(alike.filled_reason) || ![0, ids.length].includes(alike.filled_assurance)) return false;
  const duplicates = amongNumbers(store, 'duplicate_of', ids);
  if (await store.has(`SELECT 1 FROM tasks WHERE ${duplicates.text} LIMIT 1`, ...duplicates.values)) return false;
  refuseUnknown(alike.state, change);
  const shared = { submission: onlyOne(links.submission, ids), call: onlyOne(links.call, ids) };
  // SQLite writes an index anew for every column that is set, also to what it was: what is empty and stays so is left out.
  const stayEmpty = new Set<string>(mostlyEmptyColumns.filter((column) => alike[`filled_${column}`] === 0));
  const columns = columnsOf(alike.state, change, now, shared, true).filter(
    ({ column, values }) => values[0] !== null || !stayEmpty.has(column),
  );
  const values = columns.flatMap((column) => column.values);
  await store.run(`${updateOf(columns)} WHERE ${among.text}`, ...values, ...among.values);
  if (links.call !== undefined && shared.call === undefined) await linkTasks(store, 'call', ids, links.call);
  if (links.submission !== undefined && shared.submission === undefined) {
    await linkTasks(store, 'submission', ids, links.submission);
  }
  recordMoves(store, ids, alike, change, links.call);
  await countEndsOf(store, among, alike.state, change.state, now);
  return true;
}

// What all are linked to, where that is one and the same.
function onlyOne(links: ReadonlyMap<number, number> | undefined, ids: readonly number[]): number | undefined {
  const first = links?.get(ids[0] ?? 0);
  return ids.every((id) => links?.get(id) === first) ? first : undefined;
}

async function writeChange(
  store: Store,
  record: TaskToMove,
  change: TaskChange,
  now: number,
  links: TaskLinks,
  hasOwnTime: boolean,
): Promise<void> {
  refuseUnknown(record.state, change);
  const columns = columnsOf(record.state, change, now, links, hasOwnTime);
  await store.run(`${updateOf(columns)} WHERE id = ?`, ...columns.flatMap(({ values }) => values), record.id);
  const call = links.call === undefined ? undefined : new Map([[record.id, links.call]]);
  recordMoves(store, [record.id], record, change, call);
  await countEnds(store, record.request, record.state, change.state, now);
  const wasUnsent = taskStates[record.state].isUnsent;
  if (wasUnsent && !taskStates[change.state].isUnsent) await unblockOthersOf(store, record.request, now);
}

// A pair that the table does not have is a fault in the engine. The transaction is undone.
function refuseUnknown(from: TaskState, { event, state }: TaskChange): void {
  if (nextStates(from, event)?.includes(state) === true) return;
  throw new Error(`The table of transitions has no way from '${from}' by '${event}' to '${state}'.`);
}

/** Counts and logs that tasks which were alike have moved alike, each with its own call. */
function recordMoves(
  store: Store,
  taskIds: readonly number[],
  from: Pick<TaskToMove, 'connector' | 'state' | 'assurance' | 'reason'>,
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
  const { event, reason, assurance, vendorStatus } = to;
  for (const alike of runsOf(taskIds, (task, other) => calls?.get(task) === calls?.get(other))) {
    const call = calls?.get(alike[0]);
    store.audit.addMoves(alike, {
      connector: name,
      event,
      from: from.state,
      to: to.state,
      reason,
      assurance,
      vendorStatus,
      call,
    });
  }
}

/** The column that counts how many of a request's tasks ended like this; undefined: none does. */
function endColumn(state: TaskState): string | undefined {
  const { countsAs } = taskStates[state];
  return countsAs === 'open' || countsAs === 'skipped' ? undefined : `${countsAs}_tasks`;
}

/** What is counted anew in a request when `amount` of its tasks end, or are open again. */
function endsText(from: TaskState, to: TaskState, amount: string): string | undefined {
  const ends = isTerminal(to);
  if (ends === isTerminal(from)) return undefined;
  const [sign, back, column] = ends ? ['-', '+', endColumn(to)] : ['+', '-', endColumn(from)];
  const counted = column === undefined ? '' : `, ${column} = ${column} ${back} ${amount}`;
  return `UPDATE requests SET open_tasks = open_tasks ${sign} ${amount}${counted},
     settled_at = CASE WHEN open_tasks ${sign} ${amount} = 0 THEN CAST(? AS bigint) ELSE NULL END`;
}

// A request without open tasks is settled.
async function countEnds(store: Store, request: number, from: TaskState, to: TaskState, now: number): Promise<void> {
  const text = endsText(from, to, '1');
  if (text !== undefined) await store.run(`${text} WHERE id = ?`, now, request);
}

// The same for the requests of many tasks.
async function countEndsOf(store: Store, tasks: Among, from: TaskState, to: TaskState, now: number): Promise<void> {
  const text = endsText(from, to, 'moved.tasks');
  if (text === undefined) return;
  await store.run(
    `${text} FROM (SELECT request, count(*) AS tasks FROM tasks WHERE ${tasks.text} GROUP BY request) AS moved
     WHERE requests.id = moved.request`,
    now,
    ...tasks.values,
  );
}

/** Records that a request has more open tasks than before. */
export async function addOpenTasks(store: Store, request: number, added: number): Promise<void> {
  if (added === 0) return;
  await store.run('UPDATE requests SET open_tasks = open_tasks + ?, settled_at = NULL WHERE id = ?', added, request);
}

/** Takes a skipped task away: the connector got identifiers that it can use. */
export async function removeSkippedTask(
  store: Store,
  task: number,
  connector: number,
  reason: string | null,
): Promise<void> {
  await store.run(`DELETE FROM tasks WHERE id = ? AND state = 'skipped'`, task);
  store.counts.add({ connector, state: 'skipped', assurance: null, reason }, -1);
  store.audit.addMoves([task], { connector: store.connectorName(connector), from: 'skipped', to: 'replaced' });
}
