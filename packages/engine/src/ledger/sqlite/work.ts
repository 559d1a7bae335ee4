import { type CallKind, type CheckPart, type Receipt, receiptSchema, type Target, targetSchema } from '@expunge/core';
import type { TaskState } from '../../task-state.ts';
import type { CallResult, Claim, DueOptions, LedgerTask, OpenSubmission, TaskChange, TaskStep } from '../ledger.ts';
import { changeTask } from './change-tasks.ts';
import { placeOfTarget, type Store } from './store.ts';

interface TaskRecord {
  readonly id: number;
  readonly connector: number;
  readonly state: TaskState;
  readonly digest: Uint8Array;
  readonly sealed: Uint8Array;
  readonly attempts: number;
  readonly call: number | null;
  readonly split: number | null;
  readonly claim: Claim | null;
  readonly seen_before: number;
  readonly contradictions: number;
  readonly reads: number;
}

const taskColumns =
  'id, connector, state, digest, sealed, attempts, call, split, claim, seen_before, contradictions, reads';

/** Tasks of a connector that are due in a state. */
export function dueTasks(
  store: Store,
  connector: number,
  state: TaskState,
  options: DueOptions,
): readonly LedgerTask[] {
  const conditions = ['connector = ?1', 'state = ?2', 'next_at <= ?3'];
  const values: (number | string)[] = [connector, state, options.now, options.limit];
  if (options.targetType !== undefined) {
    values.push(options.targetType);
    conditions.push(`target_type = ?${values.length}`);
  }
  if (options.split === null) conditions.push('split IS NULL');
  if (typeof options.split === 'number') {
    values.push(options.split);
    conditions.push(`split = ?${values.length}`);
  }
  const index = typeof options.split === 'number' ? 'tasks_split' : 'tasks_due';
  return store
    .all<TaskRecord>(
      `SELECT ${taskColumns} FROM tasks INDEXED BY ${index} WHERE ${conditions.join(' AND ')} AND next_at IS NOT NULL
       ORDER BY next_at, id LIMIT ?4`,
      ...values,
    )
    .map((row) => toTask(store, row));
}

/** What one call without a clear answer carried. */
export function doubtfulCall(
  store: Store,
  call: number,
): { startedAt: number; tasks: readonly LedgerTask[]; targets: readonly Target[] | undefined } {
  const record = store.get<{ started_at: number; targets: number }>(
    'SELECT started_at, targets FROM calls WHERE id = ?',
    call,
  );
  if (record === undefined) throw new Error('The ledger has no such call.');
  const carried = store
    .all<TaskRecord>(
      `SELECT ${taskColumns} FROM tasks INDEXED BY tasks_call
       WHERE call IS NOT NULL AND leader IS NULL AND state IN ('submitting', 'in-doubt', 'held') AND call = ? ORDER BY id`,
      call,
    )
    .map((row) => toTask(store, row));
  return {
    startedAt: record.started_at,
    tasks: carried.filter((task) => task.state === 'in-doubt'),
    targets: carried.length === record.targets ? carried.map((task) => task.target) : undefined,
  };
}

function toTask(store: Store, row: TaskRecord): LedgerTask {
  const text = store.sealer.open(row.sealed, placeOfTarget(row.connector, row.digest));
  const target: Target = targetSchema.parse(JSON.parse(text));
  return {
    id: row.id,
    state: row.state,
    target,
    attempts: row.attempts,
    callId: row.call ?? undefined,
    split: row.split ?? undefined,
    claim: row.claim ?? undefined,
    seenBefore: row.seen_before === 1,
    contradictions: row.contradictions,
    reads: row.reads,
  };
}

/** Submissions of a connector that are due to be asked about. */
export function dueSubmissions(store: Store, connector: number, now: number, limit: number): readonly OpenSubmission[] {
  return store
    .sql(
      `SELECT id, receipt, submitted_at, checks, failures,
         (SELECT max(jobs) FROM tasks WHERE submission = submissions.id) AS jobs
       FROM submissions WHERE connector = ? AND next_at <= ? ORDER BY next_at, id LIMIT ?`,
    )
    .all(connector, now, limit)
    .map(toSubmission);
}

/** A row of the table of submissions. */
export function toSubmission(row: Record<string, unknown>): OpenSubmission {
  const receipt: Receipt = receiptSchema.parse(JSON.parse(String(row.receipt)));
  return {
    id: Number(row.id),
    receipt,
    submittedAt: Number(row.submitted_at),
    checks: Number(row.checks),
    failures: Number(row.failures),
    jobs: Number(row.jobs ?? 0),
  };
}

// Between a look at a task and what follows from it, somebody may have called it off or held it back.
function hasMoved(store: Store, task: LedgerTask): boolean {
  return store.get<{ state: TaskState }>('SELECT state FROM tasks WHERE id = ?', task.id)?.state !== task.state;
}

/** Notes that a call begins; the tasks of a submission go with it. Undefined where a task is no longer what it was. */
export function beginCall(
  store: Store,
  connector: number,
  kind: CallKind,
  tasks: readonly LedgerTask[],
  now: number,
): number | undefined {
  if (tasks.some((task) => hasMoved(store, task))) return undefined;
  const { lastInsertRowid } = store
    .sql('INSERT INTO calls (connector, kind, targets, started_at) VALUES (?, ?, ?, ?)')
    .run(connector, kind, tasks.length, now);
  const call = Number(lastInsertRowid);
  store.audit.add({
    type: 'call-begun',
    call,
    connector: store.connectorName(connector),
    kind,
    targets: tasks.length,
  });
  if (kind === 'submit') {
    for (const task of tasks) {
      changeTask(store, task.id, { state: 'submitting', split: task.split }, now, { call });
    }
  }
  return call;
}

