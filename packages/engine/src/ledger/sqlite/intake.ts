import type { TaskState } from '../../task-state.ts';
import type { AddResult, PlannedRequest, PlannedTask } from '../ledger.ts';
import { canonicalSubject, canonicalTarget } from '../ledger.ts';
import { changeTask, countOpenTasks } from './change-tasks.ts';
import { placeOfSubject, placeOfTarget, type Store } from './store.ts';

interface KnownRequest {
  readonly id: number;
  readonly subject_digest: Uint8Array;
  readonly settled_at: number | null;
}

/** Adds one request with its tasks, within a transaction. */
export function addRequest(store: Store, planned: PlannedRequest, now: number): AddResult {
  const { request } = planned;
  const subject = canonicalSubject(request.subject);
  const digest = store.sealer.digest(subject);
  const known = store.get<KnownRequest>(
    'SELECT id, subject_digest, settled_at FROM requests WHERE request_id = ?',
    request.id,
  );
  if (known !== undefined) {
    if (Buffer.compare(known.subject_digest, digest) !== 0) return { type: 'conflict', isSettled: false };
    const added = addMissingTasks(store, known.id, planned.tasks, now);
    return { type: 'known', isSettled: known.settled_at !== null && added === 0 };
  }
  const { lastInsertRowid } = store
    .sql(
      `INSERT INTO requests (request_id, subject_digest, law, received_at, due_at, accepted_at, open_tasks, sealed)
       VALUES (?, ?, ?, ?, ?, ?, 0, ?)`,
    )
    .run(
      request.id,
      digest,
      request.law,
      Date.parse(request.receivedAt),
      Date.parse(request.dueAt),
      now,
      store.sealer.seal(JSON.stringify(request.subject), placeOfSubject(request.id)),
    );
  const id = Number(lastInsertRowid);
  let open = 0;
  for (const task of planned.tasks) open += addTask(store, id, task, now);
  countOpenTasks(store, id, open, now);
  return { type: 'added', isSettled: false };
}

// A connector that was configured, or given the right identifiers, after the request came in: its tasks are added
// when the request comes in again.
function addMissingTasks(store: Store, request: number, tasks: readonly PlannedTask[], now: number): number {
  const connectors = new Set(tasks.filter((task) => task.target !== undefined).map((task) => task.connector));
  let added = 0;
  for (const connector of connectors) {
    const existing = store
      .sql('SELECT id, state FROM tasks WHERE request = ? AND connector = ?')
      .all(request, store.connectorId(connector));
    if (existing.some((row) => row.state !== 'skipped')) continue;
    for (const row of existing) removeSkipped(store, Number(row.id), store.connectorId(connector));
    for (const task of tasks) if (task.connector === connector) added += addTask(store, request, task, now);
  }
  if (added > 0) countOpenTasks(store, request, added, now);
  return added;
}

function removeSkipped(store: Store, task: number, connector: number): void {
  const reason = store.sql('SELECT reason FROM tasks WHERE id = ?').get(task)?.reason;
  store.sql('DELETE FROM tasks WHERE id = ?').run(task);
  store.counts.add(
    { connector, state: 'skipped', assurance: null, reason: typeof reason === 'string' ? reason : null },
    -1,
  );
}

/** Adds one task; returns how many open tasks that makes (0 or 1). */
function addTask(store: Store, request: number, task: PlannedTask, now: number): 0 | 1 {
  const connector = store.connectorId(task.connector);
  if (task.target === undefined) {
    store
      .sql(`INSERT INTO tasks (request, connector, state, reason, finished_at) VALUES (?, ?, 'skipped', ?, ?)`)
      .run(request, connector, task.reason ?? null, now);
    store.counts.add({ connector, state: 'skipped', assurance: null, reason: task.reason ?? null }, 1);
    return 0;
  }
  const digest = store.sealer.digest(canonicalTarget(task.target));
  const leader = store
    .sql(
      `SELECT id, state FROM tasks WHERE connector = ? AND digest = ? AND leader IS NULL AND attempts = 0 AND state IN ('pre-read', 'ready')`,
    )
    .get(connector, digest);
  const state = leader === undefined ? task.state : (leader.state as PlannedTask['state']);
  store
    .sql(
      `INSERT INTO tasks (request, connector, state, target_type, digest, sealed, leader, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      request,
      connector,
      state,
      task.target.type,
      digest,
      store.sealer.seal(JSON.stringify(task.target), placeOfTarget(connector, digest)),
      leader === undefined ? null : Number(leader.id),
      leader === undefined ? now : null,
    );
  store.counts.add({ connector, state, assurance: null, reason: null }, 1);
  return 1;
}

/** Cancels the tasks of a request that were never sent, within a transaction. */
export function cancelUnsent(
  store: Store,
  requestId: string,
  now: number,
): { cancelled: number; tooLate: number } | undefined {
  const request = store.sql('SELECT id FROM requests WHERE request_id = ?').get(requestId);
  if (request === undefined) return undefined;
  const tasks = store.all<{ id: number; state: TaskState; attempts: number; leader: number | null }>(
    'SELECT id, state, attempts, leader FROM tasks WHERE request = ?',
    Number(request.id),
  );
  let cancelled = 0;
  let tooLate = 0;
  for (const task of tasks) {
    if (task.state === 'skipped' || task.state === 'cancelled') continue;
    const isUnsent = (task.state === 'ready' || task.state === 'pre-read') && task.attempts === 0;
    if (!isUnsent) {
      tooLate += 1;
      continue;
    }
    const heir = task.leader === null ? detachFollowers(store, task.id) : undefined;
    if (task.leader !== null) store.sql('UPDATE tasks SET leader = NULL WHERE id = ?').run(task.id);
    changeTask(store, task.id, { state: 'cancelled', reason: 'by-request' }, now);
    if (heir !== undefined) store.sql('UPDATE tasks SET leader = NULL, next_at = ? WHERE id = ?').run(now, heir);
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
