import type { Receipt } from '@expunge/core';
import type { LedgerTask, TaskChange, TaskStep } from '../ledger.ts';
import { toRuns } from '../number-ranges.ts';
import { changeTasks } from './change-tasks.ts';
import { runsOf } from './runs-of.ts';
import type { Store } from './store.ts';
import { addSubmission } from './submissions.ts';

/** Moves tasks that are still what they were. */
export async function moveTasks(store: Store, steps: readonly TaskStep[], now: number): Promise<void> {
  await moveAlike(store, await keepThere(store, steps), now);
}

/** Moves the tasks of a call; equal receipts become one submission. What has moved meanwhile stays where it is. */
export async function takeSteps(
  store: Store,
  call: number,
  steps: readonly TaskStep[],
  firstCheckAt: number,
  now: number,
): Promise<void> {
  const submissions = new Map<string, number>();
  await moveAlike(store, await keepThere(store, steps, call), now, async (receipt) => {
    const text = JSON.stringify(receipt);
    const submission = submissions.get(text) ?? (await addSubmission(store, call, text, firstCheckAt, now));
    submissions.set(text, submission);
    return submission;
  });
}

/**
 * Which tasks are still what they were, by number: between a look at a task and what follows from it, somebody may have
 * called it off or held it back, or, where several work on one ledger, sent it and come back with it. A task that `call`
 * submits counts as what it was.
 */
export async function stillThere(store: Store, tasks: readonly LedgerTask[], call = 0): Promise<ReadonlySet<number>> {
  const there = new Set<number>();
  for (const alike of groupsOf(tasks)) {
    const { state, callId = null } = alike[0];
    const runs = toRuns(alike.map((task) => task.id));
    for (const { first, last } of runs) {
      const moved = await store.all<{ id: number }>(
        `SELECT id FROM tasks
         WHERE id BETWEEN ? AND ? AND NOT ((state = ? AND call IS NOT DISTINCT FROM CAST(? AS bigint))
           OR (state = 'submitting' AND call IS NOT DISTINCT FROM CAST(? AS bigint)))`,
        first,
        last,
        state,
        callId,
        call,
      );
      for (let id = first; id <= last; id += 1) there.add(id);
      for (const { id } of moved) there.delete(id);
    }
  }
  return there;
}

// Those that were in the same state and have the same last call.
function groupsOf(tasks: readonly LedgerTask[]): readonly (readonly [LedgerTask, ...LedgerTask[]])[] {
  const groups = new Map<string, [LedgerTask, ...LedgerTask[]]>();
  for (const task of tasks) {
    const key = `${task.state} ${task.callId}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [task]);
    else group.push(task);
  }
  return [...groups.values()];
}

async function keepThere(store: Store, steps: readonly TaskStep[], call?: number): Promise<readonly TaskStep[]> {
  const tasks = steps.map(({ task }) => task);
  const there = await stillThere(store, tasks, call);
  return there.size === steps.length ? steps : steps.filter(({ task }) => there.has(task.id));
}

// Steps in a row that are the same but for the task are one move of many.
async function moveAlike(
  store: Store,
  steps: readonly TaskStep[],
  now: number,
  submissionOf?: (receipt: Receipt) => Promise<number>,
): Promise<void> {
  for (const alike of runsOf(steps, isSameStep)) {
    const { change, receipt } = alike[0];
    const submission = receipt === undefined ? undefined : await submissionOf?.(receipt);
    const ids = alike.map(({ task }) => task.id);
    await changeTasks(store, ids, change, now, { submission });
  }
}

function isSameStep(step: TaskStep, other: TaskStep): boolean {
  if (step.receipt !== other.receipt && JSON.stringify(step.receipt) !== JSON.stringify(other.receipt)) return false;
  if (step.change === other.change) return true;
  const keys = Object.keys(step.change) as (keyof TaskChange)[];
  // A key that stands there without a value is not the same as another key that is missing.
  return (
    keys.length === Object.keys(other.change).length &&
    keys.every((key) => Object.hasOwn(other.change, key) && step.change[key] === other.change[key])
  );
}
