import { toIso } from '../../clock.ts';
import {
  type AddPreview,
  type AddResult,
  type CutOffImport,
  canonicalSubject,
  type ImportPart,
  type PlannedRequest,
} from '../ledger.ts';
import { toRanges } from '../number-ranges.ts';
import type { KnownRequest, StoredImport, StoredTask } from '../rows.ts';
import { addTasks, type RequestTasks } from './add-tasks.ts';
import { blockTasksOf } from './connector-order.ts';
import { holdAtImport, wouldBeOnHold } from './holds.ts';
import { insertRows } from './sql.ts';
import type { Store } from './store.ts';
import { differenceOf, identifiersOf } from './subject-difference.ts';
import { addOpenTasks, removeSkippedTask } from './task-writer.ts';

/** Takes a part of a list in, within a transaction: with the first part the import begins, with the last it ends. */
export async function importRequests(
  store: Store,
  requests: readonly PlannedRequest[],
  part: ImportPart,
  now: number,
): Promise<{ readonly importId: number; readonly results: readonly AddResult[] }> {
  const source = sourceDigest(store, part.source);
  const importId = part.importId ?? (await startImport(store, source, now));
  const results = await addRequests(store, requests, { importId, source }, now);
  const taken = results.filter(({ type }) => type !== 'conflict').length;
  await store.run('UPDATE imports SET requests = requests + ?, last_at = ? WHERE id = ?', taken, now, importId);
  if (part.isEnd) await endImport(store, importId, now);
  return { importId, results };
}

function sourceDigest(store: Store, source: string | undefined): string | null {
  return source === undefined ? null : store.cipher.digest(JSON.stringify(['source', source]));
}

async function startImport(store: Store, source: string | null, now: number): Promise<number> {
  // Older versions kept the number with the requests alone.
  const inImports = await store.get<{ last: number | null }>('SELECT max(id) AS last FROM imports');
  const inRequests = await store.get<{ last: number | null }>('SELECT max(import_id) AS last FROM requests');
  const importId = 1 + Math.max(inImports?.last ?? 0, inRequests?.last ?? 0);
  await store.run(
    'INSERT INTO imports (id, started_at, last_at, source) VALUES (?, ?, ?, unhex(?))',
    importId,
    now,
    now,
    source,
  );
  return importId;
}

async function endImport(store: Store, importId: number, now: number): Promise<void> {
  await setEnd(store, importId, now, {});
  // What was cut off before is complete when the same source came in to its end, or all that came in with it came in again.
  const completed = await store.all<Pick<StoredImport, 'id'>>(
    `SELECT id FROM imports AS earlier WHERE id < ?1 AND ended_at IS NULL
       AND (source IN (SELECT source FROM imports AS ended WHERE ended.id = ?1)
         OR (requests > 0 AND NOT EXISTS (SELECT 1 FROM requests AS own WHERE own.import_id = earlier.id)))
     ORDER BY id`,
    importId,
  );
  for (const { id } of completed) await setEnd(store, id, now, { completedBy: importId });
}

/**
 * Says of an import that was cut off that the rest of it will not come, within a transaction.
 *
 * @returns Whether it was open.
 */
export function closeImport(store: Store, importId: number, now: number): Promise<boolean> {
  return setEnd(store, importId, now, { isClosed: true });
}

async function setEnd(
  store: Store,
  importId: number,
  now: number,
  how: { readonly completedBy?: number; readonly isClosed?: true },
): Promise<boolean> {
  const row = await store.get<Pick<StoredImport, 'requests'>>(
    'SELECT requests FROM imports WHERE id = ? AND ended_at IS NULL',
    importId,
  );
  if (row === undefined) return false;
  await store.run('UPDATE imports SET ended_at = ? WHERE id = ?', now, importId);
  store.audit.add({ type: 'import-ended', import: importId, requests: row.requests, ...how });
  return true;
}

/** Imports without an end, oldest first. Those of which nothing is known but that they were begun are left out. */
export async function readCutOffImports(store: Store): Promise<readonly CutOffImport[]> {
  const rows = await store.all<StoredImport>(
    `SELECT id, started_at, last_at, requests FROM imports
     WHERE ended_at IS NULL AND (requests > 0 OR source IS NOT NULL) ORDER BY id`,
  );
  return rows.map((row) => ({
    importId: row.id,
    startedAt: toIso(row.started_at),
    lastAt: toIso(row.last_at),
    requests: row.requests,
  }));
}

/** Requests that are encrypted together. A page is encrypted anew when somebody on it is forgotten, so it must not be too long. */
const requestsPerPage = 500;

/** A request on its way in. */
interface NewRequest {
  readonly planned: PlannedRequest;
  /** The subject's fingerprint. */
  readonly digest: string;
}

