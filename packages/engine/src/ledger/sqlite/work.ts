import { type CallKind, type CheckPart, type Receipt, receiptSchema, type Target } from '@expunge/core';
import type { TaskState } from '../../task-state.ts';
import type { CallResult, Claim, DueOptions, LedgerTask, OpenSubmission, TaskChange, TaskStep } from '../ledger.ts';
import { parseRanges, toRanges, toRuns } from '../number-ranges.ts';
import { changeTasks } from './change-tasks.ts';
import { hasOrder } from './order.ts';
import type { Store } from './store.ts';

interface TaskRecord {
  readonly id: number;
  readonly connector: number;
  readonly state: TaskState;
  readonly digest: string;
  readonly page: number;
  readonly attempts: number;
  readonly call: number | null;
  readonly split: number | null;
  readonly claim: Claim | null;
  readonly vendor_status: string | null;
  readonly seen_before: number;
  readonly contradictions: number;
  readonly reads: number;
}

const taskColumns =
  'id, connector, state, lower(hex(digest)) AS digest, page, attempts, call, split, claim, vendor_status, seen_before, contradictions, reads';

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
  const record = store.get<{ started_at: number; targets: number; tasks: string }>(
    'SELECT started_at, targets, tasks FROM calls WHERE id = ?',
    call,
  );
  if (record === undefined) throw new Error('The ledger has no such call.');
  const carried = parseRanges(record.tasks)
    .flatMap(({ first, last }) =>
      store.all<TaskRecord>(
        `SELECT ${taskColumns} FROM tasks
         WHERE id BETWEEN ? AND ? AND call = ? AND leader IS NULL AND state IN ('submitting', 'in-doubt', 'held') ORDER BY id`,
        first,
        last,
        call,
      ),
    )
    .map((row) => toTask(store, row));
  return {
    startedAt: record.started_at,
    tasks: carried.filter((task) => task.state === 'in-doubt'),
    targets: carried.length === record.targets ? carried.map((task) => task.target) : undefined,
  };
}

function toTask(store: Store, row: TaskRecord): LedgerTask {
  // Sealed by us and opened under our key: it is what was planned.
  const sealed = store.pages.read(`tasks/${row.connector}`, row.page, row.id, row.digest) as Target;
  // A copy: a connector that changes what it is given must not change what the next call is given, and what is sealed anew.
  const target = sealed.details === undefined ? { ...sealed } : { ...sealed, details: { ...sealed.details } };
  return {
    id: row.id,
    state: row.state,
    target,
    attempts: row.attempts,
    callId: row.call ?? undefined,
    split: row.split ?? undefined,
    claim: row.claim ?? undefined,
    vendorStatus: row.vendor_status ?? undefined,
    seenBefore: row.seen_before === 1,
    contradictions: row.contradictions,
    reads: row.reads,
  };
}

