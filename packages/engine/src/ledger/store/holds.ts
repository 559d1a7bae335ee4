import type { Identifier } from '@expunge/core';
import { toIso } from '../../clock.ts';
import { readBeforeWithinMs } from '../../tasks/read-before.ts';
import { HoldError } from '../hold-error.ts';
import {
  canonicalIdentifier,
  canonicalTarget,
  type HeldPerson,
  type HeldRecord,
  type Hold,
  type HoldReport,
  heldIdentifier,
  type PlannedRequest,
} from '../ledger.ts';
import type { HoldOfRequest, RequestOnHold, RequestToReport, StoredHold } from '../rows.ts';
import { PageDamagedError } from './encrypted-pages.ts';
import { readIdentifiers, requestColumns } from './read-requests.ts';
import { setAside } from './set-aside.ts';
import type { Store } from './store.ts';

// A hold writes into `holds` and `held_requests`, and nowhere else. Tasks stay as they are: guards.ts has the condition
// that keeps them from being looked for and sent.

const requestsPerBatch = 500;

/**
 * Puts a person on hold, once for each identifier. What is on hold already is compared again: with the types in use, who is meant may
 * have become more.
 *
 * @throws HoldError where a type is neither in use nor in any request: nobody would be held.
 */
export async function addHold(
  store: Store,
  { identifiers, namesOf = (each) => [each], typesInUse }: HeldPerson,
  reason: string,
  now: number,
): Promise<HoldReport> {
  const holds: HoldToCompare[] = [];
  for (const identifier of identifiers)
    holds.push(await insertHold(store, identifier, namesOf(identifier), reason, now));
  const found = await holdKnownRequests(store, holds);
  const unknown = identifiers.find(({ type }) => typesInUse?.includes(type) === false && !found.types.has(type));
  // The transaction ends here, and with it what was written.
  if (unknown !== undefined) throw unknownType(unknown.type, typesInUse ?? []);
  // Of whom nobody can tell whether they are meant, nothing is sent.
  for (const page of found.damaged) await setAside(store, page, now);
  await store.guards.read(store);
  const open = new Set<number>();
  const known = new Set<number>();
  for (const { id, digest, isNew } of holds) {
    const held = await requestsHeldBy(store, id);
    const openOnes = held.filter(({ settled_at }) => settled_at === null);
    for (const { request } of held) known.add(request);
    for (const { request } of openOnes) open.add(request);
    if (isNew) store.audit.add({ type: 'hold-added', hold: id, requests: openOnes.length, identifier: digest });
  }
  return { isNew: holds.some(({ isNew }) => isNew), requests: open.size, known: known.size };
}

function unknownType(type: string, inUse: readonly string[]): HoldError {
  return new HoldError(
    'identifier-type-unknown',
    `No connector uses the identifier type "${type}", and no request has it: such a hold would keep nobody. ` +
      `In use: ${[...inUse].sort().join(', ') || 'none'}.`,
  );
}

/** A hold, with what it is compared by. */
interface HoldToCompare {
  readonly id: number;
  readonly digest: string;
  readonly isNew: boolean;
  /** The texts of its identifier under all types that mean the same. */
  readonly names: ReadonlySet<string>;
}

async function insertHold(
  store: Store,
  identifier: Identifier,
  names: readonly Identifier[],
  reason: string,
  now: number,
): Promise<HoldToCompare> {
  const digest = store.cipher.digest(heldIdentifier(identifier));
  const added = await store.get<Pick<StoredHold, 'id'>>(
    `INSERT INTO holds (identifier_type, digest, reason, added_at) VALUES (?, unhex(?), ?, ?)
     ON CONFLICT (digest) DO NOTHING RETURNING id`,
    identifier.type,
    digest,
    reason,
    now,
  );
  const hold =
    added ?? (await store.get<Pick<StoredHold, 'id'>>('SELECT id FROM holds WHERE digest = unhex(?)', digest));
  if (hold === undefined) throw new Error('A hold is neither new nor there.');
  return { id: hold.id, digest, isNew: added !== undefined, names: new Set(names.map(heldIdentifier)) };
}