/** Adds requests with their tasks, within a transaction. One result per request, in order. */
export async function addRequests(
  store: Store,
  requests: readonly PlannedRequest[],
  { importId, source }: ImportOrigin,
  now: number,
): Promise<readonly AddResult[]> {
  const { results, fresh } = await findEarlier(store, requests);
  for (let next = 0; next < fresh.length; next += requestsPerPage) {
    await addNew(store, fresh.slice(next, next + requestsPerPage), importId, now);
  }
  const taken: AddResult[] = [];
  for (const result of results) {
    if (!('known' in result)) taken.push(result);
    else {
      const added = await importAgain(store, result, importId, now);
      taken.push(resultOfKnown(result, source, now, added));
    }
  }
  return taken;
}

/** What would come of adding requests: nothing is added. */
export async function previewImport(
  store: Store,
  requests: readonly PlannedRequest[],
  source: string | undefined,
  now: number,
): Promise<readonly AddPreview[]> {
  const { results } = await findEarlier(store, requests);
  const hasHolds = await store.has('SELECT 1 FROM holds LIMIT 1');
  const previews: AddPreview[] = [];
  for (const [index, result] of results.entries()) {
    const planned = requests[index];
    const isOnHold = hasHolds && planned !== undefined && (await wouldBeOnHold(store, planned));
    const known = 'known' in result ? resultOfKnown(result, sourceDigest(store, source), now, 0) : result;
    previews.push({ ...known, isOnHold });
  }
  return previews;
}

/** The import that requests come in with. */
interface ImportOrigin {
  readonly importId: number;
  /** The fingerprint of what it is read from; null: none was given. */
  readonly source: string | null;
}

interface KnownAgain {
  readonly planned: PlannedRequest;
  readonly known: KnownRequest;
}

/** Which requests the ledger has already, and which are new. */
async function findEarlier(
  store: Store,
  requests: readonly PlannedRequest[],
): Promise<{ readonly results: readonly (AddResult | KnownAgain)[]; readonly fresh: readonly NewRequest[] }> {
  const known = await findKnown(store, requests);
  const fresh = new Map<string, NewRequest>();
  const simply = { isSettled: false, isNotSentAgain: false, hasOtherDueDate: false };
  const results: (AddResult | KnownAgain)[] = [];
  for (const planned of requests) {
    const { id, subject } = planned.request;
    const digest = store.cipher.digest(canonicalSubject(subject));
    const earlier = known.get(id) ?? fresh.get(id) ?? knownWithoutTime(known, planned);
    if (earlier === undefined) {
      fresh.set(id, { planned, digest });
      results.push({ type: 'added', ...simply });
      continue;
    }
    // The same request twice in one list: the first time it was new.
    const isNew = 'digest' in earlier;
    const isSame = digest === (isNew ? earlier.digest : earlier.subject_digest);
    if (isSame) results.push(isNew ? { type: 'known', ...simply } : { planned, known: earlier });
    else {
      const others = isNew ? earlier.planned.request.subject.identifiers : await identifiersOf(store, earlier);
      results.push({ type: 'conflict', ...simply, difference: differenceOf(subject.identifiers, others) });
    }
  }
  return { results, fresh: [...fresh.values()] };
}

// A request that came in without a time, at or after the time that this one says, is the same.
function knownWithoutTime(
  known: ReadonlyMap<string, KnownRequest>,
  { request, undatedId }: PlannedRequest,
): KnownRequest | undefined {
  const earlier = undatedId === undefined ? undefined : known.get(undatedId);
  return earlier !== undefined && earlier.received_at >= Date.parse(request.receivedAt) ? earlier : undefined;
}

function resultOfKnown({ planned, known }: KnownAgain, source: string | null, now: number, added: number): AddResult {
  const isSettled = known.settled_at !== null && added === 0;
  // The same list within its time is the same wish; afterwards, or from elsewhere, it may be another one.
  const isSameList = source !== null && source === known.source && now <= known.due_at;
  return {
    type: 'known',
    isSettled,
    isNotSentAgain: isSettled && planned.isUndated === true && !isSameList,
    hasOtherDueDate: planned.isDueDateGiven === true && Date.parse(planned.request.dueAt) !== known.due_at,
  };
}

async function findKnown(
  store: Store,
  requests: readonly PlannedRequest[],
): Promise<ReadonlyMap<string, KnownRequest>> {
  const rows = await store.all<KnownRequest>(
    `SELECT requests.id, request_id, lower(hex(subject_digest)) AS subject_digest, received_at, due_at, settled_at, page,
       lower(hex(imports.source)) AS source
     FROM requests LEFT JOIN imports ON imports.id = requests.import_id
     WHERE request_id IN (SELECT value FROM ${store.eachText('?')})`,
    JSON.stringify(
      requests.flatMap(({ request, undatedId }) => [request.id, ...(undatedId === undefined ? [] : [undatedId])]),
    ),
  );
  return new Map(rows.map((row) => [row.request_id, row]));
}

