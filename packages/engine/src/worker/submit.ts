import type { ConnectorError } from '@expunge/core';
import type { LedgerTask, TaskStep } from '../ledger/ledger.ts';
import { partNumber, partOf } from '../tasks/bisect.ts';
import { type CallPart, transition } from '../tasks/transition.ts';
import { callSubmit } from './call-connector.ts';
import { callsAtOnce, formCalls } from './form-batch.ts';
import {
  recordFailure,
  recordSuccess,
  release,
  type StartedCall,
  throttled,
  type WorkContext,
} from './work-context.ts';

/**
 * Starts the submissions that are due and may start now. Their intents are committed before the calls, in one commit for
 * all: for vendors that take one target a call, the disk would be the limit otherwise.
 */
export async function startSubmits(context: WorkContext): Promise<readonly StartedCall[]> {
  // No intent is persisted while a person is cancelled or put on hold.
  for (let seen: Promise<void> | undefined; seen !== context.quiescing; ) {
    seen = context.quiescing;
    await seen;
  }
  const persisting = persistSubmits(context);
  // A caller that waits for it only waits for its end. The loop gets its error.
  context.persisting = persisting.then(
    () => {},
    () => {},
  );
  return persisting;
}

async function persistSubmits(context: WorkContext): Promise<readonly StartedCall[]> {
  const { ledger, name } = context;
  const now = context.clock.now();
  context.waitsForReadsUntil = undefined;
  const limit = batchLimit(context, now);
  const capacity = Math.min(capacityForSubmits(context, now), callsAtOnce(limit));
  if (capacity < 1) return [];
  const wanted = Math.min(limit.maxTargets * capacity, context.limiter.targetsLeft(now));
  const due = await dueForSubmit(context, now, wanted);
  const alike = limit.oneTypePerCall === true ? due.filter((task) => task.target.type === due[0]?.target.type) : due;
  const isAll = due.length < wanted;
  const formed = partsIn(alike)
    .flatMap((tasks) => formCalls(tasks, limit, isAll))
    .slice(0, capacity);
  context.waitsForReadsUntil = waitForReadsUntil(context, formed, alike, limit.maxTargets, now);
  const batches = context.waitsForReadsUntil === undefined ? formed : formed.slice(0, -1);
  await release(context, due, batches.flat());
  if (batches.length === 0) return [];
  const callIds = await ledger.startCalls(name, 'submit', batches, now);
  await release(context, batches.filter((_, index) => callIds[index] === undefined).flat());
  return batches.flatMap((batch, index) => {
    const callId = callIds[index];
    return callId === undefined ? [] : [{ ended: submit(context, callId, batch) }];
  });
}

// A shared ledger gives out whatever parts of bisected batches are due. Two of them in one call would be the batch that was refused.
function partsIn(tasks: readonly LedgerTask[]): readonly (readonly LedgerTask[])[] {
  return [...Map.groupBy(tasks, (task) => (task.state === 'ready' ? task.bisectedBatch : undefined)).values()];
}

/**
 * Reads take fewer targets than deletions: while others are still being read, a last call that has room left waits for them,
 * so that reading breaks up no calls. It waits for nobody else, and no longer than reading may delay a deletion.
 *
 * @returns Until when it may wait; undefined: it is sent now.
 */
function waitForReadsUntil(
  context: WorkContext,
  calls: readonly (readonly LedgerTask[])[],
  tasks: readonly LedgerTask[],
  maxTargets: number,
  now: number,
): number | undefined {
  const last = calls.at(-1);
  const isReading = context.openReads > 0 || context.nextReadAt - now <= context.waitForReadsMs;
  if (last === undefined || !isReading) return undefined;
  const hasCapacity = last.length < maxTargets && last.at(-1) === tasks.at(-1);
  const isFirstSent = (task: LedgerTask) =>
    task.state === 'ready' && task.attempts === 0 && task.bisectedBatch === undefined;
  const until = Math.min(...last.map((task) => (isFirstSent(task) ? (task.readBy ?? now) : now)));
  return hasCapacity && until > now ? until : undefined;
}

