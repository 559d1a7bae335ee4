import type { Target } from '@expunge/core';
import type { LedgerTask, TaskChange } from '../ledger/ledger.ts';
import { retryDelayMs } from './backoff.ts';
import { callRecover, callVerify } from './call-connector.ts';
import { isRepeatedInDoubt } from './submit.ts';
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
  inDoubtCall: number,
  now: number,
): Promise<StartedCall | undefined> {
  const { connector, ledger, name } = context;
  if (connector.recover !== undefined) {
    const { tasks, targets, startedAt } = await ledger.inDoubtCall(name, inDoubtCall);
    if (now < startedAt + traceShowsAfterMs) {
      return resolving(context, tasks, () => wait(context, tasks, startedAt + traceShowsAfterMs));
    }
    // A part of a call is not the call: the vendor would say that it knows of none.
    if (targets === undefined) {
      const steps = tasks.map((task) => ({ task, change: needsDecision() }));
      return resolving(context, tasks, () => ledger.moveTasks(steps, now));
    }
    const [callId] = await ledger.startCalls(name, 'recover', [tasks], now);
    if (callId === undefined) return undefined;
    const doubt = { callId: inDoubtCall, tasks, targets, startedAt };
    return resolving(context, tasks, () => recover(context, callId, doubt));
  }
  if (connector.verify !== undefined && first.seenBefore) {
    const { startedAt: sentAt } = await ledger.inDoubtCall(name, inDoubtCall);
    const [callId] = await ledger.startCalls(name, 'verify', [[first]], now);
    if (callId === undefined) return undefined;
    return resolving(context, [first], () => readAgain(context, callId, first, sentAt));
  }
  return resolving(context, [first], () => ledger.moveTasks([{ task: first, change: needsDecision() }], now));
}

function resolving(context: WorkContext, tasks: readonly LedgerTask[], work: () => Promise<void>): StartedCall {
  for (const task of tasks) context.busyTasks.add(task.id);
  const ended = work().finally(() => {
    for (const task of tasks) context.busyTasks.delete(task.id);
  });
  return { ended };
}

async function wait(context: WorkContext, tasks: readonly LedgerTask[], until: number): Promise<void> {
  const change: TaskChange = {
    state: 'in-doubt',
    reason: 'reply-lost',
    message: 'The reply was lost; the vendor is asked whether it took the call.',
    nextAt: until,
  };
  await context.ledger.moveTasks(
    tasks.map((task) => ({ task, change })),
    context.clock.now(),
  );
}

/** A call without a clear answer. */
interface DoubtfulCall {
  readonly callId: number;
  readonly tasks: readonly LedgerTask[];
  readonly targets: readonly Target[];
  readonly startedAt: number;
}

async function recover(context: WorkContext, callId: number, doubt: DoubtfulCall): Promise<void> {
  const { ledger, connector, clock } = context;
  const { tasks, targets, startedAt } = doubt;
  const since = new Date(startedAt).toISOString();
  const end = await throttled(context, 'recover', 0, (options) => callRecover(connector, targets, since, options));
  if (end.error !== undefined) {
    const { code: reason, message } = end.error;
    const { retryAt } = await recordFailure(context, end.error, 'recover', 0);
    const change: TaskChange = { state: 'in-doubt', reason, message, nextAt: retryAt };
    await ledger.completeCall(callId, { result: reason, steps: tasks.map((task) => ({ task, change })) }, clock.now());
    return;
  }
  recordSuccess(context, 'recover');
  const now = clock.now();
  const receipt = end.value;
  if (receipt !== undefined) {
    const change: TaskChange = { state: 'waiting', submittedAt: startedAt };
    const steps = tasks.map((task) => ({ task, change, receipt }));
    await ledger.completeCall(callId, { result: 'answered', steps, firstCheckAt: now }, now);
    return;
  }
  // The vendor knows of no such submission: it did not happen, used no volume and counts as no attempt. When it is sent
  // again is for the backoff of submissions to say, which goes on growing.
  context.limiter.release(targets.length);
  const steps = tasks.map((task) => ({
    task,
    change: {
      state: 'ready',
      reason: 'not-taken',
      isNotExecuted: true,
      nextAt: now,
      attempts: Math.max(0, task.attempts - 1),
    } as const,
  }));
  await ledger.completeCall(callId, { result: 'answered', steps, notExecuted: doubt.callId }, now);
}

async function readAgain(context: WorkContext, callId: number, task: LedgerTask, sentAt: number): Promise<void> {
  const { ledger, connector, clock } = context;
  const end = await throttled(context, 'verify', 1, (options) => callVerify(connector, [task.target], options));
  const now = clock.now();
  const outcome = end.error === undefined ? end.value[0]?.type : undefined;
  const isTriedAgain = end.error?.isRetryable === true && task.reads < maxReads;
  const change: TaskChange = isTriedAgain
    ? {
        state: 'in-doubt',
        reason: end.error.code,
        message: end.error.message,
        reads: task.reads + 1,
        nextAt: now + retryDelayMs(context.retry, task.reads + 1, context.random(), end.error.retryAfterMs),
      }
    : afterReading(context, outcome, sentAt, now);
  await ledger.completeCall(callId, { result: end.error?.code ?? 'answered', steps: [{ task, change }] }, now);
}

function afterReading(
  { connector }: WorkContext,
  outcome: 'present' | 'absent' | 'unknown' | undefined,
  sentAt: number,
  now: number,
): TaskChange {
  const { completion, readBackAfterMs = 0 } = connector.capabilities;
  // It was seen before, and our own read no longer finds it: the lost call has done its work.
  if (outcome === 'absent') return { state: 'deleted', assurance: 'verified', submittedAt: now };
  // A vendor that works on it later shows the record meanwhile: that it is there says nothing about the call.
  if (outcome !== 'present' || completion.type !== 'immediate') return needsDecision();
  const meaningfulAt = sentAt + readBackAfterMs;
  if (now < meaningfulAt) {
    return {
      state: 'in-doubt',
      reason: 'reply-lost',
      message: 'The reply was lost; the record is read again when that tells whether the vendor acted.',
      nextAt: meaningfulAt,
    };
  }
  return { state: 'ready', reason: 'not-taken', isNotExecuted: true, nextAt: now };
}

function needsDecision(): TaskChange {
  return {
    state: 'in-doubt',
    reason: 'reply-lost',
    message:
      "Whether the vendor acted can't be found out. Look it up there, or send it again with 'expunge resume --resend'.",
  };
}
