import { GrowingNumbers, type LoggedPlace, type LogReplay } from '../../proof/log-replay.ts';
import { isTerminal } from '../../tasks/task-state.ts';
import { wordsOfVersion1 } from '../../tasks/words-of-version-1.ts';
import { isStoredAlike } from '../plain-text.ts';
import type { PageKind, RequestToCompare, StoredCount, StoredHold, StoredImport, TaskToCompare } from '../rows.ts';
import type { Store } from './store.ts';

/** In what the tables of a ledger can differ from its log. */
export type DifferenceKind =
  /** A task stands otherwise, belongs elsewhere, is missing or was added. */
  | 'tasks'
  /** A request is another one, is missing, was added, or is settled although a task is open. */
  | 'requests'
  /** A hold is missing, was added, or is about somebody else. */
  | 'holds'
  /** What was erased is there, or what was not erased is gone. */
  | 'erasures'
  /** An import has an end that is not in the log, or lost it. */
  | 'imports'
  /** The counts that are kept beside the tasks are others. */
  | 'counts';

/** Differences of one kind. */
export interface TableDifferences {
  readonly kind: DifferenceKind;
  readonly count: number;
  /** Numbers of the requests, the first of them. Empty where it is not about requests. */
  readonly requests: readonly number[];
}

const rowsPerBatch = 2000;
const mostRequests = 20;

/** A row that refers to an encrypted page, and what its page says of it. */
export interface PageReference {
  readonly kind: PageKind;
  readonly page: number;
  readonly row: number;
  readonly boundTo: string;
  readonly request: number;
}

/**
 * Reads the tables, a batch at a time, and finds what does not follow from the log.
 *
 * @param replay - What the log says; undefined: it is broken, and there is nothing to compare with.
 * @param onPage - Told of every reference to an encrypted page.
 */
export async function compareWithLog(
  store: Store,
  replay: LogReplay | undefined,
  onPage: (reference: PageReference) => Promise<void>,
): Promise<readonly TableDifferences[]> {
  const found = new Differences();
  const openTasks = new GrowingNumbers();
  const counts = new Map<string, number>();
  await compareTasks(store, replay, { found, openTasks, counts, onPage });
  await compareRequests(store, replay, { found, openTasks, onPage });
  await compareCounts(store, counts, found);
  if (replay !== undefined) {
    await compareHolds(store, replay, found);
    await compareImports(store, replay, found);
  }
  return found.list();
}

class Differences {
  readonly #kinds = new Map<DifferenceKind, { count: number; requests: Set<number> }>();

  add(kind: DifferenceKind, request?: number): void {
    const known = this.#kinds.get(kind) ?? { count: 0, requests: new Set() };
    known.count += 1;
    if (request !== undefined && request > 0 && known.requests.size < mostRequests) known.requests.add(request);
    this.#kinds.set(kind, known);
  }