/**
 * If a repeat is harmless, the engine persists the intents of the next calls before a slot is free. A slot then never waits
 * for the disk. A crash leaves such tasks in doubt though they were never sent. Among several workers the persisted calls
 * are what the limits count, so that none is persisted ahead there.
 */
function capacityForSubmits(context: WorkContext, now: number): number {
  const { ledger, limiter } = context;
  const capacity = limiter.capacityFor('submit', now);
  if (ledger.isShared === true || !isRepeatedInDoubt(context)) return capacity;
  const ahead = limiter.capacityAhead(now);
  // One commit persists many: not before half of those that are ahead are on their way.
  return capacity > 0 || ahead > limiter.waiting ? Math.max(capacity, ahead) : 0;
}

async function endUnsent(context: WorkContext, callId: number, batch: readonly LedgerTask[]): Promise<void> {
  const now = context.clock.now();
  const steps = batch.map((task) => ({
    task,
    change: transition(context.facts, task, { type: 'submit-withheld' }, now),
  }));
  await context.ledger.completeCall(callId, { result: 'not-sent', steps }, now);
}

function isFull({ ledger, limiter, clock }: WorkContext): boolean {
  return ledger.isShared !== true && limiter.earliestStart('submit', clock.now()) === Number.POSITIVE_INFINITY;
}

// While the intent was persisted, or the call waited for its slot, another call may have paused or slowed the connector,
// shown that the vendor takes fewer targets, or used up the month's volume. A person may have been cancelled or put on hold.
// Or the run is over.
function isStillSent(context: WorkContext, batch: readonly LedgerTask[], quiesceCount: number): boolean {
  const { isEnding, paused, limiter, ledger, clock, maxTargets } = context;
  if (isEnding || paused !== undefined || batch.length > maxTargets || quiesceCount !== context.quiesceCount)
    return false;
  const now = clock.now();
  // Where work is shared, the ledger found capacity for it when the intent was persisted.
  if (ledger.isShared === true) return limiter.blockedUntil('submit') <= now;
  return limiter.earliestStart('submit', now) <= now && batch.length <= limiter.targetsLeft(now);
}

function batchLimit(context: WorkContext, now: number) {
  const limit = context.connector.capabilities.limits.submit;
  return { ...limit, maxTargets: Math.min(limit.maxTargets, context.maxTargets, context.limiter.targetsLeft(now)) };
}

/**
 * Cancels a request or puts a person on hold while no intent is persisted whose call was not made. Calls that wait for a
 * slot are withheld first, so that their tasks are found where they certainly were not sent.
 */
export async function whileQuiesced<Result>(
  contexts: readonly WorkContext[],
  work: () => Promise<Result>,
): Promise<Result> {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  for (const context of contexts) context.quiescing = Promise.all([context.quiescing, ended]).then(() => {});
  try {
    await Promise.all(contexts.map(({ persisting }) => persisting));
    for (const context of contexts) {
      context.quiesceCount += 1;
      for (const waken of context.slotQueue.splice(0)) waken();
    }
    // By then the withheld calls are queued for the ledger's writer, before the work.
    await new Promise((resolve) => setImmediate(resolve));
    return await work();
  } finally {
    end();
  }
}

/** The tasks that the next calls are made of: a part of a rejected batch first, then the longest due. */
async function dueForSubmit(context: WorkContext, now: number, limit: number): Promise<readonly LedgerTask[]> {
  const { ledger, name } = context;
  const bisectedBatch = await ledger.dueBisectedBatch(name, now);
  if (bisectedBatch !== undefined) {
    const part = await ledger.dueTasks(name, 'ready', { now, limit, bisectedBatch });
    // All of a part may have been cancelled or put on hold.
    if (part.length > 0) return part;
  }
  const ready = await dueOfOneType(context, 'ready', now, limit);
  if (ready.length > 0) return ready;
  // What is in doubt and harmless to repeat is simply sent again.
  return isRepeatedInDoubt(context) ? dueOfOneType(context, 'in-doubt', now, limit) : [];
}

