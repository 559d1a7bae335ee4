import type { AddResult, PlannedRequest } from '../ledger.ts';
import { canonicalSubject } from '../ledger.ts';
import { toRanges } from '../number-ranges.ts';
import { addTasks, type RequestTasks } from './add-tasks.ts';
import { countOpenTasks } from './change-tasks.ts';
import { hasHolds } from './held-requests.ts';
import { holdAtIntake, holdLikeOthers } from './holds.ts';
import { insertRows } from './insert-rows.ts';
import { blockTasks, hasOrder } from './order.ts';
import type { Store } from './store.ts';

interface KnownRequest {
  readonly id: number;
  readonly request_id: string;
  readonly subject_digest: string;
  readonly settled_at: number | null;
}

/** Requests that are sealed together. A page is sealed anew when somebody on it is forgotten, so it must not be too long. */
const requestsPerPage = 500;

/** A request on its way in. */
interface Arrival {
  readonly planned: PlannedRequest;
  /** The subject's fingerprint. */
  readonly digest: string;
}

/** Adds requests with their tasks, within a transaction. One result per request, in order. */
export function addRequests(
  store: Store,
  requests: readonly PlannedRequest[],
  intake: number,
  now: number,
): readonly AddResult[] {
  const known = findKnown(store, requests);
  const fresh = new Map<string, Arrival>();
  const results = requests.map((planned): AddResult | KnownArrival => {
    const { id, subject } = planned.request;
    const digest = store.sealer.digest(canonicalSubject(subject));
    const earlier = known.get(id) ?? fresh.get(id);
    if (earlier === undefined) {
      fresh.set(id, { planned, digest });
      return { type: 'added', isSettled: false };
    }
    const earlierDigest = 'digest' in earlier ? earlier.digest : earlier.subject_digest;
    if (earlierDigest !== digest) return { type: 'conflict', isSettled: false };
    // The same request twice in one list: the first time it was new.
    if ('digest' in earlier) return { type: 'known', isSettled: false };
    return { planned, known: earlier };
  });
  const arrivals = [...fresh.values()];
  for (let next = 0; next < arrivals.length; next += requestsPerPage) {
    addFresh(store, arrivals.slice(next, next + requestsPerPage), intake, now);
  }
  return results.map((result) => ('known' in result ? takeAgain(store, result, intake, now) : result));
}

interface KnownArrival {
  readonly planned: PlannedRequest;
  readonly known: KnownRequest;
}

function findKnown(store: Store, requests: readonly PlannedRequest[]): ReadonlyMap<string, KnownRequest> {
  const rows = store.all<KnownRequest>(
    `SELECT id, request_id, lower(hex(subject_digest)) AS subject_digest, settled_at FROM requests
     WHERE request_id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(requests.map(({ request }) => request.id)),
  );
  return new Map(rows.map((row) => [row.request_id, row]));
}

function addFresh(store: Store, arrivals: readonly Arrival[], intake: number, now: number): void {
  const before = store.get<{ last: number | null }>('SELECT max(id) AS last FROM requests')?.last ?? 0;
  const rows = arrivals.map((arrival, index) => ({ ...arrival, row: before + 1 + index }));
  const page = store.pages.add(
    'requests',
    rows.map(({ row, planned: { request } }) => ({ row, tie: request.id, value: request.subject })),
  );
  insertRows(store, {
    table: 'requests',
    shared: { accepted_at: now, intake, page },
    columns: ['id', 'request_id', '<subject_digest>', 'law', 'received_at', 'due_at', 'settled_at', 'open_tasks'],
    rows: rows.map(({ row, planned: { request, tasks }, digest }) => {
      const open = tasks.filter((task) => task.target !== undefined).length;
      const settledAt = open === 0 ? now : null;
      const times = [Date.parse(request.receivedAt), Date.parse(request.dueAt), settledAt];
      return [row, request.id, digest, request.law, ...times, open];
    }),
  });
  const tasks = addTasks(
    store,
    rows.map(({ row, planned }) => ({ row, tasks: planned.tasks, notBefore: planned.notBefore })),
    now,
  );
  store.audit.addAll(
    rows.map(({ row, planned: { request }, digest }) => ({
      type: 'accepted',
      request: row,
      requestId: request.id,
      subject: digest,
      law: request.law,
      receivedAt: request.receivedAt,
      dueAt: request.dueAt,
      tasks: toRanges(tasks.get(row) ?? []),
    })),
  );
  stopWhereNeeded(
    store,
    rows.map(({ row, planned }) => ({ row, planned })),
    now,
  );
}

// What has just come in may have to wait: for other connectors, or because somebody is held back.
function stopWhereNeeded(
  store: Store,
  requests: readonly { readonly row: number; readonly planned: PlannedRequest }[],
  now: number,
): void {
  if (!hasOrder(store) && !hasHolds(store)) return;
  for (const { row, planned } of requests) {
    blockTasks(store, row);
    holdAtIntake(store, row, planned.request.subject.identifiers, now);
    holdLikeOthers(store, row, now);
  }
}

function takeAgain(store: Store, { planned, known }: KnownArrival, intake: number, now: number): AddResult {
  store.sql('UPDATE requests SET intake = ? WHERE id = ?').run(intake, known.id);
  const added = addMissingTasks(store, known.id, planned, now);
  return { type: 'known', isSettled: known.settled_at !== null && added === 0 };
}

// A connector that was configured, or given the right identifiers, after the request came in: its tasks are added
// when the request comes in again.
function addMissingTasks(store: Store, row: number, planned: PlannedRequest, now: number): number {
  const connectors = new Set(planned.tasks.filter((task) => task.target !== undefined).map((task) => task.connector));
  const missing = [...connectors].filter((name) => {
    const connector = store.connectorId(name);
    const sent = `SELECT 1 FROM tasks WHERE request = ? AND connector = ? AND state <> 'skipped' LIMIT 1`;
    if (store.get(sent, row, connector) !== undefined) return false;
    removeSkipped(store, row, connector);
    return true;
  });
  if (missing.length === 0) return 0;
  const request: RequestTasks = {
    row,
    tasks: planned.tasks.filter((task) => missing.includes(task.connector)),
    notBefore: planned.notBefore,
  };
  const added = addTasks(store, [request], now).get(row) ?? [];
  countOpenTasks(store, row, added.length, now);
  // It may be forgotten who the request was about: now it has work again, and is to be found and forgotten again.
  if (store.get('SELECT 1 FROM requests WHERE id = ? AND page IS NULL', row) !== undefined) {
    const { id, subject } = planned.request;
    const page = store.pages.add('requests', [{ row, tie: id, value: subject }]);
    store.sql('UPDATE requests SET page = ? WHERE id = ?').run(page, row);
  }
  store.audit.add({ type: 'extended', request: row, tasks: toRanges(added) });
  stopWhereNeeded(store, [{ row, planned }], now);
  return added.length;
}

function removeSkipped(store: Store, row: number, connector: number): void {
  const skipped = store.all<{ id: number; reason: string | null }>(
    'SELECT id, reason FROM tasks WHERE request = ? AND connector = ?',
    row,
    connector,
  );
  for (const { id, reason } of skipped) {
    store.sql('DELETE FROM tasks WHERE id = ?').run(id);
    store.counts.add({ connector, state: 'skipped', assurance: null, reason }, -1);
    store.audit.addMoves([id], { connector: store.connectorName(connector), from: 'skipped', to: 'replaced' });
  }
}
