import type { TaskState } from '../../task-state.ts';
import type { AddResult, PlannedRequest, PlannedTask } from '../ledger.ts';
import { canonicalSubject, canonicalTarget } from '../ledger.ts';
import { toRanges } from '../number-ranges.ts';
import { changeTask, countOpenTasks } from './change-tasks.ts';
import { holdAtIntake, holdLikeOthers, inheritHolds } from './holds.ts';
import { blockTasks, releaseBlocked } from './order.ts';
import { placeOfSubject, placeOfTarget, type Store } from './store.ts';

interface KnownRequest {
  readonly id: number;
  readonly subject_digest: Uint8Array;
  readonly settled_at: number | null;
}

/** Adds one request with its tasks, within a transaction. */
export function addRequest(store: Store, planned: PlannedRequest, intake: number, now: number): AddResult {
  const { request } = planned;
  const subject = canonicalSubject(request.subject);
  const digest = store.sealer.digest(subject);
  const known = store.get<KnownRequest>(
    'SELECT id, subject_digest, settled_at FROM requests WHERE request_id = ?',
    request.id,
  );
  if (known !== undefined) {
    if (Buffer.compare(known.subject_digest, digest) !== 0) return { type: 'conflict', isSettled: false };
    store.sql('UPDATE requests SET intake = ? WHERE id = ?').run(intake, known.id);
    const added = addMissingTasks(store, known.id, planned, now);
    return { type: 'known', isSettled: known.settled_at !== null && added === 0 };
  }
  const { lastInsertRowid } = store
    .sql(
      `INSERT INTO requests (request_id, subject_digest, law, received_at, due_at, accepted_at, open_tasks, intake, sealed)
       VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)`,
    )
    .run(
      request.id,
      digest,
      request.law,
      Date.parse(request.receivedAt),
      Date.parse(request.dueAt),
      now,
      intake,
      store.sealer.seal(JSON.stringify(request.subject), placeOfSubject(request.id)),
    );
  const id = Number(lastInsertRowid);
  const tasks = planned.tasks.map((task) => addTask(store, id, task, planned.notBefore, now));
  countOpenTasks(store, id, tasks.filter((task) => task.isOpen).length, now);
  store.audit.add({
    type: 'accepted',
    request: id,
    requestId: request.id,
    subject: Buffer.from(digest).toString('hex'),
    law: request.law,
    receivedAt: request.receivedAt,
    dueAt: request.dueAt,
    tasks: toRanges(tasks.map((task) => task.id)),
  });
  blockTasks(store, id);
  holdAtIntake(store, id, request.subject.identifiers, now);
  holdLikeOthers(store, id, now);
  return { type: 'added', isSettled: false };
}

// A connector that was configured, or given the right identifiers, after the request came in: its tasks are added
// when the request comes in again.
function addMissingTasks(store: Store, request: number, planned: PlannedRequest, now: number): number {
  const connectors = new Set(planned.tasks.filter((task) => task.target !== undefined).map((task) => task.connector));
  const added: AddedTask[] = [];
  for (const connector of connectors) {
    const existing = store.all<{ id: number; state: TaskState }>(
      'SELECT id, state FROM tasks WHERE request = ? AND connector = ?',
      request,
      store.connectorId(connector),
    );
    if (existing.some((task) => task.state !== 'skipped')) continue;
    for (const task of existing) removeSkipped(store, task.id, store.connectorId(connector));
    for (const task of planned.tasks) {
      if (task.connector === connector) added.push(addTask(store, request, task, planned.notBefore, now));
    }
  }
  if (added.length === 0) return 0;
  countOpenTasks(store, request, added.length, now);
  // It may be forgotten who the request was about: now it has work again, and is to be found and forgotten again.
  const { id, subject } = planned.request;
  store
    .sql('UPDATE requests SET sealed = coalesce(sealed, ?) WHERE id = ?')
    .run(store.sealer.seal(JSON.stringify(subject), placeOfSubject(id)), request);
  store.audit.add({ type: 'extended', request, tasks: toRanges(added.map((task) => task.id)) });
  blockTasks(store, request);
  holdAtIntake(store, request, planned.request.subject.identifiers, now);
  holdLikeOthers(store, request, now);
  return added.length;
}

function removeSkipped(store: Store, task: number, connector: number): void {
  const reason = store.get<{ reason: string | null }>('SELECT reason FROM tasks WHERE id = ?', task)?.reason ?? null;
  store.sql('DELETE FROM tasks WHERE id = ?').run(task);
  store.counts.add({ connector, state: 'skipped', assurance: null, reason }, -1);
  store.audit.addMove(task, { connector: store.connectorName(connector), from: 'skipped', to: 'replaced' });
}