  list(): readonly TableDifferences[] {
    return [...this.#kinds].map(([kind, { count, requests }]) => ({ kind, count, requests: [...requests] }));
  }
}

async function compareTasks(
  store: Store,
  replay: LogReplay | undefined,
  into: {
    readonly found: Differences;
    readonly openTasks: GrowingNumbers;
    readonly counts: Map<string, number>;
    readonly onPage: (reference: PageReference) => Promise<void>;
  },
): Promise<void> {
  const { found, openTasks, counts, onPage } = into;
  let next = 1;
  const missing = (until: number) => {
    for (; next < until; next += 1) {
      if (replay?.placeOf(next) !== undefined) found.add('tasks', replay.requestOf(next));
    }
  };
  const columns = 'id, request, connector, state, assurance, reason, target_type, lower(hex(digest)) AS digest, page';
  for await (const task of rowsOf<TaskToCompare>(store, `SELECT ${columns} FROM tasks`)) {
    missing(task.id);
    next = task.id + 1;
    const { id, request, connector, page } = task;
    const key = countKey(connector, task.state, task.assurance ?? '', task.reason ?? '');
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (!isTerminal(task.state)) openTasks.add(request, 1);
    if (page !== null) await onPage({ kind: `tasks/${connector}`, page, row: id, boundTo: task.digest ?? '', request });
    if (replay === undefined) continue;
    const isThere = replay.requestOf(id) === request && isPlace(store, task, replay.placeOf(id));
    if (!isThere) found.add('tasks', request);
    const isErased = replay.isTaskErased(id) || task.target_type === null;
    if (isThere && isErased !== (page === null)) found.add('erasures', request);
  }
  missing(replay?.tasks ?? 0);
}

function isPlace(store: Store, task: TaskToCompare, logged: LoggedPlace | undefined): boolean {
  if (logged === undefined || logged.connector !== store.connectorName(task.connector)) return false;
  if (logged.state !== task.state) {
    return logged.isOlder && (wordsOfVersion1[logged.state]?.includes(task.state) ?? false);
  }
  return logged.assurance === task.assurance && isStoredAlike(logged.reason ?? '', task.reason ?? '');
}

async function compareRequests(
  store: Store,
  replay: LogReplay | undefined,
  into: {
    readonly found: Differences;
    readonly openTasks: GrowingNumbers;
    readonly onPage: (reference: PageReference) => Promise<void>;
  },
): Promise<void> {
  const { found, openTasks, onPage } = into;
  let next = 1;
  const missing = (until: number) => {
    for (; next < until; next += 1) if (replay?.hasRequest(next) === true) found.add('requests', next);
  };
  const columns =
    'id, request_id, lower(hex(subject_digest)) AS subject_digest, law, received_at, due_at, settled_at, open_tasks, page';
  for await (const row of rowsOf<RequestToCompare>(store, `SELECT ${columns} FROM requests`)) {
    missing(row.id);
    next = row.id + 1;
    const { id, page } = row;
    if (page !== null) await onPage({ kind: 'requests', page, row: id, boundTo: row.request_id, request: id });
    if (replay === undefined) continue;
    const isOpen = openTasks.get(id) > 0;
    const isSame =
      replay.isRequest(id, { requestId: row.request_id, law: row.law, subject: row.subject_digest }) &&
      replay.hasTimes(id, row.received_at, row.due_at) &&
      row.open_tasks === openTasks.get(id) &&
      isOpen === (row.settled_at === null);
    if (!isSame) found.add('requests', id);
    else if (replay.isRequestErased(id) !== (page === null)) found.add('erasures', id);
  }
  missing(replay?.requests ?? 0);
}

async function compareCounts(store: Store, counted: ReadonlyMap<string, number>, found: Differences): Promise<void> {
  const kept = await store.all<StoredCount>(
    'SELECT connector, state, assurance, reason, tasks FROM task_counts WHERE tasks <> 0',
  );
  const left = new Map(counted);
  for (const { connector, state, assurance, reason, tasks } of kept) {
    const key = countKey(connector, state, assurance, reason);
    if (left.get(key) !== tasks) found.add('counts');
    left.delete(key);
  }
  for (const _ of left) found.add('counts');
}

function countKey(connector: number, state: string, assurance: string, reason: string): string {
  return JSON.stringify([connector, state, assurance, reason]);
}

async function compareHolds(store: Store, { holds }: LogReplay, found: Differences): Promise<void> {
  const rows = await store.all<Pick<StoredHold, 'id' | 'digest'>>('SELECT id, lower(hex(digest)) AS digest FROM holds');
  for (const { id, digest } of rows) {
    // Older entries do not say whom a hold is about.
    if (!holds.has(id) || (holds.get(id) ?? digest) !== digest) found.add('holds');
  }
  const there = new Set(rows.map(({ id }) => id));
  for (const id of holds.keys()) if (!there.has(id)) found.add('holds');
}

async function compareImports(store: Store, { endedImports }: LogReplay, found: Differences): Promise<void> {
  let ended = 0;
  for await (const { id } of rowsOf<Pick<StoredImport, 'id'>>(
    store,
    'SELECT id FROM imports',
    'ended_at IS NOT NULL',
  )) {
    ended += 1;
    if (!endedImports.has(id)) found.add('imports');
  }
  if (ended < endedImports.size) found.add('imports');
}

// By the batch, in order.
async function* rowsOf<Row extends { readonly id: number }>(
  store: Store,
  select: string,
  condition = '1 = 1',
): AsyncGenerator<Row> {
  for (let last = 0; ; ) {
    const rows = await store.all<Row>(
      `${select} WHERE id > ? AND ${condition} ORDER BY id LIMIT ${rowsPerBatch}`,
      last,
    );
    yield* rows;
    if (rows.length < rowsPerBatch) return;
    last = rows.at(-1)?.id ?? last;
  }
}
