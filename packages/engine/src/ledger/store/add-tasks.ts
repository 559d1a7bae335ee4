import type { Target } from '@expunge/core';
import { readBeforeWithinMs } from '../../tasks/read-before.ts';
import { inSql } from '../../tasks/task-state.ts';
import { statesBefore } from '../../tasks/transitions.ts';
import { canonicalTarget, type PlannedTask } from '../ledger.ts';
import type { NewTaskRow, PrimaryTask } from '../rows.ts';
import type { Store } from './store.ts';
import { insertTasks } from './task-writer.ts';

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

/** The states in which a primary may get duplicates. */
const joinableStates = inSql(statesBefore('cancel'));

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
  const assign = (request: number, id: number) => {
    const known = ids.get(request);
    if (known === undefined) ids.set(request, [id]);
    else known.push(id);
  };
  for (const [name, tasks] of byConnector) {
    const skipped = tasks.filter(({ task }) => task.target === undefined);
    const sendable = tasks.flatMap(({ task, ...rest }) =>
      task.target === undefined ? [] : [{ ...rest, task, target: task.target }],
    );
    await addSendable(store, name, sendable, now, assign);
    await addSkipped(store, name, skipped, now, assign);
  }
  return ids;
}

async function addSendable(
  store: Store,
  name: string,
  tasks: readonly (NewTask & { readonly target: Target })[],
  now: number,
  assign: (request: number, id: number) => void,
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
  const rows = tasks.map(({ request, task, target, notBefore }, index): NewTaskRow => {
    const id = first + index;
    const digest = digests[index] ?? '';
    const primary = primaries.get(digest);
    const state = primary?.state ?? task.state;
    const reason = primary?.reason ?? null;
    if (primary === undefined) primaries.set(digest, { id, state, reason, message: null });
    assign(request, id);
    const nextAt = primary === undefined ? Math.max(now, notBefore) : null;
    const heldUntil = notBefore > now ? notBefore : 0;
    const readBy = state === 'pre-read' ? Math.max(now, notBefore) + readBeforeWithinMs : null;
    const values = [
      request,
      primary?.message ?? null,
      target.type,
      digest,
      primary?.id ?? null,
      heldUntil,
      readBy,
      nextAt,
    ];
    return { id, state, reason, values };
  });
  const columns = ['request', 'message', 'target_type', '<digest>', 'duplicate_of', 'not_before', 'read_by', 'next_at'];
  await insertTasks(store, connector, { page }, columns, rows);
}

/** The tasks that want one of these records gone and were not sent yet, by the record's fingerprint. */
export async function findPrimaries(
  store: Store,
  connector: number,
  digests: readonly string[],
): Promise<Map<string, PrimaryTask>> {
  const rows = await store.all<PrimaryTask & { digest: string }>(
    `SELECT lower(hex(digest)) AS digest, id, state, reason, message FROM tasks
     WHERE connector = ? AND digest IN (SELECT unhex(value) FROM ${store.eachText('?')})
       AND duplicate_of IS NULL AND attempts = 0 AND state IN (${joinableStates})`,
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
  assign: (request: number, id: number) => void,
): Promise<void> {
  if (tasks.length === 0) return;
  const first = await nextId(store);
  const rows = tasks.map(({ request, task }, index): NewTaskRow => {
    const id = first + index;
    assign(request, id);
    return { id, state: 'skipped', reason: task.reason ?? null, values: [request] };
  });
  await insertTasks(store, store.connectorId(name), { finished_at: now }, ['request'], rows);
}

async function nextId(store: Store): Promise<number> {
  const row = await store.get<{ last: number | null }>('SELECT max(id) AS last FROM tasks');
  return 1 + (row?.last ?? 0);
}
