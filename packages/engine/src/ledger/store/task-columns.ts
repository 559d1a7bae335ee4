import { isTerminal, type TaskState, taskStates } from '../../tasks/task-state.ts';
import type { TaskChange } from '../ledger.ts';
import type { Sql, SqlValue } from './sql.ts';

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
  /** The value, or those of the expression's question marks. */
  readonly values: readonly SqlValue[];
  /** What becomes of the column, where it is not the value itself. */
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
] as const;

/** What a change writes: what it leaves out is emptied, except the lasting columns, which are then not written. */
export function columnsOf(
  from: TaskState,
  change: TaskChange,
  now: number,
  links: TaskLinks,
  hasOwnTime: boolean,
): readonly ColumnValue[] {
  const { isToBeSent } = taskStates[change.state];
  const emptied: Record<string, SqlValue | undefined> = {
    state: change.state,
    assurance: change.assurance,
    reason: change.reason,
    message: change.message,
    vendor_status: change.vendorStatus,
    claim: change.claim,
    bisected_batch: change.bisectedBatch,
    finished_at: isTerminal(change.state) ? now : undefined,
  };
  const lasting: Record<string, SqlValue | undefined> = {
    submission: links.submission ?? (isToBeSent ? null : undefined),
    call: links.call,
    attempts: change.attempts,
    read_before: change.readBefore,
    unread_reason: change.unreadReason === '' ? null : change.unreadReason,
    read_by: change.readBy,
    contradictions: change.contradictions,
    reads: change.reads,
    submitted_at: change.submittedAt,
  };
  return [
    ...Object.entries(emptied).map(([column, value]) => ({ column, values: [value ?? null] })),
    ...Object.entries(lasting).flatMap(([column, value]) => (value === undefined ? [] : [{ column, values: [value] }])),
    nextAtOf(change, hasOwnTime),
    ...effectOf(from, change),
  ];
}

// Nothing is sent before a waiting period is over, whatever happens in between.
function nextAtOf({ state, nextAt }: TaskChange, hasOwnTime: boolean): ColumnValue {
  const column = 'next_at';
  if (nextAt === undefined || !hasOwnTime) return { column, values: [null] };
  if (!taskStates[state].isToBeSent) return { column, values: [nextAt] };
  const expression = 'CASE WHEN not_before > ? THEN not_before ELSE CAST(? AS bigint) END';
  return { column, values: [nextAt, nextAt], expression };
}

// Whether the vendor may have acted: what a state says of it, and what the vendor says of a call that was in doubt.
function effectOf(from: TaskState, { state, isNotExecuted, isUnsent }: TaskChange): readonly ColumnValue[] {
  const column = 'effect';
  if (isUnsent === true) return [];
  const { effect } = taskStates[state];
  if (effect === 'possible') return [{ column, values: ['possible'] }];
  // One call more without a clear answer.
  if (effect === 'unknown' && from === 'submitting') {
    return [{ column, values: [], expression: `CASE effect WHEN 'none' THEN 'unknown' ELSE 'possible' END` }];
  }
  if (isNotExecuted !== true) return [];
  return [{ column, values: [], expression: `CASE effect WHEN 'unknown' THEN 'none' ELSE effect END` }];
}

/** The statement that writes them, up to its condition. */
export function updateOf(columns: readonly ColumnValue[]): string {
  const set = columns.map(({ column, expression = '?' }) => `${column} = ${expression}`);
  if (columns.some(({ column, values }) => column === 'submission' && values[0] !== null)) set.push(oneMoreJob);
  return `UPDATE tasks SET ${set.join(', ')}`;
}

/** Goes with a new submission. */
const oneMoreJob = 'jobs = jobs + 1';

/** Tasks that are linked with one statement: a text for each of these numbers, of which a database keeps each prepared. */
const tasksPerStatement = [25, 5, 1] as const;

/** Links each of many tasks to what is its own: the call that carries it, or the submission that it waits for. */
export async function linkTasks(
  sql: Sql,
  column: 'call' | 'submission',
  ids: readonly number[],
  links: ReadonlyMap<number, number>,
): Promise<void> {
  const linked = ids.filter((id) => links.has(id));
  let next = 0;
  for (const size of tasksPerStatement) {
    for (; next + size <= linked.length; next += size) {
      const some = linked.slice(next, next + size);
      await sql.run(linkText(column, size), ...some.flatMap((id) => [id, links.get(id) ?? null]), ...some);
    }
  }
}

function linkText(column: 'call' | 'submission', tasks: number): string {
  const cases = Array.from({ length: tasks }, () => 'WHEN ? THEN CAST(? AS bigint)').join(' ');
  const ids = Array.from({ length: tasks }, () => '?').join(', ');
  const jobs = column === 'submission' ? `, ${oneMoreJob}` : '';
  return `UPDATE tasks SET ${column} = CASE id ${cases} END${jobs} WHERE id IN (${ids})`;
}
