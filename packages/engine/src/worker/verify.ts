import type { ConnectorError, VerifyOutcome } from '@expunge/core';
import type { LedgerTask } from '../ledger/ledger.ts';
import { fewPeople, fewPeopleAtProven, isAnybodyFound } from '../tasks/positive-control.ts';
import { isAboutTheCall, isRefusal } from '../tasks/read-before.ts';
import { transition } from '../tasks/transition.ts';
import { retryDelayMs } from './backoff.ts';
import { callVerify } from './call-connector.ts';
import { callsAtOnce, formCalls } from './form-batch.ts';
import {
  recordRefusal,
  recordSuccess,
  release,
  type StartedCall,
  throttled,
  type WorkContext,
} from './work-context.ts';

/** The longest time without a try after reads have failed, in milliseconds. */
const longestReadWaitMs = 600_000;
/** And the first one after a refusal for the credentials. */
const firstRefusedWaitMs = 60_000;

/** Begins to read the records that are due and may be read now, before the deletion (`pre-read`) or after it (`read-back`). */
export async function startReads(
  context: WorkContext,
  state: 'pre-read' | 'read-back',
): Promise<readonly StartedCall[]> {
  const now = context.clock.now();
  const { connector, ledger, name, busyTasks } = context;
  const documented = connector.capabilities.limits.verify;
  if (connector.verify === undefined || documented === undefined) return [];
  const limit = { ...documented, maxTargets: Math.min(documented.maxTargets, context.maxReadTargets) };
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
    const isBefore = state === 'pre-read';
    if (isBefore) context.openReads += 1;
    const ended = read(context, callId, state, tasks).finally(() => {
      for (const task of tasks) busyTasks.delete(task.id);
      if (isBefore) context.openReads -= 1;
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
    const { error } = end;
    const retryAt = await recordFailedRead(context, error, tasks.length);
    const steps = tasks.map((task) => {
      const againAt = readAgainAt(context, state, task, error, retryAt, now);
      const failure = { error, retryAt: againAt, isAlone: tasks.length === 1 };
      return { task, change: transition(context.facts, task, { type: failed, failure }, now) };
    });
    await context.ledger.completeCall(callId, { result: error.code, steps }, now);
    return;
  }
  recordSuccess(context, 'verify');
  context.readFailure = undefined;
  // One that was spoiled by one of its targets is over: the next one may be larger again.
  if (tasks.length >= context.maxReadTargets) {
    context.maxReadTargets = Math.min(context.largestRead, 2 * context.maxReadTargets);
  }
  const steps = end.value.flatMap((outcome, index) => {
    const task = tasks[index];
    return task === undefined
      ? []
      : [{ task, change: transition(context.facts, task, { type: answered, outcome }, now) }];
  });
  const contradicted = steps.filter(({ change }) => change.reason === 'still-present').length;
  if (contradicted > 0) context.emit({ type: 'contradiction', connector: context.name, targets: contradicted });
  await context.ledger.completeCall(callId, { result: 'answered', steps }, now);
  if (state === 'pre-read') await lookForWrongAccount(context, tasks, end.value);
}

/** Says once in a run that none of the first people was found. Somebody who is found ends the search. */
async function lookForWrongAccount(
  context: WorkContext,
  tasks: readonly LedgerTask[],
  outcomes: readonly VerifyOutcome[],
): Promise<void> {
  const { ledger, name: connector, emit } = context;
  const { notFound } = context;
  if (notFound === undefined) return;
  const before = notFound.size;
  for (const [index, task] of tasks.entries()) if (outcomes[index]?.type === 'absent') notFound.add(task.request);
  const people = notFound.size;
  if (outcomes.some(({ type }) => type === 'present')) context.notFound = undefined;
  // Asked where one of the two numbers is reached: the ledger's summary is not for free.
  const isReached = (number: number) => before < number && people >= number;
  if (context.notFound === undefined || !(isReached(fewPeople) || isReached(fewPeopleAtProven))) return;
  const summary = (await ledger.connectorSummaries()).find((each) => each.connector === connector);
  const isProven = summary !== undefined && isAnybodyFound(summary);
  if (people < (isProven ? fewPeopleAtProven : fewPeople)) return;
  context.notFound = undefined;
  emit({ type: 'none-found', connector, people });
}

/**
 * Draws the conclusions of a failed read for all reads of the connector: they wait together, longer each time. They never
 * pause the deletions: reading is for the proof alone.
 *
 * @returns When reads may be tried again.
 */
export async function recordFailedRead(context: WorkContext, error: ConnectorError, targets: number): Promise<number> {
  const now = context.clock.now();
  const { name, emit, limiter, ledger } = context;
  emit({ type: 'call-failed', connector: name, code: error.code, message: error.message, targets });
  // One target may spoil an answer as well as a call: it is found by halves.
  const isMaybeOfOne = isAboutTheCall(error.code) || error.code === 'response-unexpected';
  if (isMaybeOfOne && targets > 1) context.maxReadTargets = Math.ceil(targets / 2);
  if (error.code === 'request-too-large') context.largestRead = Math.min(context.largestRead, context.maxReadTargets);
  if (isAboutTheCall(error.code)) return now;
  context.readFailure = error.code;
  // Reads that were on their way together failed together.
  const blockedUntil = limiter.blockedUntil('verify');
  const isOneOfMany = error.retryAfterMs === undefined && blockedUntil > now;
  const retryAt = isOneOfMany ? blockedUntil : now + readDelayMs(context, error);
  if (error.code === 'rate-limited') await recordRefusal(context, 'verify', retryAt);
  else {
    limiter.block(retryAt, ['verify']);
    // Each worker finds out for itself whether its credentials are taken: the next one may have been given other ones.
    if (ledger.isShared === true && !isRefusal(error.code)) {
      await ledger.saveConnectorState(name, { blocked: { kinds: ['verify'], until: retryAt } });
    }
  }
  return retryAt;
}

/**
 * When one task is read again. While others are read, one whose reads always fail must not be read all the time. What is
 * refused for the credentials is due at once for the next run: whoever starts one has put them right.
 */
function readAgainAt(
  { retry }: WorkContext,
  state: 'pre-read' | 'read-back',
  task: LedgerTask,
  error: ConnectorError,
  retryAt: number,
  now: number,
): number {
  const isBefore = state === 'pre-read';
  if (isAboutTheCall(error.code) || (isBefore && isRefusal(error.code))) return now;
  // Before the deletion there is less time than after it.
  const firstMs = isBefore ? retry.baseMs : 60 * retry.baseMs;
  const longestMs = isBefore ? Math.min(retry.maxMs, longestReadWaitMs) : retry.maxMs;
  return Math.max(retryAt, now + Math.min(longestMs, firstMs * 2 ** Math.min(task.reads, 30)));
}

function readDelayMs(context: WorkContext, error: ConnectorError): number {
  const failures = 1 + (context.failuresInARow.get('verify') ?? 0);
  context.failuresInARow.set('verify', failures);
  // A person puts it right, or nobody: asking again within seconds would only keep a run from ending.
  if (isRefusal(error.code)) return Math.min(longestReadWaitMs, firstRefusedWaitMs * 2 ** Math.min(failures - 1, 30));
  const retry = { ...context.retry, maxMs: Math.min(context.retry.maxMs, longestReadWaitMs) };
  return retryDelayMs(retry, failures, context.random(), error.retryAfterMs);
}
