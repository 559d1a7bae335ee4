import type { Target } from '@expunge/core';
import type { ReadBefore, TaskState } from '../../tasks/task-state.ts';
import type { Claim, LedgerTask } from '../ledger.ts';
import { toRuns } from '../number-ranges.ts';
import { PageDamagedError } from './encrypted-pages.ts';
import type { Store } from './store.ts';

/** A row of the table of tasks, as {@link taskColumns} reads it. */
export interface TaskRecord {
  readonly id: number;
  readonly connector: number;
  readonly state: TaskState;
  readonly digest: string;
  readonly page: number;
  readonly attempts: number;
  readonly call: number | null;
  readonly bisected_batch: number | null;
  readonly claim: Claim | null;
  readonly vendor_status: string | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly read_before: ReadBefore;
  readonly unread_reason: string | null;
  readonly read_by: number | null;
  readonly contradictions: number;
  readonly reads: number;
}

/** What the engine has to know of a task. */
export const taskColumns =
  'id, connector, state, lower(hex(digest)) AS digest, page, attempts, call, bisected_batch, claim, vendor_status, reason, message, read_before, unread_reason, read_by, contradictions, reads';

/** Reads tasks by their numbers, in order. */
export async function readTasks(store: Store, ids: readonly number[]): Promise<readonly LedgerTask[]> {
  const rows: TaskRecord[] = [];
  for (const { first, last } of toRuns(ids)) {
    const text = `SELECT ${taskColumns} FROM tasks WHERE id BETWEEN ? AND ? ORDER BY id`;
    rows.push(...(await store.all<TaskRecord>(text, first, last)));
  }
  return toTasks(store, rows);
}

/** Opens tasks that were read: who is to be deleted stands on their encrypted pages. */
export async function toTasks(store: Store, rows: readonly TaskRecord[]): Promise<readonly LedgerTask[]> {
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
export async function toReadableTasks(store: Store, rows: readonly TaskRecord[]): Promise<readonly LedgerTask[]> {
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

function toTask(row: TaskRecord, target: Target): LedgerTask {
  return {
    id: row.id,
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