/** Notes how a call ended. */
export function finishCall(store: Store, call: number, result: CallResult, now: number): void {
  store.sql('UPDATE calls SET ended_at = ?, result = ? WHERE id = ?').run(now, result, call);
  store.audit.add({ type: 'call-ended', call, result });
}

/** Moves tasks that are still what they were. */
export function moveTasks(store: Store, steps: readonly TaskStep[], now: number): void {
  for (const { task, change } of steps) if (!hasMoved(store, task)) changeTask(store, task.id, change, now);
}

/** Moves the tasks of a call; equal receipts become one submission. What has moved meanwhile stays where it is. */
export function takeSteps(
  store: Store,
  call: number,
  steps: readonly TaskStep[],
  firstCheckAt: number,
  now: number,
): void {
  const submissions = new Map<string, number>();
  for (const { task, change, receipt } of steps) {
    if (hasMoved(store, task) && !isSubmittedBy(store, task, call)) continue;
    let submission: number | undefined;
    if (receipt !== undefined) {
      const text = JSON.stringify(receipt);
      submission = submissions.get(text) ?? addSubmission(store, call, text, firstCheckAt, now);
      submissions.set(text, submission);
    }
    changeTask(store, task.id, change, now, { submission });
    if (submission !== undefined)
      store.sql('UPDATE tasks SET jobs = jobs + 1 WHERE id = ?1 OR leader = ?1').run(task.id);
  }
}

function isSubmittedBy(store: Store, task: LedgerTask, call: number): boolean {
  return (
    store.get(`SELECT 1 FROM tasks WHERE id = ? AND state = 'submitting' AND call = ?`, task.id, call) !== undefined
  );
}

function addSubmission(store: Store, call: number, receipt: string, firstCheckAt: number, now: number): number {
  const { lastInsertRowid } = store
    .sql(
      `INSERT INTO submissions (connector, receipt, submitted_at, next_at)
       SELECT connector, ?, ?, ? FROM calls WHERE id = ?`,
    )
    .run(receipt, now, firstCheckAt, call);
  return Number(lastInsertRowid);
}

/** Notes that a submission is to be asked about again. */
export function postponeCheck(
  store: Store,
  submission: number,
  options: { result: CallResult; nextAt: number | undefined; vendorStatus?: string | undefined },
): void {
  const failed = options.result !== 'answered';
  store
    .sql(
      `UPDATE submissions SET checks = checks + 1, failures = CASE WHEN ?1 THEN failures + 1 ELSE 0 END,
         last_error = CASE WHEN ?1 THEN ?2 ELSE NULL END, vendor_status = coalesce(?3, vendor_status), next_at = ?4 WHERE id = ?5`,
    )
    .run(Number(failed), options.result, options.vendorStatus ?? null, options.nextAt ?? null, submission);
}

/** Ends a submission: all tasks that wait for it go where `change` says. */
export function endSubmission(
  store: Store,
  submission: number,
  end: { change: TaskChange; parts?: readonly CheckPart[] | undefined },
  now: number,
): void {
  store
    .sql(
      'UPDATE submissions SET checks = checks + 1, failures = 0, last_error = NULL, vendor_status = ?, parts = ?, next_at = NULL WHERE id = ?',
    )
    .run(end.change.vendorStatus ?? null, end.parts === undefined ? null : JSON.stringify(end.parts), submission);
  const tasks = store
    .sql(`SELECT id FROM tasks WHERE submission = ? AND state = 'waiting' AND leader IS NULL`)
    .all(submission);
  for (const row of tasks) changeTask(store, Number(row.id), end.change, now);
}

/** The earliest time at which something becomes due, per kind of work. */
export function nextDue(store: Store, connector: number): Partial<Record<string, number>> {
  const due: Partial<Record<string, number>> = {};
  for (const state of ['pre-read', 'ready', 'in-doubt', 'read-back']) {
    const at = store
      .sql(
        'SELECT min(next_at) AS at FROM tasks INDEXED BY tasks_due WHERE connector = ? AND state = ? AND next_at IS NOT NULL',
      )
      .get(connector, state)?.at;
    if (typeof at === 'number') due[state] = at;
  }
  const at = store
    .sql('SELECT min(next_at) AS at FROM submissions WHERE connector = ? AND next_at IS NOT NULL')
    .get(connector)?.at;
  if (typeof at === 'number') due.waiting = at;
  return due;
}

/** Tasks whose call a crash has cut off are in doubt: nobody knows whether the vendor acted. */
export function doubtInterrupted(store: Store, now: number): void {
  const tasks = store.sql(`SELECT id, attempts FROM tasks INDEXED BY tasks_stuck
     WHERE state IN ('submitting', 'in-doubt') AND connector = ? AND state = 'submitting' AND leader IS NULL`);
  for (const connector of store.connectors()) {
    for (const row of tasks.all(connector.id)) {
      changeTask(
        store,
        Number(row.id),
        {
          state: 'in-doubt',
          reason: 'interrupted',
          message: 'The process ended during the call; whether the vendor acted is not known yet.',
          attempts: Number(row.attempts) + 1,
          nextAt: now,
        },
        now,
      );
    }
  }
  const open = store.all<{ id: number }>('SELECT id FROM calls INDEXED BY calls_open WHERE ended_at IS NULL');
  for (const call of open) finishCall(store, call.id, 'interrupted', now);
}
