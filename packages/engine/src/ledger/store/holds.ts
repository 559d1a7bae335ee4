import type { Identifier } from '@expunge/core';
import type { TaskState } from '../../tasks/task-state.ts';
import { canonicalIdentifier, type Hold } from '../ledger.ts';
import { changeTask } from './change-tasks.ts';
import { isHeldBack } from './held-requests.ts';
import { toIso } from './iso-time.ts';
import { type RequestRecord, readIdentifiers, requestColumns } from './read-requests.ts';
import type { Store } from './store.ts';

const requestsPerBatch = 500;

/** Holds back everybody with an identifier. Returns the requests held back now; undefined where they were already. */
export async function addHold(
  store: Store,
  identifier: Identifier,
  reason: string,
  now: number,
): Promise<number | undefined> {
  const wanted = canonicalIdentifier(identifier);
  const added = await store.get<{ id: number }>(
    `INSERT INTO holds (identifier_type, digest, reason, added_at) VALUES (?, unhex(?), ?, ?)
     ON CONFLICT (digest) DO NOTHING RETURNING id`,
    identifier.type,
    store.cipher.digest(wanted),
    reason,
    now,
  );
  if (added === undefined) return undefined;
  const hold = added.id;
  await store.guards.read(store);
  // Who is in a request can only be learned by opening it. Settled ones too: what failed there may be tried again.
  for (let last = 0; ; ) {
    const records = await store.all<RequestRecord>(
      `SELECT ${requestColumns} FROM requests WHERE id > ? AND page IS NOT NULL ORDER BY id LIMIT ?`,
      last,
      requestsPerBatch,
    );
    for (const record of records) {
      const identifiers = (await readIdentifiers(store, record)) ?? [];
      const isMeant = identifiers.some((each) => canonicalIdentifier(each) === wanted);
      if (isMeant) await holdRequest(store, hold, record.id, now);
    }
    if (records.length < requestsPerBatch) break;
    last = records.at(-1)?.id ?? last;
  }
  const held = await heldBy(store, hold);
  store.audit.add({ type: 'hold-added', hold, requests: held.length });
  return held.length;
}

/** Releases everybody with an identifier. Returns the requests released; undefined where there is no such hold. */
export async function removeHold(store: Store, identifier: Identifier, now: number): Promise<number | undefined> {
  const hold = await findHold(store, identifier);
  if (hold === undefined) return undefined;
  const requests = await heldBy(store, hold);
  await store.run('DELETE FROM held_requests WHERE hold = ?', hold);
  await store.run('DELETE FROM holds WHERE id = ?', hold);
  await store.guards.read(store);
  let released = 0;
  for (const request of requests) if (await release(store, request, now)) released += 1;
  store.audit.add({ type: 'hold-removed', hold, requests: released });
  return released;
}

async function findHold(store: Store, identifier: Identifier): Promise<number | undefined> {
  const digest = store.cipher.digest(canonicalIdentifier(identifier));
  return (await store.get<{ id: number }>('SELECT id FROM holds WHERE digest = unhex(?)', digest))?.id;
}

async function release(store: Store, request: number, now: number): Promise<boolean> {
  if (await store.has('SELECT 1 FROM held_requests WHERE request = ? LIMIT 1', request)) return false;
  const tasks = await store.all<{ lead: number; state: TaskState; held_from: 'pre-read' | 'ready' | null }>(
    `SELECT DISTINCT coalesce(duplicate_of, id) AS lead, state, held_from FROM tasks
     WHERE request = ? AND (state = 'held' OR state = 'in-doubt')`,
    request,
  );
  for (const { lead, state, held_from: heldFrom } of tasks) {
    // The leader's other requests may be held by another hold still.
    if (await isHeldBack(store, lead)) continue;
    if (state === 'held') await changeTask(store, lead, { state: heldFrom ?? 'ready', nextAt: now }, now);
    else await store.run('UPDATE tasks SET next_at = coalesce(next_at, ?) WHERE id = ?', now, lead);
  }
  return true;
}