async function dueOfOneType(
  context: WorkContext,
  state: 'ready' | 'in-doubt',
  now: number,
  limit: number,
): Promise<readonly LedgerTask[]> {
  const { ledger, name } = context;
  // A part of a rejected batch has a call of its own while it is ready. In doubt it is sent again like any other.
  const bisectedBatch = state === 'ready' ? null : undefined;
  // What a shared ledger gives out it does not give out twice: the type is sorted out afterwards.
  if (context.connector.capabilities.limits.submit.oneTypePerCall !== true || ledger.isShared === true) {
    return ledger.dueTasks(name, state, { now, limit, bisectedBatch });
  }
  const [first] = await ledger.dueTasks(name, state, { now, limit: 1, bisectedBatch });
  if (first === undefined) return [];
  return ledger.dueTasks(name, state, { now, limit, bisectedBatch, targetType: first.target.type });
}

/** Whether tasks in doubt are sent again without asking: there is no receipt to recover, and a repeat does no harm. */
export function isRepeatedInDoubt(context: WorkContext): boolean {
  const { connector } = context;
  return connector.recover === undefined && connector.capabilities.repeat === 'harmless';
}

async function submit(context: WorkContext, callId: number, batch: readonly LedgerTask[]): Promise<void> {
  const { limiter, slotQueue, quiesceCount } = context;
  // Asked and taken without a pause in between: two calls must not take the same slot.
  while (isFull(context) && quiesceCount === context.quiesceCount) {
    limiter.beginWaiting(batch.length);
    await new Promise<void>((resolve) => slotQueue.push(resolve));
    limiter.endWaiting(batch.length);
  }
  if (!isStillSent(context, batch, quiesceCount)) {
    // The next one that waits is not to be sent either, or takes the slot.
    slotQueue.shift()?.();
    await endUnsent(context, callId, batch);
    return;
  }
  const targets = batch.map((task) => task.target);
  const end = await throttled(context, 'submit', batch.length, (options) =>
    callSubmit(context.connector, targets, options),
  );
  const now = context.clock.now();
  if (end.error !== undefined) {
    await endFailedSubmit(context, callId, batch, end.error);
    return;
  }
  if ((context.failuresInARow.get('submit') ?? 0) > 0)
    await context.ledger.saveConnectorState(context.name, { failures: 0 });
  recordSuccess(context, 'submit');
  // The next call leaves before the completion of this one is on the disk. Where more intents are to be persisted, the
  // completion goes into the same commit.
  slotQueue.shift()?.();
  if (context.ledger.isShared !== true && capacityForSubmits(context, now) > 0) context.wakeUp();
  const steps: TaskStep[] = [];
  for (const [index, outcome] of end.value.entries()) {
    const task = batch[index];
    if (task === undefined) continue;
    const change = transition(context.facts, task, { type: 'submit-answered', outcome }, now);
    const receipt = outcome.type === 'accepted' && change.state === 'waiting' ? outcome.receipt : undefined;
    steps.push({ task, change, receipt });
  }
  await context.ledger.completeCall(
    callId,
    { result: 'answered', steps, firstCheckAt: firstCheckAt(context, now) },
    now,
  );
}

function firstCheckAt(context: WorkContext, now: number): number {
  const { completion } = context.connector.capabilities;
  return completion.type === 'polled' ? now + completion.firstCheckAfterMs : now;
}

async function endFailedSubmit(
  context: WorkContext,
  callId: number,
  batch: readonly LedgerTask[],
  error: ConnectorError,
): Promise<void> {
  const result = await recordFailure(context, error, 'submit', batch.length);
  if (error.effect === 'nothing') context.limiter.release(batch.length);
  if (error.code === 'request-too-large' && batch.length > 1) {
    context.maxTargets = Math.min(context.maxTargets, Math.ceil(batch.length / 2));
    await context.ledger.saveConnectorState(context.name, { maxTargets: context.maxTargets });
  }
  const now = context.clock.now();
  const { retryAt } = result;
  const halfOf = (index: number): CallPart => ({
    isAlone: batch.length === 1,
    half: partNumber(callId, partOf(index, batch.length, 2)),
  });
  const steps = batch.map((task, index) => ({
    task,
    change: transition(context.facts, task, { type: 'submit-failed', error, retryAt, part: halfOf(index) }, now),
  }));
  await context.ledger.completeCall(callId, { result: error.code, steps }, now);
}
