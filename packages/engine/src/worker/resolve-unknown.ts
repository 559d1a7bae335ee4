import type { ConnectorError, Target } from '@expunge/core';
import type { LedgerTask, TaskChange } from '../ledger/ledger.ts';
import { isAboutTheCall } from '../tasks/read-before.ts';
import { type TaskEvent, transition } from '../tasks/transition.ts';
import { retryDelayMs } from './backoff.ts';
import { callRecover, callVerify } from './call-connector.ts';
import { isRepeatedInDoubt } from './submit.ts';
import { recordFailedRead } from './verify.ts';
import {
  recordFailure,
  recordSuccess,
  release,
  type StartedCall,
  throttled,
  type WorkContext,
} from './work-context.ts';

// A call that timed out here may still be at work at the vendor: its trace may show only a little later.
const traceShowsAfterMs = 5000;
/** Failed reads after which the operator decides. */
const maxReads = 10;

/** Begins to find out what became of a call without an answer, where a repeat would cost something. */
export async function startResolving(context: WorkContext): Promise<StartedCall | undefined> {
  if (isRepeatedInDoubt(context)) return undefined;
  const now = context.clock.now();
  const { connector, ledger, name, busyTasks, limiter } = context;
  const kind = connector.recover === undefined ? 'verify' : 'recover';
  if (limiter.earliestStart(kind, now) > now) return undefined;
  const due = await ledger.dueTasks(name, 'in-doubt', {
    now,
    limit: ledger.isShared === true ? 1 : busyTasks.size + 1,
  });
  const first = due.find((task) => !busyTasks.has(task.id));
  const started = first?.callId === undefined ? undefined : await resolve(context, first, first.callId, now);
  if (started === undefined) await release(context, due);
  return started;
}

async function resolve(
  context: WorkContext,
  first: LedgerTask,
  callInDoubt: number,
  now: number,
): Promise<StartedCall | undefined> {
  const { connector, ledger, name } = context;
  if (connector.recover !== undefined) {
    const { tasks, targets, startedAt } = await ledger.inDoubtCall(name, callInDoubt);
    if (now < startedAt + traceShowsAfterMs) {
      const message = 'The reply was lost; the vendor is asked whether it took the call.';
      const why = { nextAt: startedAt + traceShowsAfterMs, reason: 'reply-lost', message };
      return resolving(context, tasks, () => move(context, tasks, { type: 'call-unresolved', why }));
    }
    // A part of a call is not the call: the vendor would say that it knows of none.
    if (targets === undefined) return resolving(context, tasks, () => move(context, tasks, unresolvable));
    const [callId] = await ledger.startCalls(name, 'recover', [tasks], now);
    if (callId === undefined) return undefined;
    const unknown = { callId: callInDoubt, tasks, targets, startedAt };
    return resolving(context, tasks, () => recover(context, callId, unknown));
  }
  if (connector.verify !== undefined && first.readBefore === 'present') {
    const { startedAt: sentAt } = await ledger.inDoubtCall(name, callInDoubt);
    const [callId] = await ledger.startCalls(name, 'verify', [[first]], now);
    if (callId === undefined) return undefined;
    return resolving(context, [first], () => readAgain(context, callId, first, sentAt));
  }
  return resolving(context, [first], () => move(context, [first], unresolvable));
}

function resolving(context: WorkContext, tasks: readonly LedgerTask[], work: () => Promise<void>): StartedCall {
  for (const task of tasks) context.busyTasks.add(task.id);
  const ended = work().finally(() => {
    for (const task of tasks) context.busyTasks.delete(task.id);
  });
  return { ended };
}

/** Nothing that the engine can do would tell what became of the call. */
const unresolvable = { type: 'call-unresolved', why: 'for-good' } as const;

function stepsOf(context: WorkContext, tasks: readonly LedgerTask[], event: TaskEvent, now: number) {
  return tasks.map((task): { task: LedgerTask; change: TaskChange } => ({
    task,
    change: transition(context.facts, task, event, now),
  }));
}

async function move(context: WorkContext, tasks: readonly LedgerTask[], event: TaskEvent): Promise<void> {
  const now = context.clock.now();
  await context.ledger.moveTasks(stepsOf(context, tasks, event, now), now);
}