async function addNew(store: Store, arrivals: readonly NewRequest[], importId: number, now: number): Promise<void> {
  const last = await store.get<{ id: number | null }>('SELECT max(id) AS id FROM requests');
  const before = last?.id ?? 0;
  const rows = arrivals.map((arrival, index) => ({ ...arrival, row: before + 1 + index }));
  const page = await store.pages.add(
    'requests',
    rows.map(({ row, planned: { request } }) => ({ row, boundTo: request.id, value: request.subject })),
  );
  await insertRows(store, {
    table: 'requests',
    shared: { accepted_at: now, import_id: importId, page },
    columns: ['id', 'request_id', '<subject_digest>', 'law', 'received_at', 'due_at', 'settled_at', 'open_tasks'],
    rows: rows.map(({ row, planned: { request, tasks }, digest }) => {
      const open = tasks.filter((task) => task.target !== undefined).length;
      const settledAt = open === 0 ? now : null;
      const times = [Date.parse(request.receivedAt), Date.parse(request.dueAt), settledAt];
      return [row, request.id, digest, request.law, ...times, open];
    }),
  });
  const tasks = await addTasks(
    store,
    rows.map(({ row, planned }) => ({ row, tasks: planned.tasks, notBefore: planned.notBefore })),
    now,
  );
  for (const { row, planned, digest } of rows) {
    const { id: requestId, law, receivedAt, dueAt } = planned.request;
    const ids = toRanges(tasks.get(row) ?? []);
    store.audit.add({ type: 'accepted', request: row, requestId, subject: digest, law, receivedAt, dueAt, tasks: ids });
  }
  await stopWhereNeeded(
    store,
    rows.map(({ row, planned }) => ({ row, planned })),
    now,
  );
}

// What has just come in may have to wait for other connectors, or be on hold.
async function stopWhereNeeded(
  store: Store,
  requests: readonly { readonly row: number; readonly planned: PlannedRequest }[],
  now: number,
): Promise<void> {
  const { hasOrder, hasHolds } = store.guards;
  if (!hasOrder && !hasHolds) return;
  for (const { row, planned } of requests) {
    await blockTasksOf(store, row, now);
    await holdAtImport(store, row, planned.names ?? planned.request.subject.identifiers);
  }
}

async function importAgain(
  store: Store,
  { planned, known }: KnownAgain,
  importId: number,
  now: number,
): Promise<number> {
  await store.run('UPDATE requests SET import_id = ? WHERE id = ?', importId, known.id);
  return addMissingTasks(store, known.id, planned, now);
}

// A connector that was configured, or given the right identifiers, after the request came in: its tasks are added
// when the request comes in again.
async function addMissingTasks(store: Store, row: number, planned: PlannedRequest, now: number): Promise<number> {
  const connectors = new Set(planned.tasks.filter((task) => task.target !== undefined).map((task) => task.connector));
  const missing: string[] = [];
  for (const name of connectors) {
    const connector = store.connectorId(name);
    const sent = `SELECT 1 FROM tasks WHERE request = ? AND connector = ? AND state <> 'skipped' LIMIT 1`;
    if (await store.has(sent, row, connector)) continue;
    await removeSkipped(store, row, connector);
    missing.push(name);
  }
  if (missing.length === 0) return 0;
  const request: RequestTasks = {
    row,
    tasks: planned.tasks.filter((task) => missing.includes(task.connector)),
    notBefore: planned.notBefore,
  };
  const added = (await addTasks(store, [request], now)).get(row) ?? [];
  await addOpenTasks(store, row, added.length);
  // It may be forgotten who the request was about: now it has work again, and is to be found and forgotten again.
  if (await store.has('SELECT 1 FROM requests WHERE id = ? AND page IS NULL', row)) {
    const { id, subject } = planned.request;
    const page = await store.pages.add('requests', [{ row, boundTo: id, value: subject }]);
    await store.run('UPDATE requests SET page = ? WHERE id = ?', page, row);
  }
  store.audit.add({ type: 'extended', request: row, tasks: toRanges(added) });
  await stopWhereNeeded(store, [{ row, planned }], now);
  return added.length;
}

async function removeSkipped(store: Store, row: number, connector: number): Promise<void> {
  const skipped = await store.all<Pick<StoredTask, 'id' | 'reason'>>(
    'SELECT id, reason FROM tasks WHERE request = ? AND connector = ?',
    row,
    connector,
  );
  for (const { id, reason } of skipped) await removeSkippedTask(store, id, connector, reason);
}