/** All holds, oldest first. */
export async function readHolds(store: Store): Promise<readonly Hold[]> {
  const rows = await store.all<{ id: number; identifier_type: string; reason: string; added_at: number }>(
    'SELECT id, identifier_type, reason, added_at FROM holds ORDER BY id',
  );
  const holds: Hold[] = [];
  for (const row of rows) {
    const requests = (await heldBy(store, row.id)).length;
    holds.push({ identifierType: row.identifier_type, reason: row.reason, addedAt: toIso(row.added_at), requests });
  }
  return holds;
}

/** Holds a request back that has just come in, where one of its identifiers is on the list. */
export async function holdAtImport(
  store: Store,
  request: number,
  identifiers: readonly Identifier[],
  now: number,
): Promise<void> {
  if (!store.guards.hasHolds) return;
  for (const identifier of identifiers) {
    const hold = await findHold(store, identifier);
    if (hold !== undefined) await holdRequest(store, hold, request, now);
  }
}

/** A request that asks for a record which is held back for another request is held back like that one, whatever became of it. */
export async function holdLikeOthers(store: Store, request: number, now: number): Promise<void> {
  if (!store.guards.hasHeldRequests) return;
  const { changes } = await store.run(
    `INSERT INTO held_requests (hold, request)
     SELECT DISTINCT held_requests.hold, own.request FROM tasks AS own
     JOIN tasks AS other ON other.connector = own.connector AND other.digest = own.digest
     JOIN held_requests ON held_requests.request = other.request
     WHERE own.request = ? AND own.digest IS NOT NULL
     ON CONFLICT (hold, request) DO NOTHING`,
    request,
  );
  if (changes === 0) return;
  const tasks = await store.all<{ id: number; state: TaskState }>(
    `SELECT id, state FROM tasks WHERE request = ? AND duplicate_of IS NULL AND state IN ('pre-read', 'ready')`,
    request,
  );
  for (const { id, state } of tasks) await changeTask(store, id, { state, nextAt: now }, now);
}

/** A request that joins a held target is held for the same reasons. */
export async function inheritHolds(store: Store, primary: number, request: number): Promise<void> {
  await store.run(
    `INSERT INTO held_requests (hold, request)
     SELECT DISTINCT hold, CAST(?1 AS bigint) FROM held_requests JOIN tasks ON tasks.request = held_requests.request
     WHERE tasks.id = ?2 OR tasks.duplicate_of = ?2
     ON CONFLICT (hold, request) DO NOTHING`,
    request,
    primary,
  );
}

// Every task of the request that could be sent, for the first time or again, and with it everybody who asks for the same
// record: one call would delete it for all.
async function holdRequest(store: Store, hold: number, request: number, now: number): Promise<void> {
  await store.run(
    'INSERT INTO held_requests (hold, request) VALUES (?, ?) ON CONFLICT (hold, request) DO NOTHING',
    hold,
    request,
  );
  if (!store.guards.hasHeldRequests) await store.guards.read(store);
  const leads = await store.all<{ lead: number; state: TaskState }>(
    `SELECT DISTINCT coalesce(other.duplicate_of, other.id) AS lead, other.state AS state
     FROM tasks AS own JOIN tasks AS other ON other.connector = own.connector AND other.digest = own.digest
     WHERE own.request = ? AND own.digest IS NOT NULL AND other.state IN ('pre-read', 'ready', 'held', 'in-doubt')`,
    request,
  );
  for (const { lead, state } of leads) {
    await store.run(
      `INSERT INTO held_requests (hold, request) SELECT DISTINCT CAST(?1 AS bigint), request FROM tasks WHERE id = ?2 OR duplicate_of = ?2
       ON CONFLICT (hold, request) DO NOTHING`,
      hold,
      lead,
    );
    // What would be sent becomes held; what is in doubt stays so, and is not asked about or sent again meanwhile.
    if (state === 'pre-read' || state === 'ready') await changeTask(store, lead, { state }, now);
    if (state === 'in-doubt') await store.run('UPDATE tasks SET next_at = NULL WHERE id = ?', lead);
  }
}

/** The open requests that a hold holds back. */
async function heldBy(store: Store, hold: number): Promise<readonly number[]> {
  const rows = await store.all<{ request: number }>(
    `SELECT request FROM held_requests JOIN requests ON requests.id = held_requests.request
     WHERE hold = ? AND settled_at IS NULL`,
    hold,
  );
  return rows.map((row) => row.request);
}
