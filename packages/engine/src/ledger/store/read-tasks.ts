import type { Target } from '@expunge/core';
import { storeTransitions } from '../../tasks/store-transitions.ts';
import { type TimedState, timedStates } from '../../tasks/task-state.ts';
import type { DueOptions, LedgerTask } from '../ledger.ts';
import { toRuns } from '../number-ranges.ts';
import type { FirstTime, StoredTask, TaskToWorkOn } from '../rows.ts';
import { PageDamagedError } from './encrypted-pages.ts';
import { andNotOnHold } from './guards.ts';
import type { SqlValue } from './sql.ts';
import type { Store } from './store.ts';
import { changeTasks } from './task-writer.ts';

/** What the engine has to know of a task. */
export const taskColumns =
  'id, request, connector, state, lower(hex(digest)) AS digest, page, attempts, call, bisected_batch, claim, vendor_status, reason, message, read_before, unread_reason, read_by, contradictions, reads';

/** Reads tasks by their numbers, in order. */
export async function readTasks(store: Store, ids: readonly number[]): Promise<readonly LedgerTask[]> {
  const rows: TaskToWorkOn[] = [];
  for (const { first, last } of toRuns(ids)) {
    const text = `SELECT ${taskColumns} FROM tasks WHERE id BETWEEN ? AND ? ORDER BY id`;
    rows.push(...(await store.all<TaskToWorkOn>(text, first, last)));
  }
  return toTasks(store, rows);
}

/** Opens tasks that were read: who is to be deleted stands on their encrypted pages. */
async function toTasks(store: Store, rows: readonly TaskToWorkOn[]): Promise<readonly LedgerTask[]> {
  const tasks: LedgerTask[] = [];
  for (const row of rows) {
    // Encrypted by us and opened under our key: it is what was planned.
    const encrypted = (await store.pages.read(`tasks/${row.connector}`, row.page, row.id, row.digest)) as Target;
    // A copy: a connector that changes what it is given must not change what the next call is given, and what is encrypted anew.
    const target =
      encrypted.details === undefined ? { ...encrypted } : { ...encrypted, details: { ...encrypted.details } };
    tasks.push(toTask(row, target));
  }
  return tasks;
}

/** Opens the tasks that can be opened: without those on damaged pages. */
export async function toReadableTasks(store: Store, rows: readonly TaskToWorkOn[]): Promise<readonly LedgerTask[]> {
  const tasks: LedgerTask[] = [];
  for (const row of rows) {
    try {
      tasks.push(...(await toTasks(store, [row])));
    } catch (error) {
      if (!(error instanceof PageDamagedError)) throw error;
    }
  }
  return tasks;
}

function toTask(row: TaskToWorkOn, target: Target): LedgerTask {
  return {
    id: row.id,
    request: row.request,
    state: row.state,
    target,
    attempts: row.attempts,
    callId: row.call ?? undefined,
    bisectedBatch: row.bisected_batch ?? undefined,
    claim: row.claim ?? undefined,
    vendorStatus: row.vendor_status ?? undefined,
    reason: row.reason ?? undefined,
    message: row.message ?? undefined,
    readBefore: row.read_before,
    unreadReason: row.unread_reason ?? undefined,
    readBy: row.read_by ?? undefined,
    contradictions: row.contradictions,
    reads: row.reads,
  };
}

/** Tasks of a connector that are due in a state, and not on hold. */
export async function dueTasks(
  store: Store,
  connector: number,
  state: TimedState,
  options: DueOptions,
): Promise<readonly LedgerTask[]> {
  const conditions = ['connector = ?1', 'state = ?2', 'next_at <= ?3'];
  const values: SqlValue[] = [connector, state, options.now, options.limit];
  if (options.targetType !== undefined) {
    values.push(options.targetType);
    conditions.push(`target_type = ?${values.length}`);
  }
  if (options.bisectedBatch === null) conditions.push('bisected_batch IS NULL');
  if (typeof options.bisectedBatch === 'number') {
    values.push(options.bisectedBatch);
    conditions.push(`bisected_batch = ?${values.length}`);
  }
  const index = typeof options.bisectedBatch === 'number' ? 'tasks_bisected' : 'tasks_due';
  const rows = await store.all<TaskToWorkOn>(
    `SELECT ${taskColumns} FROM tasks INDEXED BY ${index} WHERE ${conditions.join(' AND ')} AND next_at IS NOT NULL
     ${andNotOnHold(store)} ORDER BY next_at, id LIMIT ?4`,
    ...values,
  );
  return toTasks(store, rows);
}

/** A part of a rejected batch that is due. */
export async function dueBisectedBatch(store: Store, connector: number, now: number): Promise<number | undefined> {
  const row = await store.get<{ bisected_batch: number }>(
    `SELECT bisected_batch FROM tasks INDEXED BY tasks_bisected
     WHERE connector = ? AND bisected_batch IS NOT NULL AND next_at IS NOT NULL AND next_at <= ? AND state = 'ready'
     ${andNotOnHold(store)} LIMIT 1`,
    connector,
    now,
  );
  return row?.bisected_batch;
}

/** The earliest time at which something becomes due, per kind of work. */
export async function nextDue(
  store: Store,
  connector: number,
): Promise<Partial<Record<TimedState | 'waiting', number>>> {
  const ofState = timedStates.map((state) => `SELECT '${state}' AS kind, (${firstTime(store, state)}) AS at`);
  const ofSubmissions = `SELECT 'waiting', min(next_at) FROM submissions WHERE connector = ?1 AND next_at IS NOT NULL`;
  const rows = await store.all<FirstTime<TimedState | 'waiting'>>(
    [...ofState, ofSubmissions].join(' UNION ALL '),
    connector,
  );
  return Object.fromEntries(rows.flatMap(({ kind, at }) => (at === null ? [] : [[kind, at]])));
}

/** The first time at which a task of connector `?1` is due in a state. */
export function firstTime(store: Store, state: TimedState): string {
  return `SELECT next_at FROM tasks INDEXED BY tasks_due WHERE connector = ?1 AND state = '${state}' AND next_at IS NOT NULL
    ${andNotOnHold(store)} ORDER BY next_at LIMIT 1`;
}

/** Gives up the reads before deletion whose time is over. Each says why; `why` is the reason of those for which no call has failed. */
export async function giveUpReadsBefore(store: Store, connector: number, why: string, now: number): Promise<number> {
  const late = await store.all<Pick<StoredTask, 'id' | 'reason'>>(
    `SELECT id, reason FROM tasks INDEXED BY tasks_read_by
     WHERE connector = ? AND state = 'pre-read' AND read_by <= ? AND next_at IS NOT NULL${andNotOnHold(store)} ORDER BY id`,
    connector,
    now,
  );
  for (const [reason, tasks] of Map.groupBy(late, (task) => task.reason ?? why)) {
    const ids = tasks.map(({ id }) => id);
    await changeTasks(store, ids, storeTransitions.readBeforeGivenUp(reason, now), now);
  }
  return late.length;
}
