import type { ConnectorError } from '@expunge/core';
import type { LedgerTask } from '../ledger/ledger.ts';
import { transition } from '../tasks/transition.ts';
import { retryDelayMs } from './backoff.ts';
import { callVerify } from './call-connector.ts';
import { callsAtOnce, formCalls } from './form-batch.ts';
import { recordRefusal, release, type StartedCall, throttled, type WorkContext } from './work-context.ts';

/** A read before the deletion that has not come about within six hours of being due is given up: it must not delay the law. */
export const preReadWithinMs = 6 * 3_600_000;

/** Begins to read the records that are due and may be read now, before the deletion (`pre-read`) or after it (`read-back`). */
export async function startReads(
  context: WorkContext,
  state: 'pre-read' | 'read-back',
): Promise<readonly StartedCall[]> {
  const now = context.clock.now();
  const { connector, ledger, name, busyTasks } = context;
  const limit = connector.capabilities.limits.verify;
  if (connector.verify === undefined || limit === undefined) return [];
  if (state === 'pre-read' && context.readsRefused) return [];
  const capacity = Math.min(context.limiter.capacityFor('verify', now), callsAtOnce(limit));
  if (capacity < 1) return [];
  const wanted = limit.maxTargets * capacity;
  // A shared ledger gives nothing out twice; another one goes on giving what is being read.
  const given = ledger.isShared === true ? wanted : busyTasks.size + wanted;
  const due = await ledger.dueTasks(name, state, { now, limit: given });
  const free = due.filter((task) => !busyTasks.has(task.id)).slice(0, wanted);
  const batches = formCalls(free, limit, free.length < wanted).slice(0, capacity);
  await release(context, due, batches.flat());
  const callIds = await ledger.startCalls(name, 'verify', batches, now);
  const started = batches.map((tasks, index) => ({ tasks, callId: callIds[index] }));
  await release(
    context,
    started.flatMap(({ tasks, callId }) => (callId === undefined ? tasks : [])),
  );
  return started.flatMap(({ tasks, callId }) => {
    if (callId === undefined) return [];
    for (const task of tasks) busyTasks.add(task.id);
    const ended = read(context, callId, state, tasks).finally(() => {
      for (const task of tasks) busyTasks.delete(task.id);
    });
    return [{ ended }];
  });
}

/** What happens to a task that is read: the read is answered, or fails. */
const eventsOf = {
  'pre-read': ['read-before', 'read-before-failed'],
  'read-back': ['read-back', 'read-back-failed'],
} as const;

async function read(
  context: WorkContext,
  callId: number,
  state: 'pre-read' | 'read-back',
  tasks: readonly LedgerTask[],
): Promise<void> {
  const targets = tasks.map((task) => task.target);
  const end = await throttled(context, 'verify', tasks.length, (options) =>
    callVerify(context.connector, targets, options),
  );
  const now = context.clock.now();
  const [answered, failed] = eventsOf[state];
  if (end.error !== undefined) {
    const retryAt = await recordFailedRead(context, end.error, tasks.length);
    const { error } = end;
    const steps = tasks.map((task) => ({
      task,
      change: transition(context.facts, task, { type: failed, error, retryAt }, now),
    }));
    await context.ledger.completeCall(callId, { result: error.code, steps }, now);
    return;
  }
  context.limiter.succeeded('verify', now);
  const steps = end.value.flatMap((outcome, index) => {
    const task = tasks[index];
    return task === undefined
      ? []
      : [{ task, change: transition(context.facts, task, { type: answered, outcome }, now) }];
  });
  const contradicted = steps.filter(({ change }) => change.reason === 'still-present').length;
  if (contradicted > 0) context.emit({ type: 'contradiction', connector: context.name, targets: contradicted });
  await context.ledger.completeCall(callId, { result: 'answered', steps }, now);
}

// Reading is a courtesy to the proof: its failures never pause the deletion itself.
async function recordFailedRead(context: WorkContext, error: ConnectorError, targets: number): Promise<number> {
  const now = context.clock.now();
  const { name, emit } = context;
  const retryAt = now + retryDelayMs(context.retry, 1, context.random(), error.retryAfterMs);
  if (error.code === 'credentials-rejected' || error.code === 'permission-missing') context.readsRefused = true;
  if (error.code === 'rate-limited') await recordRefusal(context, 'verify', retryAt);
  emit({ type: 'call-failed', connector: name, code: error.code, message: error.message, targets });
  return retryAt;
}
