import { isTerminal } from '../../tasks/task-state.ts';
import type { TaskChange } from '../ledger.ts';
import type { SqlValue } from './sql.ts';

/** What a task that goes with a call is linked to. */
export interface TaskLinks {
  /** The submission that it waits for from now on: one more job that the vendor has made of it. */
  readonly submission?: number | undefined;
  /** The call that carries it. */
  readonly call?: number | undefined;
}

/** A column of the table of tasks, and what is written into it. */
export interface ColumnValue {
  readonly column: string;
  readonly value: SqlValue;
  /** What becomes of the column, where it is not the value itself: an expression with one question mark for it. */
  readonly expression?: string;
}

/** Columns that hold nothing for most tasks most of the time. */
export const mostlyEmptyColumns = [
  'assurance',
  'reason',
  'message',
  'vendor_status',
  'claim',
  'bisected_batch',
  'submission',
  'finished_at',
  'held_from',
  'resume_at',
] as const;

/** What a change writes: what it leaves out is emptied, except the lasting columns, which are then not written. */
export function columnsOf(
  change: TaskChange,
  now: number,
  links: TaskLinks,
  nextAt: number | undefined,
): readonly ColumnValue[] {
  const isSentAnew = change.state === 'ready' || change.state === 'pre-read';
  const emptied: Record<string, SqlValue | undefined> = {
    state: change.state,
    assurance: change.assurance,
    reason: change.reason,
    message: change.message,
    vendor_status: change.vendorStatus,
    claim: change.claim,
    next_at: nextAt,
    bisected_batch: change.bisectedBatch,
    finished_at: isTerminal(change.state) ? now : undefined,
    held_from: change.heldFrom,
    resume_at: undefined,
  };
  const lasting: Record<string, SqlValue | undefined> = {
    submission: links.submission ?? (isSentAnew ? null : undefined),
    call: links.call,
    attempts: change.attempts,
    seen_before: change.seenBefore === undefined ? undefined : Number(change.seenBefore),
    contradictions: change.contradictions,
    reads: change.reads,
    submitted_at: change.submittedAt,
  };
  return [
    ...Object.entries(emptied).map(([column, value]) => ({ column, value: value ?? null })),
    ...Object.entries(lasting).flatMap(([column, value]) => (value === undefined ? [] : [{ column, value }])),
    ...actedOf(change),
  ];
}

// Whether the vendor may have acted: what a state says of it, and what the vendor says of a call that was in doubt.
function actedOf({ state, isNotExecuted, isUnsent }: TaskChange): readonly ColumnValue[] {
  const column = 'acted';
  if (isUnsent === true) return [];
  if (['waiting', 'read-back', 'deleted', 'absent', 'accepted', 'partial', 'contradicted'].includes(state)) {
    return [{ column, value: 2 }];
  }
  if (state === 'in-doubt') {
    const expression = 'CASE WHEN state <> ? THEN acted WHEN acted = 0 THEN 1 ELSE 2 END';
    return [{ column, value: 'submitting', expression }];
  }
  return isNotExecuted === true ? [{ column, value: 1, expression: 'CASE WHEN acted = ? THEN 0 ELSE acted END' }] : [];
}

/** The statement that writes them, up to its condition. */
export function updateOf(columns: readonly ColumnValue[]): string {
  const set = columns.map(({ column, expression = '?' }) => `${column} = ${expression}`);
  if (columns.some(({ column, value }) => column === 'submission' && value !== null)) set.push(oneMoreJob);
  return `UPDATE tasks SET ${set.join(', ')}`;
}

/** Goes with a new submission. */
export const oneMoreJob = 'jobs = jobs + 1';