/** Submissions of a connector that are due to be asked about. */
export function dueSubmissions(store: Store, connector: number, now: number, limit: number): readonly OpenSubmission[] {
  return store
    .sql(
      `SELECT id, receipt, submitted_at, checks, failures, vendor_status,
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
    vendorStatus: typeof row.vendor_status === 'string' ? row.vendor_status : undefined,
  };
}

/** Whom a submission is about. */
export function targetsOf(store: Store, submission: number): readonly Target[] {
  return store
    .all<TaskRecord>(
      `SELECT ${taskColumns} FROM tasks WHERE submission = ? AND leader IS NULL AND page IS NOT NULL`,
      submission,
    )
    .map((row) => toTask(store, row).target);
}

/**
 * Which tasks are still what they were, by number: between a look at a task and what follows from it, somebody may have
 * called it off or held it back. A task that `call` submits counts as what it was.
 */
function stillThere(store: Store, tasks: readonly LedgerTask[], call = 0): ReadonlySet<number> {
  const there = new Set<number>();
  for (const state of new Set(tasks.map((task) => task.state))) {
    const runs = toRuns(tasks.filter((task) => task.state === state).map((task) => task.id));
    for (const { first, last } of runs) {
      const moved = store.all<{ id: number }>(
        `SELECT id FROM tasks WHERE id BETWEEN ? AND ? AND NOT (state = ? OR (state = 'submitting' AND call IS ?))`,
        first,
        last,
        state,
        call,
      );
      for (let id = first; id <= last; id += 1) there.add(id);
      for (const { id } of moved) there.delete(id);
    }
  }
  return there;
}

// A request that came in since the look may have to be sent elsewhere before the record that it shares.
function hasToWait(store: Store, task: number): boolean {
  return store.get('SELECT 1 FROM tasks WHERE id = ? AND resume_at IS NOT NULL', task) !== undefined;
}

/** Notes that a call begins; the tasks of a submission go with it. Undefined where a task is no longer what it was. */
export function beginCall(
  store: Store,
  connector: number,
  kind: CallKind,
  tasks: readonly LedgerTask[],
  now: number,
): number | undefined {
  if (stillThere(store, tasks).size < tasks.length) return undefined;
  if (kind === 'submit' && isDoubtHeld(store, tasks)) return undefined;
  const ids = tasks.map((task) => task.id);
  if (hasOrder(store) && ids.some((id) => hasToWait(store, id))) return undefined;
  const { lastInsertRowid } = store
    .sql('INSERT INTO calls (connector, kind, targets, tasks, started_at) VALUES (?, ?, ?, ?, ?)')
    .run(connector, kind, tasks.length, kind === 'submit' ? toRanges(ids) : '', now);
  const call = Number(lastInsertRowid);
  store.audit.add({
    type: 'call-begun',
    call,
    connector: store.connectorName(connector),
    kind,
    targets: tasks.length,
  });
  if (kind === 'submit') {
    // A call carries one part of a rejected batch, or what belongs to none: see `dueTasks`. Sent again it may be mixed.
    for (const alike of runsOf(tasks, (task, other) => task.split === other.split)) {
      const { split } = alike[0];
      const those = alike.map((task) => task.id);
      changeTasks(store, those, { state: 'submitting', split }, now, { call });
    }
  }
  return call;
}

// Whoever is held back in doubt stays in doubt, and only loses the time at which it would be sent again.
function isDoubtHeld(store: Store, tasks: readonly LedgerTask[]): boolean {
  const doubtful = toRuns(tasks.filter((task) => task.state === 'in-doubt').map((task) => task.id));
  return doubtful.some(
    ({ first, last }) =>
      store.get('SELECT 1 FROM tasks WHERE id BETWEEN ? AND ? AND next_at IS NULL LIMIT 1', first, last) !== undefined,
  );
}

/** Notes how a call ended. */
export function finishCall(store: Store, call: number, result: CallResult, now: number): void {
  store.sql('UPDATE calls SET ended_at = ?, result = ? WHERE id = ?').run(now, result, call);
  store.audit.add({ type: 'call-ended', call, result });
}

/** Moves tasks that are still what they were. */
export function moveTasks(store: Store, steps: readonly TaskStep[], now: number): void {
  moveAlike(store, keepThere(store, steps), now);
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
  moveAlike(store, keepThere(store, steps, call), now, (receipt) => {
    const text = JSON.stringify(receipt);
    const submission = submissions.get(text) ?? addSubmission(store, call, text, firstCheckAt, now);
    submissions.set(text, submission);
    return submission;
  });
}

function keepThere(store: Store, steps: readonly TaskStep[], call?: number): readonly TaskStep[] {
  const tasks = steps.map(({ task }) => task);
  const there = stillThere(store, tasks, call);
  return there.size === steps.length ? steps : steps.filter(({ task }) => there.has(task.id));
}

// Steps in a row that are the same but for the task are one move of many.
function moveAlike(
  store: Store,
  steps: readonly TaskStep[],
  now: number,
  submissionOf?: (receipt: Receipt) => number,
): void {
  for (const alike of runsOf(steps, isSameStep)) {
    const { change, receipt } = alike[0];
    const submission = receipt === undefined ? undefined : submissionOf?.(receipt);
    const ids = alike.map(({ task }) => task.id);
    changeTasks(store, ids, change, now, { submission });
  }
}

function isSameStep(step: TaskStep, other: TaskStep): boolean {
  if (step.receipt !== other.receipt && JSON.stringify(step.receipt) !== JSON.stringify(other.receipt)) return false;
  if (step.change === other.change) return true;
  const keys = Object.keys(step.change) as (keyof TaskChange)[];
  // A key that stands there without a value is not the same as another key that is missing.
  return (
    keys.length === Object.keys(other.change).length &&
    keys.every((key) => Object.hasOwn(other.change, key) && step.change[key] === other.change[key])
  );
}

/** Splits a list where neighbours differ. */
function runsOf<Item>(
  items: readonly Item[],
  isSame: (item: Item, other: Item) => boolean,
): readonly (readonly [Item, ...Item[]])[] {
  const runs: [Item, ...Item[]][] = [];
  let run: [Item, ...Item[]] | undefined;
  for (const item of items) {
    if (run !== undefined && isSame(run[0], item)) run.push(item);
    else {
      run = [item];
      runs.push(run);
    }
  }
  return runs;
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
  const ids = tasks.map((row) => Number(row.id));
  changeTasks(store, ids, end.change, now);
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
  const open = store.all<{ id: number; tasks: string }>(
    'SELECT id, tasks FROM calls INDEXED BY calls_open WHERE ended_at IS NULL',
  );
  for (const call of open) {
    for (const { first, last } of parseRanges(call.tasks)) {
      const tasks = store.all<{ id: number; attempts: number }>(
        `SELECT id, attempts FROM tasks
         WHERE id BETWEEN ? AND ? AND call = ? AND state = 'submitting' AND leader IS NULL ORDER BY id`,
        first,
        last,
        call.id,
      );
      for (const alike of runsOf(tasks, (task, other) => task.attempts === other.attempts)) {
        const ids = alike.map((task) => task.id);
        changeTasks(store, ids, interrupted(alike[0].attempts + 1, now), now);
      }
    }
    finishCall(store, call.id, 'interrupted', now);
  }
}

function interrupted(attempts: number, now: number): TaskChange {
  return {
    state: 'in-doubt',
    reason: 'interrupted',
    message: 'The process ended during the call; whether the vendor acted is not known yet.',
    attempts,
    nextAt: now,
  };
}