/** A call without a clear answer. */
interface UnknownCall {
  readonly callId: number;
  readonly tasks: readonly LedgerTask[];
  readonly targets: readonly Target[];
  readonly startedAt: number;
}

async function recover(context: WorkContext, callId: number, unknown: UnknownCall): Promise<void> {
  const { ledger, connector, clock } = context;
  const { tasks, targets, startedAt } = unknown;
  const since = new Date(startedAt).toISOString();
  const end = await throttled(context, 'recover', 0, (options) => callRecover(connector, targets, since, options));
  if (end.error !== undefined) {
    const { code: reason, message } = end.error;
    const { retryAt } = await recordFailure(context, end.error, 'recover', 0);
    const now = clock.now();
    const event = { type: 'call-unresolved', why: { nextAt: retryAt, reason, message } } as const;
    await ledger.completeCall(callId, { result: reason, steps: stepsOf(context, tasks, event, now) }, now);
    return;
  }
  recordSuccess(context, 'recover');
  const now = clock.now();
  const receipt = end.value;
  if (receipt !== undefined) {
    const found = stepsOf(context, tasks, { type: 'call-recovered', submittedAt: startedAt }, now);
    const steps = found.map((step) => ({ ...step, receipt }));
    await ledger.completeCall(callId, { result: 'answered', steps, firstCheckAt: now }, now);
    return;
  }
  // The vendor knows of no such submission: it did not happen, and used no volume.
  context.limiter.release(targets.length);
  const steps = stepsOf(context, tasks, { type: 'call-not-executed', wasAttempt: false }, now);
  await ledger.completeCall(callId, { result: 'answered', steps, notExecuted: unknown.callId }, now);
}

async function readAgain(context: WorkContext, callId: number, task: LedgerTask, sentAt: number): Promise<void> {
  const { ledger, connector, clock } = context;
  const end = await throttled(context, 'verify', 1, (options) => callVerify(connector, [task.target], options));
  const now = clock.now();
  if (end.error === undefined) recordSuccess(context, 'verify');
  const retryAt = end.error === undefined ? now : await recordFailedRead(context, end.error, 1);
  const event =
    end.error !== undefined && !isAboutTheCall(end.error.code) && task.reads < maxReads
      ? afterFailedRead(context, task, end.error, retryAt, now)
      : afterReading(context, end.error === undefined ? end.value[0]?.type : undefined, sentAt, now);
  const result = end.error?.code ?? 'answered';
  await ledger.completeCall(callId, { result, steps: stepsOf(context, [task], event, now) }, now);
}

function afterFailedRead(
  context: WorkContext,
  task: LedgerTask,
  error: ConnectorError,
  retryAt: number,
  now: number,
): TaskEvent {
  const reads = task.reads + 1;
  const nextAt = Math.max(retryAt, now + retryDelayMs(context.retry, reads, context.random(), error.retryAfterMs));
  return { type: 'call-unresolved', why: { nextAt, reason: error.code, message: error.message, reads } };
}

/** What a read of a record that was seen before tells about the call whose reply was lost. */
function afterReading(
  { connector }: WorkContext,
  outcome: 'present' | 'absent' | 'unknown' | undefined,
  sentAt: number,
  now: number,
): TaskEvent {
  const { completion, readBack } = connector.capabilities;
  const readBackAfterMs = readBack?.afterMs ?? 0;
  if (outcome === 'absent') return { type: 'seen-gone' };
  // A vendor that works on it later shows the record meanwhile: that it is there says nothing about the call.
  if (outcome !== 'present' || completion.type !== 'immediate') {
    return { type: 'call-unresolved', why: 'for-good', read: outcome ?? 'unknown' };
  }
  const meaningfulAt = sentAt + readBackAfterMs;
  if (now >= meaningfulAt) return { type: 'call-not-executed', wasAttempt: true };
  const message = 'The reply was lost; the record is read again when that tells whether the vendor acted.';
  return { type: 'call-unresolved', why: { nextAt: meaningfulAt, reason: 'reply-lost', message } };
}
