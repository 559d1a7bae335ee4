import type { Assurance } from '@expunge/core';
import { isTerminal, type TaskState } from '../../task-state.ts';
import type { TaskChange } from '../ledger.ts';
import { hasOrder, isBlocked, isUnsent, releaseBlocked } from './order.ts';
import type { Store } from './store.ts';

interface TaskRecord {
  readonly id: number;
  readonly request: number;
  readonly connector: number;
  readonly state: TaskState;
  readonly assurance: Assurance | null;
  readonly reason: string | null;
  readonly attempts: number;
}

/**
 * Moves one task, and every task that follows it, to another state: the only way in which a task changes.
 * Keeps the counts and the requests' settlement true in the same transaction.
 */
export function changeTask(
  store: Store,
  taskId: number,
  wanted: TaskChange,
  now: number,
  links: { readonly submission?: number | undefined; readonly call?: number | undefined } = {},
): void {
  const change = isHeldBack(store, taskId) ? holdBack(wanted) : wanted;
  const record = store.get<TaskRecord>(
    'SELECT id, request, connector, state, assurance, reason, attempts FROM tasks WHERE id = ?',
    taskId,
  );
  if (record === undefined) throw new Error('The ledger has no such task.');
  // What was never sent still waits for the connectors that come first, also after a hold.
  const couldBeSent = change.nextAt !== undefined && (change.state === 'ready' || change.state === 'pre-read');
  const isWaiting = couldBeSent && record.attempts === 0 && isBlocked(store, record.request, record.connector);
  writeChange(store, record, change, now, links, isWaiting ? undefined : change.nextAt);
  if (isWaiting) store.sql('UPDATE tasks SET resume_at = ? WHERE id = ?').run(change.nextAt ?? now, record.id);
  const followers = store.all<TaskRecord>(
    'SELECT id, request, connector, state, assurance, reason, attempts FROM tasks WHERE leader = ?',
    taskId,
  );
  // A follower has no clock of its own: it goes where its leader goes.
  for (const follower of followers) writeChange(store, follower, change, now, links, undefined);
}

/** Whether a task, or one that follows it, belongs to a request that is held back: one call would delete the record for all. */
export function isHeldBack(store: Store, taskId: number): boolean {
  if (store.get('SELECT 1 FROM held_requests LIMIT 1') === undefined) return false;
  const held = store.get(
    `SELECT 1 FROM tasks JOIN held_requests ON held_requests.request = tasks.request WHERE tasks.id = ?1 OR tasks.leader = ?1`,
    taskId,
  );
  return held !== undefined;
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

function writeChange(
  store: Store,
  record: TaskRecord,
  change: TaskChange,
  now: number,
  links: { readonly submission?: number | undefined; readonly call?: number | undefined },
  nextAt: number | undefined,
): void {
  const ends = isTerminal(change.state);
  store
    .sql(
      `UPDATE tasks SET state = ?, assurance = ?, reason = ?, message = ?, vendor_status = ?, claim = ?, next_at = ?, split = ?,
         submission = coalesce(?, CASE WHEN ? IN ('ready', 'pre-read') THEN NULL ELSE submission END), call = coalesce(?, call),
         attempts = coalesce(?, attempts), seen_before = coalesce(?, seen_before),
         contradictions = coalesce(?, contradictions), reads = coalesce(?, reads),
         submitted_at = coalesce(?, submitted_at), finished_at = ?, held_from = ?,
         resume_at = NULL
       WHERE id = ?`,
    )
    .run(
      change.state,
      change.assurance ?? null,
      change.reason ?? null,
      change.message ?? null,
      change.vendorStatus ?? null,
      change.claim ?? null,
      nextAt ?? null,
      change.split ?? null,
      links.submission ?? null,
      change.state,
      links.call ?? null,
      change.attempts ?? null,
      change.seenBefore === undefined ? null : Number(change.seenBefore),
      change.contradictions ?? null,
      change.reads ?? null,
      change.submittedAt ?? null,
      ends ? now : null,
      change.heldFrom ?? null,
      record.id,
    );
  const { connector } = record;
  store.counts.add({ connector, state: record.state, assurance: record.assurance, reason: record.reason }, -1);
  store.counts.add(
    { connector, state: change.state, assurance: change.assurance ?? null, reason: change.reason ?? null },
    1,
  );
  store.audit.addMove(record.id, {
    connector: store.connectorName(connector),
    from: record.state,
    to: change.state,
    reason: change.reason,
    assurance: change.assurance,
    vendorStatus: change.vendorStatus,
    call: links.call,
  });
  if (isUnsent(record.state) && !isUnsent(change.state) && hasOrder(store)) releaseBlocked(store, record.request);
  const ended = isTerminal(record.state);
  if (ends !== ended) countOpenTasks(store, record.request, ends ? -1 : 1, now);
}

/** Notes that a request has more or fewer open tasks; with none left it is settled. */
export function countOpenTasks(store: Store, request: number, difference: number, now: number): void {
  store
    .sql(
      `UPDATE requests SET open_tasks = open_tasks + ?1, settled_at = CASE WHEN open_tasks + ?1 = 0 THEN ?2 ELSE NULL END
       WHERE id = ?3`,
    )
    .run(difference, now, request);
}
