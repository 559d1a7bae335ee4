import type { Target } from '@expunge/core';
import type { TaskState } from '../../tasks/task-state.ts';
import { canonicalTarget, type PlannedTask } from '../ledger.ts';
import { inheritHolds } from './holds.ts';
import { insertRows } from './insert-rows.ts';
import type { Store } from './store.ts';

/** The tasks to be added to one request. */
export interface RequestTasks {
  /** The request's number. */
  readonly row: number;
  readonly tasks: readonly PlannedTask[];
  /** Nothing of it is sent before this. */
  readonly notBefore: number;
}

/** One task to be added to a request. */
interface NewTask {
  readonly request: number;
  readonly task: PlannedTask;
  readonly notBefore: number;
}

/** A task that asks for a target which nobody has sent yet: equal ones follow it. */
interface PrimaryTask {
  readonly id: number;
  readonly state: TaskState;
  readonly reason: string | null;
  readonly message: string | null;
}

/**
 * Adds tasks to requests, within a transaction. The tasks of one connector get numbers that follow each other, so that
 * a call's tasks are a run of numbers, which is moved, logged and found as one.
 *
 * @returns The numbers of each request's tasks, by the request's number.
 */
export async function addTasks(
  store: Store,
  requests: readonly RequestTasks[],
  now: number,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const byConnector = new Map<string, NewTask[]>();
  for (const { row, tasks, notBefore } of requests) {
    for (const task of tasks) {
      const list = byConnector.get(task.connector);
      const added = { request: row, task, notBefore };
      if (list === undefined) byConnector.set(task.connector, [added]);
      else list.push(added);
    }
  }
  const ids = new Map<number, number[]>();
  const note = (request: number, id: number) => {
    const known = ids.get(request);
    if (known === undefined) ids.set(request, [id]);
    else known.push(id);
  };
  for (const [name, tasks] of byConnector) {
    const skipped = tasks.filter(({ task }) => task.target === undefined);
    const sendable = tasks.flatMap(({ task, ...rest }) =>
      task.target === undefined ? [] : [{ ...rest, task, target: task.target }],
    );
    await addSendable(store, name, sendable, now, note);
    await addSkipped(store, name, skipped, now, note);
  }
  return ids;
}

async function addSendable(
  store: Store,
  name: string,
  tasks: readonly (NewTask & { readonly target: Target })[],
  now: number,
  note: (request: number, id: number) => void,
): Promise<void> {
  if (tasks.length === 0) return;
  const connector = store.connectorId(name);
  const first = await nextId(store);
  const digests = tasks.map(({ target }) => store.cipher.digest(canonicalTarget(target)));
  const primaries = await findPrimaries(store, connector, digests);
  const page = await store.pages.add(
    `tasks/${connector}`,
    tasks.map(({ target }, index) => ({ row: first + index, boundTo: digests[index] ?? '', value: target })),
  );
  const joined: { readonly primary: number; readonly request: number }[] = [];
  const movesByPlace = new Map<string, { state: TaskState; reason: string | null; ids: number[] }>();
  const rows = tasks.map(({ request, task, target, notBefore }, index) => {
    const id = first + index;
    const digest = digests[index] ?? '';
    const primary = primaries.get(digest);
    const state = primary?.state ?? task.state;
    const reason = primary?.reason ?? null;
    if (primary === undefined) primaries.set(digest, { id, state, reason, message: null });
    if (primary?.state === 'held') joined.push({ primary: primary.id, request });
    const place = `${state}|${reason}`;
    const moves = movesByPlace.get(place);
    if (moves === undefined) movesByPlace.set(place, { state, reason, ids: [id] });
    else moves.ids.push(id);
    note(request, id);
    const nextAt = primary === undefined ? Math.max(now, notBefore) : null;
    return [id, request, state, reason, primary?.message ?? null, target.type, digest, primary?.id ?? null, nextAt];
  });
  await insertRows(store, {
    table: 'tasks',
    shared: { connector, page },
    columns: ['id', 'request', 'state', 'reason', 'message', 'target_type', '<digest>', 'duplicate_of', 'next_at'],
    rows,
  });
  for (const { state, reason, ids } of movesByPlace.values()) {
    store.counts.add({ connector, state, assurance: null, reason }, ids.length);
    store.audit.addMoves(ids, { connector: name, from: undefined, to: state, reason: reason ?? undefined });
  }
  for (const { primary, request } of joined) await inheritHolds(store, primary, request);
}

// Whoever wants the same record gone as somebody whose task is not sent yet.
async function findPrimaries(
  store: Store,
  connector: number,
  digests: readonly string[],
): Promise<Map<string, PrimaryTask>> {
  const rows = await store.all<PrimaryTask & { digest: string }>(
    `SELECT lower(hex(digest)) AS digest, id, state, reason, message FROM tasks
     WHERE connector = ? AND digest IN (SELECT unhex(value) FROM ${store.eachText('?')})
       AND duplicate_of IS NULL AND attempts = 0 AND state IN ('pre-read', 'ready', 'held')`,
    connector,
    JSON.stringify(digests),
  );
  return new Map(rows.map((row) => [row.digest, row]));
}

async function addSkipped(
  store: Store,
  name: string,
  tasks: readonly NewTask[],
  now: number,
  note: (request: number, id: number) => void,
): Promise<void> {
  if (tasks.length === 0) return;
  const connector = store.connectorId(name);
  const first = await nextId(store);
  const idsByReason = new Map<string | undefined, number[]>();
  const rows = tasks.map(({ request, task }, index) => {
    const id = first + index;
    note(request, id);
    const ids = idsByReason.get(task.reason);
    if (ids === undefined) idsByReason.set(task.reason, [id]);
    else ids.push(id);
    return [id, request, task.reason ?? null];
  });
  await insertRows(store, {
    table: 'tasks',
    shared: { connector, state: 'skipped', finished_at: now },
    columns: ['id', 'request', 'reason'],
    rows,
  });
  for (const [reason, ids] of idsByReason) {
    store.counts.add({ connector, state: 'skipped', assurance: null, reason: reason ?? null }, ids.length);
    store.audit.addMoves(ids, { connector: name, from: undefined, to: 'skipped', reason });
  }
}

async function nextId(store: Store): Promise<number> {
  const row = await store.get<{ last: number | null }>('SELECT max(id) AS last FROM tasks');
  return 1 + (row?.last ?? 0);
}
