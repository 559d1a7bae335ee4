import type { Identifier } from '@expunge/core';
import type { TaskState } from '../../task-state.ts';
import { canonicalIdentifier, type Hold } from '../ledger.ts';
import { changeTask } from './change-tasks.ts';
import { hasHeldRequests, isHeldBack } from './held-requests.ts';
import { type RequestRecord, readIdentifiers, toIso } from './reading.ts';
import type { Store } from './store.ts';

/** Holds back everybody with an identifier. Returns the requests held back now; undefined where they were already. */
export function addHold(store: Store, identifier: Identifier, reason: string, now: number): number | undefined {
  const { changes, lastInsertRowid } = store
    .sql(
      'INSERT INTO holds (identifier_type, digest, reason, added_at) VALUES (?, unhex(?), ?, ?) ON CONFLICT DO NOTHING',
    )
    .run(identifier.type, store.sealer.digest(canonicalIdentifier(identifier)), reason, now);
  if (changes === 0) return undefined;
  const hold = Number(lastInsertRowid);
  const wanted = canonicalIdentifier(identifier);
  // Who is in a request can only be learned by opening it. Settled ones too: what failed there may be tried again.
  for (const record of store.all<RequestRecord>('SELECT * FROM requests WHERE page IS NOT NULL')) {
    const identifiers = readIdentifiers(store, record) ?? [];
    if (identifiers.some((each) => canonicalIdentifier(each) === wanted)) holdRequest(store, hold, record.id, now);
  }
  const held = heldBy(store, hold);
  store.audit.add({ type: 'hold-added', hold, requests: held.length });
  return held.length;
}

/** Releases everybody with an identifier. Returns the requests released; undefined where there is no such hold. */
export function removeHold(store: Store, identifier: Identifier, now: number): number | undefined {
  const digest = store.sealer.digest(canonicalIdentifier(identifier));
  const hold = store.get<{ id: number }>('SELECT id FROM holds WHERE digest = unhex(?)', digest)?.id;
  if (hold === undefined) return undefined;
  const requests = heldBy(store, hold);
  store.sql('DELETE FROM held_requests WHERE hold = ?').run(hold);
  store.sql('DELETE FROM holds WHERE id = ?').run(hold);
  let released = 0;
  for (const request of requests) if (release(store, request, now)) released += 1;
  store.audit.add({ type: 'hold-removed', hold, requests: released });
  return released;
}

function release(store: Store, request: number, now: number): boolean {
  if (store.get('SELECT 1 FROM held_requests WHERE request = ?', request) !== undefined) return false;
  const tasks = store.all<{ lead: number; state: TaskState; held_from: 'pre-read' | 'ready' | null }>(
    `SELECT DISTINCT coalesce(leader, id) AS lead, state, held_from FROM tasks
     WHERE request = ? AND (state = 'held' OR state = 'in-doubt')`,
    request,
  );
  for (const { lead, state, held_from: heldFrom } of tasks) {
    // The leader's other requests may be held by another hold still.
    if (isHeldBack(store, lead)) continue;
    if (state === 'held') changeTask(store, lead, { state: heldFrom ?? 'ready', nextAt: now }, now);
    else store.sql('UPDATE tasks SET next_at = coalesce(next_at, ?) WHERE id = ?').run(now, lead);
  }
  return true;
}

/** All holds, oldest first. */
export function readHolds(store: Store): readonly Hold[] {
  return store
    .all<{ id: number; identifier_type: string; reason: string; added_at: number }>('SELECT * FROM holds ORDER BY id')
    .map((row) => ({
      identifierType: row.identifier_type,
      reason: row.reason,
      addedAt: toIso(row.added_at),
      requests: heldBy(store, row.id).length,
    }));
}

/** Holds a request back that has just come in, where one of its identifiers is on the list. */
export function holdAtIntake(store: Store, request: number, identifiers: readonly Identifier[], now: number): void {
  if (store.get('SELECT 1 FROM holds LIMIT 1') === undefined) return;
  for (const identifier of identifiers) {
    const digest = store.sealer.digest(canonicalIdentifier(identifier));
    const hold = store.get<{ id: number }>('SELECT id FROM holds WHERE digest = unhex(?)', digest)?.id;
    if (hold !== undefined) holdRequest(store, hold, request, now);
  }
}

/** A request that asks for a record which is held back for another request is held back like that one, whatever became of it. */
export function holdLikeOthers(store: Store, request: number, now: number): void {
  if (!hasHeldRequests(store)) return;
  const { changes } = store
    .sql(
      `INSERT OR IGNORE INTO held_requests (hold, request)
       SELECT DISTINCT hold, ?1 FROM tasks AS own
       JOIN tasks AS other ON other.connector = own.connector AND other.digest = own.digest
       JOIN held_requests ON held_requests.request = other.request
       WHERE own.request = ?1 AND own.digest IS NOT NULL`,
    )
    .run(request);
  if (changes === 0) return;
  const tasks = store.all<{ id: number; state: TaskState }>(
    `SELECT id, state FROM tasks WHERE request = ? AND leader IS NULL AND state IN ('pre-read', 'ready')`,
    request,
  );
  for (const { id, state } of tasks) changeTask(store, id, { state, nextAt: now }, now);
}

/** A request that joins a held target is held for the same reasons. */
export function inheritHolds(store: Store, leader: number, request: number): void {
  store
    .sql(
      `INSERT OR IGNORE INTO held_requests (hold, request)
       SELECT hold, ? FROM held_requests JOIN tasks ON tasks.request = held_requests.request
       WHERE tasks.id = ? OR tasks.leader = ?`,
    )
    .run(request, leader, leader);
}

// Every task of the request that could be sent, for the first time or again, and with it everybody who asks for the same
// record: one call would delete it for all.
function holdRequest(store: Store, hold: number, request: number, now: number): void {
  store.sql('INSERT OR IGNORE INTO held_requests (hold, request) VALUES (?, ?)').run(hold, request);
  const leads = store.all<{ lead: number; state: TaskState }>(
    `SELECT DISTINCT coalesce(other.leader, other.id) AS lead, other.state AS state
     FROM tasks AS own JOIN tasks AS other ON other.connector = own.connector AND other.digest = own.digest
     WHERE own.request = ? AND own.digest IS NOT NULL AND other.state IN ('pre-read', 'ready', 'held', 'in-doubt')`,
    request,
  );
  for (const { lead, state } of leads) {
    store
      .sql(
        'INSERT OR IGNORE INTO held_requests (hold, request) SELECT ?1, request FROM tasks WHERE id = ?2 OR leader = ?2',
      )
      .run(hold, lead);
    // What would be sent becomes held; what is in doubt stays so, and is not asked about or sent again meanwhile.
    if (state === 'pre-read' || state === 'ready') changeTask(store, lead, { state }, now);
    if (state === 'in-doubt') store.sql('UPDATE tasks SET next_at = NULL WHERE id = ?').run(lead);
  }
}

/** The open requests that a hold holds back. */
function heldBy(store: Store, hold: number): readonly number[] {
  return store
    .all<{ request: number }>(
      `SELECT request FROM held_requests JOIN requests ON requests.id = held_requests.request
       WHERE hold = ? AND settled_at IS NULL`,
      hold,
    )
    .map((row) => row.request);
}
