import type { LedgerTask, TaskChange, TaskStep } from '../ledger.ts';
import type { StoredTask } from '../rows.ts';
import type { CallCompletion } from './calls.ts';
import { amongNumbers, runsOf } from './sql.ts';
import type { Store } from './store.ts';
import { addSubmissions, type NewSubmission } from './submissions.ts';
import { changeTasks } from './task-writer.ts';

/** A task as it was read, and the call that submits it now. */
interface Carried {
  readonly task: LedgerTask;
  readonly call?: number | undefined;
}

/** Moves tasks that are still what they were. */
export async function moveTasks(store: Store, steps: readonly TaskStep[], now: number): Promise<void> {
  const there = await stillThere(store, steps);
  await moveAlike(
    store,
    steps.filter(({ task }) => there.has(task.id)),
    now,
  );
}

/**
 * Moves the tasks of a connector's calls; equal receipts of one call become one submission. What has moved meanwhile stays
 * where it is.
 */
export async function takeSteps(
  store: Store,
  connector: number,
  ends: readonly CallCompletion[],
  now: number,
): Promise<void> {
  const steps = ends.flatMap((end) => end.steps.map((step) => ({ ...step, end })));
  const there = await stillThere(
    store,
    steps.map(({ task, end }) => ({ task, call: end.call })),
  );
  const taken = steps.filter(({ task }) => there.has(task.id));
  const submissions = await addSubmissions(store, connector, receivedWith(taken, now), now);
  await moveAlike(store, taken, now, submissions);
}

interface TakenStep extends TaskStep {
  readonly end: CallCompletion;
}

function receivedWith(steps: readonly TakenStep[], now: number): readonly NewSubmission[] {
  const texts = new Map<unknown, string>();
  const submissions = new Map<string, { receipt: string; firstCheckAt: number; tasks: number[] }>();
  for (const { task, receipt, end } of steps) {
    if (receipt === undefined) continue;
    // Most vendors give one receipt for a whole call.
    const text = texts.get(receipt) ?? JSON.stringify(receipt);
    texts.set(receipt, text);
    const key = `${end.call} ${text}`;
    const known = submissions.get(key);
    if (known !== undefined) known.tasks.push(task.id);
    else {
      const { firstCheckAt = now } = end;
      submissions.set(key, { receipt: text, firstCheckAt, tasks: [task.id] });
    }
  }
  return [...submissions.values()];
}

/** Calls with fewer tasks are compared here, all together; those with more by the database, one after the other. */
const fewTasks = 16;

/**
 * Which tasks are still what they were, by number: between a look at a task and what follows from it, it may have been
 * cancelled, or, where several work on one ledger, sent by another worker. A task that its
 * call submits counts as what it was.
 */
export async function stillThere(store: Store, carried: readonly Carried[]): Promise<ReadonlySet<number>> {
  const there = new Set<number>();
  const few: Carried[] = [];
  for (const alike of groupsOf(carried)) {
    if (alike.length <= fewTasks) few.push(...alike);
    else for (const id of await thereOfMany(store, alike)) there.add(id);
  }
  for (const id of await thereOfFew(store, few)) there.add(id);
  return there;
}

async function thereOfFew(store: Store, carried: readonly Carried[]): Promise<readonly number[]> {
  if (carried.length === 0) return [];
  const among = amongNumbers(
    store,
    'id',
    carried.map(({ task }) => task.id),
  );
  const rows = await store.all<Pick<StoredTask, 'id' | 'state' | 'call'>>(
    `SELECT id, state, call FROM tasks WHERE ${among.text}`,
    ...among.values,
  );
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const isThere = ({ task, call }: Carried) => {
    const row = rowOf.get(task.id);
    if (row === undefined) return false;
    if (row.state === task.state && row.call === (task.callId ?? null)) return true;
    return call !== undefined && row.state === 'submitting' && row.call === call;
  };
  return carried.filter(isThere).map(({ task }) => task.id);
}

async function thereOfMany(store: Store, alike: readonly [Carried, ...Carried[]]): Promise<ReadonlySet<number>> {
  const [{ task, call = 0 }] = alike;
  const ids = alike.map(({ task: { id } }) => id);
  const among = amongNumbers(store, 'id', ids);
  const moved = await store.all<Pick<StoredTask, 'id'>>(
    `SELECT id FROM tasks
     WHERE ${among.text} AND NOT ((state = ? AND call IS NOT DISTINCT FROM CAST(? AS bigint))
       OR (state = 'submitting' AND call IS NOT DISTINCT FROM CAST(? AS bigint)))`,
    ...among.values,
    task.state,
    task.callId ?? null,
    call,
  );
  const there = new Set(ids);
  for (const { id } of moved) there.delete(id);
  return there;
}

// Those that were in the same state, have the same last call, and are carried by the same one.
function groupsOf(carried: readonly Carried[]): readonly (readonly [Carried, ...Carried[]])[] {
  const groups = new Map<string, [Carried, ...Carried[]]>();
  for (const each of carried) {
    const key = `${each.task.state} ${each.task.callId} ${each.call}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()];
}

// Steps that are the same but for the task, and for the submission that it waits for, are one move of many.
async function moveAlike(
  store: Store,
  steps: readonly TaskStep[],
  now: number,
  submissions?: ReadonlyMap<number, number>,
): Promise<void> {
  const moves = new Map<
    string,
    { readonly change: TaskChange; readonly isReceived: boolean; readonly ids: number[] }
  >();
  for (const alike of runsOf(steps, isSameStep)) {
    const [{ change, receipt }] = alike;
    const isReceived = receipt !== undefined;
    const ids = alike.map(({ task }) => task.id);
    const key = JSON.stringify([change, isReceived]);
    const move = moves.get(key);
    if (move === undefined) moves.set(key, { change, isReceived, ids });
    else for (const id of ids) move.ids.push(id);
  }
  for (const { change, isReceived, ids } of moves.values()) {
    await changeTasks(store, ids, change, now, isReceived ? { submission: submissions } : {});
  }
}

function isSameStep(step: TaskStep, other: TaskStep): boolean {
  if ((step.receipt === undefined) !== (other.receipt === undefined)) return false;
  if (step.change === other.change) return true;
  const keys = Object.keys(step.change) as (keyof TaskChange)[];
  // A key that stands there without a value is not the same as another key that is missing.
  return (
    keys.length === Object.keys(other.change).length &&
    keys.every((key) => Object.hasOwn(other.change, key) && step.change[key] === other.change[key])
  );
}