// Who is in a request can only be learned by opening it. Settled ones too: what failed there may be tried again.
async function holdKnownRequests(
  store: Store,
  holds: readonly HoldToCompare[],
): Promise<{ readonly damaged: ReadonlySet<number>; readonly types: ReadonlySet<string> }> {
  const damaged = new Set<number>();
  const types = new Set<string>();
  for (let last = 0; ; ) {
    const records = await store.all<RequestToReport>(
      `SELECT ${requestColumns} FROM requests WHERE id > ? AND page IS NOT NULL ORDER BY id LIMIT ?`,
      last,
      requestsPerBatch,
    );
    for (const record of records) {
      const identifiers = await identifiersUnlessDamaged(store, record, damaged);
      for (const { type } of identifiers) types.add(type);
      const texts = identifiers.map(heldIdentifier);
      for (const { id, names } of holds) {
        if (texts.some((text) => names.has(text))) await holdRequest(store, id, record.id);
      }
    }
    if (records.length < requestsPerBatch) return { damaged, types };
    last = records.at(-1)?.id ?? last;
  }
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

/** Lifts the holds of an identifier. Returns the open requests that no hold stops any more; undefined where there is no such hold. */
export async function removeHold(store: Store, identifier: Identifier, now: number): Promise<number | undefined> {
  const holds = await findHolds(store, [identifier]);
  if (holds.length === 0) return undefined;
  let all = 0;
  for (const hold of holds) {
    const released = await liftHold(store, hold, now);
    store.audit.add({ type: 'hold-removed', hold, requests: released });
    all += released;
  }
  return all;
}

async function liftHold(store: Store, hold: number, now: number): Promise<number> {
  const requests = (await requestsHeldBy(store, hold)).filter(({ settled_at }) => settled_at === null);
  await store.run('DELETE FROM held_requests WHERE hold = ?', hold);
  await store.run('DELETE FROM holds WHERE id = ?', hold);
  await store.guards.read(store);
  let released = 0;
  for (const { request } of requests) {
    if (await store.has('SELECT 1 FROM held_requests WHERE request = ? LIMIT 1', request)) continue;
    released += 1;
    // The hours in which a read before the deletion has to come about begin now: nothing could be read on hold.
    await store.run(
      `UPDATE tasks SET read_by = ?1 WHERE request = ?2 AND state = 'pre-read' AND read_by < ?1`,
      now + readBeforeWithinMs,
      request,
    );
  }
  return released;
}

// A hold of an older version has the fingerprint of the exact value.
async function findHolds(store: Store, names: readonly Identifier[]): Promise<readonly number[]> {
  const digests = names.flatMap((each) => [
    store.cipher.digest(heldIdentifier(each)),
    store.cipher.digest(canonicalIdentifier(each)),
  ]);
  const rows = await store.all<Pick<StoredHold, 'id'>>(
    `SELECT id FROM holds WHERE digest IN (SELECT unhex(value) FROM ${store.eachText('?')}) ORDER BY id`,
    JSON.stringify(digests),
  );
  return rows.map(({ id }) => id);
}

/**
 * The holds that would stop a request for a person: by one of their identifiers, or because a request on hold asks for one of
 * the same records.
 */
export async function readHoldsOf(
  store: Store,
  names: readonly Identifier[],
  records: readonly HeldRecord[],
): Promise<readonly Hold[]> {
  const ids = await findHoldsOf(store, names, records);
  return ids.size === 0 ? [] : (await readStoredHolds(store)).filter(({ id }) => ids.has(id)).map(({ hold }) => hold);
}

async function findHoldsOf(
  store: Store,
  names: readonly Identifier[],
  records: readonly HeldRecord[],
): Promise<ReadonlySet<number>> {
  const ids = new Set(await findHolds(store, names));
  for (const { connector, target } of records) {
    const rows = await store.all<HoldOfRequest>(
      `SELECT DISTINCT held_requests.hold FROM tasks
       JOIN connectors ON connectors.id = tasks.connector
       JOIN held_requests ON held_requests.request = tasks.request
       WHERE connectors.name = ? AND tasks.digest = unhex(?)`,
      connector,
      store.cipher.digest(canonicalTarget(target)),
    );
    for (const { hold } of rows) ids.add(hold);
  }
  return ids;
}

/** All holds, oldest first. */
export async function readHolds(store: Store): Promise<readonly Hold[]> {
  return (await readStoredHolds(store)).map(({ hold }) => hold);
}

async function readStoredHolds(store: Store): Promise<readonly { readonly id: number; readonly hold: Hold }[]> {
  const rows = await store.all<Omit<StoredHold, 'digest'>>(
    'SELECT id, identifier_type, reason, added_at FROM holds ORDER BY id',
  );
  const holds: { id: number; hold: Hold }[] = [];
  for (const { id, identifier_type, reason, added_at } of rows) {
    const requests = (await requestsHeldBy(store, id)).filter(({ settled_at }) => settled_at === null).length;
    holds.push({ id, hold: { identifierType: identifier_type, reason, addedAt: toIso(added_at), requests } });
  }
  return holds;
}

/** Whether a request would be on hold if it came in. */
export async function wouldBeOnHold(store: Store, { request, names, tasks }: PlannedRequest): Promise<boolean> {
  const records = tasks.flatMap(({ connector, target }) => (target === undefined ? [] : [{ connector, target }]));
  return (await findHoldsOf(store, names ?? request.subject.identifiers, records)).size > 0;
}

/** Puts a request on hold that has just come in, where one of its identifiers, or a record that it asks for, is on hold. */
export async function holdAtImport(store: Store, request: number, names: readonly Identifier[]): Promise<void> {
  const { hasHolds, hasHeldRequests } = store.guards;
  if (!hasHolds) return;
  for (const hold of await findHolds(store, names)) await holdRequest(store, hold, request);
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

/** The requests that a hold is about, settled ones too. */
async function requestsHeldBy(store: Store, hold: number): Promise<readonly RequestOnHold[]> {
  return store.all<RequestOnHold>(
    `SELECT request, settled_at FROM held_requests JOIN requests ON requests.id = held_requests.request WHERE hold = ?`,
    hold,
  );
}