interface AddedTask {
  readonly id: number;
  readonly isOpen: boolean;
}

function addTask(store: Store, request: number, task: PlannedTask, notBefore: number, now: number): AddedTask {
  const { connector: name, target } = task;
  const connector = store.connectorId(name);
  if (target === undefined) {
    const { lastInsertRowid } = store
      .sql(`INSERT INTO tasks (request, connector, state, reason, finished_at) VALUES (?, ?, 'skipped', ?, ?)`)
      .run(request, connector, task.reason ?? null, now);
    store.counts.add({ connector, state: 'skipped', assurance: null, reason: task.reason ?? null }, 1);
    const id = Number(lastInsertRowid);
    store.audit.addMove(id, { connector: name, from: undefined, to: 'skipped', reason: task.reason });
    return { id, isOpen: false };
  }
  const digest = store.sealer.digest(canonicalTarget(target));
  const leader = store.get<{ id: number; state: TaskState; reason: string | null; message: string | null }>(
    `SELECT id, state, reason, message FROM tasks
     WHERE connector = ? AND digest = ? AND leader IS NULL AND attempts = 0 AND state IN ('pre-read', 'ready', 'held')`,
    connector,
    digest,
  );
  const state = leader?.state ?? task.state;
  const reason = leader?.reason ?? null;
  const { lastInsertRowid } = store
    .sql(
      `INSERT INTO tasks (request, connector, state, reason, message, target_type, digest, sealed, leader, next_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      request,
      connector,
      state,
      reason,
      leader?.message ?? null,
      target.type,
      digest,
      store.sealer.seal(JSON.stringify(target), placeOfTarget(connector, digest)),
      leader?.id ?? null,
      leader === undefined ? Math.max(now, notBefore) : null,
    );
  const id = Number(lastInsertRowid);
  store.counts.add({ connector, state, assurance: null, reason }, 1);
  store.audit.addMove(id, { connector: name, from: undefined, to: state, reason: reason ?? undefined });
  if (leader?.state === 'held') inheritHolds(store, leader.id, request);
  return { id, isOpen: true };
}

/** Cancels the tasks of a request that were never sent, within a transaction. */
export function cancelUnsent(
  store: Store,
  requestId: string,
  now: number,
): { cancelled: number; tooLate: number } | undefined {
  const request = store.sql('SELECT id FROM requests WHERE request_id = ?').get(requestId);
  if (request === undefined) return undefined;
  const tasks = store.all<{
    id: number;
    state: TaskState;
    attempts: number;
    leader: number | null;
    next_at: number | null;
    resume_at: number | null;
  }>('SELECT id, state, attempts, leader, next_at, resume_at FROM tasks WHERE request = ?', Number(request.id));
  let cancelled = 0;
  let tooLate = 0;
  for (const task of tasks) {
    if (task.state === 'skipped' || task.state === 'cancelled') continue;
    const isUnsent = ['ready', 'pre-read', 'held'].includes(task.state) && task.attempts === 0;
    if (!isUnsent) {
      tooLate += 1;
      continue;
    }
    const heir = task.leader === null ? detachFollowers(store, task.id) : undefined;
    if (task.leader !== null) store.sql('UPDATE tasks SET leader = NULL WHERE id = ?').run(task.id);
    changeTask(store, task.id, { state: 'cancelled', reason: 'by-request' }, now);
    // The heir is due when the leader was: not before a waiting period is over, and not by itself while it is held.
    if (heir !== undefined) {
      store
        .sql('UPDATE tasks SET leader = NULL, next_at = ?, resume_at = ? WHERE id = ?')
        .run(task.next_at, task.resume_at, heir);
      releaseBlocked(
        store,
        Number(store.get<{ request: number }>('SELECT request FROM tasks WHERE id = ?', heir)?.request),
      );
    }
    cancelled += 1;
  }
  return { cancelled, tooLate };
}

// Other requests may want the same target gone: the first of them is to lead, once the old leader is out of the way.
// Until then they all follow the heir, the heir itself too, so that the old leader's end is not theirs.
function detachFollowers(store: Store, leader: number): number | undefined {
  const heir = store.sql('SELECT min(id) AS id FROM tasks WHERE leader = ?').get(leader)?.id;
  if (heir === null || heir === undefined) return undefined;
  store.sql('UPDATE tasks SET leader = ? WHERE leader = ?').run(heir, leader);
  return Number(heir);
}
