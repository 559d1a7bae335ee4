import type { Identifier } from '@expunge/core';
import { toIso } from '../../clock.ts';
import { readBeforeWithinMs } from '../../tasks/read-before.ts';
import { canonicalIdentifier, type Hold } from '../ledger.ts';
import type { RequestToReport, StoredHold } from '../rows.ts';
import { PageDamagedError } from './encrypted-pages.ts';
import { readIdentifiers, requestColumns } from './read-requests.ts';
import { setAside } from './set-aside.ts';
import type { Store } from './store.ts';

// A hold writes into `holds` and `held_requests`, and nowhere else. Tasks stay as they are: guards.ts has the condition
// that keeps them from being looked for and sent.

const requestsPerBatch = 500;

/** Puts everybody with an identifier on hold. Returns the open requests that are on hold by it; undefined where they were already. */
export async function addHold(
  store: Store,
  identifier: Identifier,
  reason: string,
  now: number,
): Promise<number | undefined> {
  const wanted = canonicalIdentifier(identifier);
  const added = await store.get<Pick<StoredHold, 'id'>>(
    `INSERT INTO holds (identifier_type, digest, reason, added_at) VALUES (?, unhex(?), ?, ?)
     ON CONFLICT (digest) DO NOTHING RETURNING id`,
    identifier.type,
    store.cipher.digest(wanted),
    reason,
    now,
  );
  if (added === undefined) return undefined;
  const hold = added.id;
  // Who is in a request can only be learned by opening it. Settled ones too: what failed there may be tried again.
  const damaged = new Set<number>();
  for (let last = 0; ; ) {
    const records = await store.all<RequestToReport>(
      `SELECT ${requestColumns} FROM requests WHERE id > ? AND page IS NOT NULL ORDER BY id LIMIT ?`,
      last,
      requestsPerBatch,
    );
    for (const record of records) {
      const identifiers = await identifiersUnlessDamaged(store, record, damaged);
      if (identifiers.some((each) => canonicalIdentifier(each) === wanted)) await holdRequest(store, hold, record.id);
    }
    if (records.length < requestsPerBatch) break;
    last = records.at(-1)?.id ?? last;
  }
  // Of whom nobody can tell whether they are meant, nothing is sent.
  for (const page of damaged) await setAside(store, page, now);
  await store.guards.read(store);
  const held = (await openHeldBy(store, hold)).length;
  store.audit.add({ type: 'hold-added', hold, requests: held, identifier: store.cipher.digest(wanted) });
  return held;
}

async function identifiersUnlessDamaged(
  store: Store,
  record: RequestToReport,
  damaged: Set<number>,
): Promise<readonly Identifier[]> {
  try {
    return (await readIdentifiers(store, record)) ?? [];
  } catch (error) {
    if (!(error instanceof PageDamagedError)) throw error;
    damaged.add(error.page);
    return [];
  }
}

/** Lifts the hold of an identifier. Returns the open requests that no hold stops any more; undefined where there is no such hold. */
export async function removeHold(store: Store, identifier: Identifier, now: number): Promise<number | undefined> {
  const hold = await findHold(store, identifier);
  if (hold === undefined) return undefined;
  const requests = await openHeldBy(store, hold);
  await store.run('DELETE FROM held_requests WHERE hold = ?', hold);
  await store.run('DELETE FROM holds WHERE id = ?', hold);
  await store.guards.read(store);
  let released = 0;
  for (const request of requests) {
    if (await store.has('SELECT 1 FROM held_requests WHERE request = ? LIMIT 1', request)) continue;
    released += 1;
    // The hours in which a read before the deletion has to come about begin now: nothing could be read on hold.
    await store.run(
      `UPDATE tasks SET read_by = ?1 WHERE request = ?2 AND state = 'pre-read' AND read_by < ?1`,
      now + readBeforeWithinMs,
      request,
    );
  }
  store.audit.add({ type: 'hold-removed', hold, requests: released });
  return released;
}

async function findHold(store: Store, identifier: Identifier): Promise<number | undefined> {
  const digest = store.cipher.digest(canonicalIdentifier(identifier));
  return (await store.get<Pick<StoredHold, 'id'>>('SELECT id FROM holds WHERE digest = unhex(?)', digest))?.id;
}

/** All holds, oldest first. */
export async function readHolds(store: Store): Promise<readonly Hold[]> {
  const rows = await store.all<Omit<StoredHold, 'digest'>>(
    'SELECT id, identifier_type, reason, added_at FROM holds ORDER BY id',
  );
  const holds: Hold[] = [];
  for (const row of rows) {
    const requests = (await openHeldBy(store, row.id)).length;
    holds.push({ identifierType: row.identifier_type, reason: row.reason, addedAt: toIso(row.added_at), requests });
  }
  return holds;
}

/** Puts a request on hold that has just come in, where one of its identifiers, or a record that it asks for, is on hold. */
export async function holdAtImport(store: Store, request: number, identifiers: readonly Identifier[]): Promise<void> {
  const { hasHolds, hasHeldRequests } = store.guards;
  if (!hasHolds) return;
  for (const identifier of identifiers) {
    const hold = await findHold(store, identifier);
    if (hold !== undefined) await holdRequest(store, hold, request);
  }
  if (hasHeldRequests) await holdLikeOthers(store, request);
  await store.guards.read(store);
}

// A request that asks for a record which is on hold for another request is on hold like that one, whatever became of it.
async function holdLikeOthers(store: Store, request: number): Promise<void> {
  await store.run(
    `INSERT INTO held_requests (hold, request)
     SELECT DISTINCT held_requests.hold, own.request FROM tasks AS own
     JOIN tasks AS other ON other.connector = own.connector AND other.digest = own.digest
     JOIN held_requests ON held_requests.request = other.request
     WHERE own.request = ? AND own.digest IS NOT NULL
     ON CONFLICT (hold, request) DO NOTHING`,
    request,
  );
}

// The request, and with it everybody who asks for one of the same records: one call would delete it for all.
async function holdRequest(store: Store, hold: number, request: number): Promise<void> {
  await store.run(
    'INSERT INTO held_requests (hold, request) VALUES (?, ?) ON CONFLICT (hold, request) DO NOTHING',
    hold,
    request,
  );
  await store.run(
    `INSERT INTO held_requests (hold, request)
     SELECT DISTINCT CAST(? AS bigint), other.request FROM tasks AS own
     JOIN tasks AS other ON other.connector = own.connector AND other.digest = own.digest
     WHERE own.request = ? AND own.digest IS NOT NULL
     ON CONFLICT (hold, request) DO NOTHING`,
    hold,
    request,
  );
}

/** The open requests that a hold stops. */
async function openHeldBy(store: Store, hold: number): Promise<readonly number[]> {
  const rows = await store.all<{ request: number }>(
    `SELECT request FROM held_requests JOIN requests ON requests.id = held_requests.request
     WHERE hold = ? AND settled_at IS NULL`,
    hold,
  );
  return rows.map((row) => row.request);
}
