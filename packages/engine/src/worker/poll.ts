import type { CheckOutcome, ConnectorError } from '@expunge/core';
import type { OpenSubmission, OpenTasks, SubmissionEnd } from '../ledger/ledger.ts';
import {
  askedWithoutTarget,
  type CheckedTask,
  transitionAfterCheck,
  transitionAfterFailedCheck,
} from '../tasks/after-check.ts';
import { type CheckAnswer, callCheck } from './call-connector.ts';
import { recordFailure, recordSuccess, type StartedCall, throttled, type WorkContext } from './work-context.ts';

/** How many submissions are asked about together at the most. */
const checksAtOnce = 16;

/** Begins to ask about the submissions that are due the longest and may be asked about now. */
export async function startChecks(context: WorkContext): Promise<readonly StartedCall[]> {
  const now = context.clock.now();
  const { connector, ledger, name, busySubmissions, limiter } = context;
  const capacity = Math.min(limiter.capacityFor('check', now), checksAtOnce);
  if (connector.check === undefined || capacity < 1) return [];
  // A shared ledger gives nothing out twice; another one goes on giving what is being asked about.
  const given = await ledger.dueSubmissions(
    name,
    now,
    ledger.isShared === true ? capacity : busySubmissions.size + capacity,
  );
  const due = given.filter(({ id }) => !busySubmissions.has(id)).slice(0, capacity);
  if (due.length === 0) return [];
  const callIds = await ledger.startCalls(
    name,
    'check',
    due.map(() => []),
    now,
  );
  const notBegun = due.filter((_, index) => callIds[index] === undefined);
  if (notBegun.length > 0) await ledger.release?.({ submissions: notBegun });
  return due.flatMap((submission, index) => {
    const callId = callIds[index];
    if (callId === undefined) return [];
    busySubmissions.add(submission.id);
    const ended = check(context, callId, submission).finally(() => {
      busySubmissions.delete(submission.id);
    });
    return [{ ended }];
  });
}

async function check(context: WorkContext, callId: number, submission: OpenSubmission): Promise<void> {
  const { ledger, connector } = context;
  const mark = context.cancelMarks.get(submission.id) ?? 0;
  const open = await ledger.openTasks(submission.id);
  const targets = open.tasks.map(({ target }) => target);
  const end = await throttled(context, 'check', 0, (options) => callCheck(connector, submission, targets, options));
  if (end.error !== undefined) {
    await endFailedCheck(context, callId, submission, open, end.error);
    return;
  }
  recordSuccess(context, 'check');
  const now = context.clock.now();
  // The answer may be older than what the vendor has cancelled since, or cancels now.
  if (mark % 2 === 1 || (context.cancelMarks.get(submission.id) ?? 0) !== mark) {
    const nextAt = nextCheckAt(context, submission, now);
    await ledger.postponeCheck(callId, submission.id, { result: 'answered', nextAt }, now);
    return;
  }
  const { ends, pending } = endsOf(context, callId, submission, open, end.value, now);
  const rest = { nextAt: nextCheckAt(context, submission, now), vendorStatus: pending?.vendorStatus };
  if (ends.length === 0) await ledger.postponeCheck(callId, submission.id, { result: 'answered', ...rest }, now);
  else await ledger.endSubmission(callId, submission.id, { ends, rest }, now);
}

type OpenEnd = SubmissionEnd & { readonly tasks: number[] };

/** Where the answer takes those whom it is about, the same ends together, and what it says of those who wait on. */
function endsOf(
  { facts }: WorkContext,
  callId: number,
  { jobs, submittedAt }: OpenSubmission,
  { tasks, unreadable, dueAt }: OpenTasks,
  answer: CheckAnswer,
  now: number,
): { readonly ends: readonly SubmissionEnd[]; readonly pending: CheckOutcome | undefined } {
  const submission = { jobs, submittedAt, targets: tasks.length + unreadable.length, dueAt, callId };
  const ends = new Map<string, OpenEnd>();
  // Most answers are one for all: where they take one task, they take everybody who was read alike.
  const endOf = new Map<string, OpenEnd | undefined>();
  let last: CheckOutcome | undefined;
  let pending: CheckOutcome | undefined;
  const findEnd = (task: CheckedTask, outcome: CheckOutcome | undefined): OpenEnd | undefined => {
    // Without its target there is none to ask about, and one outcome for each says nothing of it.
    const change =
      outcome === undefined ? askedWithoutTarget : transitionAfterCheck(facts, task, outcome, submission, now);
    if (change === undefined) {
      pending ??= outcome;
      return undefined;
    }
    const parts = outcome !== undefined && 'parts' in outcome ? outcome.parts : undefined;
    const key = JSON.stringify([change, parts]);
    const end = ends.get(key) ?? { tasks: [], change, parts };
    ends.set(key, end);
    return end;
  };
  const add = (id: number, task: CheckedTask, outcome: CheckOutcome | undefined) => {
    if (outcome !== last) endOf.clear();
    last = outcome;
    // A job that failed is divided by the place of each.
    const isDivided = outcome?.state === 'failed';
    const end = !isDivided && endOf.has(task.readBefore) ? endOf.get(task.readBefore) : findEnd(task, outcome);
    endOf.set(task.readBefore, end);
    end?.tasks.push(id);
  };
  for (const [index, { id, readBefore }] of tasks.entries()) {
    add(id, { index, readBefore }, answer.isOfAll ? answer.outcome : answer.outcomes[index]);
  }
  for (const [index, id] of unreadable.entries()) {
    const task: CheckedTask = { index: tasks.length + index, readBefore: 'unread' };
    add(id, task, answer.isOfAll ? answer.outcome : undefined);
  }
  return { ends: [...ends.values()], pending };
}

async function endFailedCheck(
  context: WorkContext,
  callId: number,
  submission: OpenSubmission,
  { tasks, unreadable }: OpenTasks,
  error: ConnectorError,
): Promise<void> {
  const { ledger, facts } = context;
  const { retryAt } = await recordFailure(context, error, 'check', 0);
  const now = context.clock.now();
  const { submittedAt } = submission;
  const change = transitionAfterFailedCheck(facts, error, { failures: submission.failures + 1, submittedAt }, now);
  if (change !== undefined) {
    const ids = [...tasks.map(({ id }) => id), ...unreadable];
    await ledger.endSubmission(callId, submission.id, { ends: [{ tasks: ids, change }], result: error.code }, now);
    return;
  }
  const nextAt = Math.max(retryAt, nextCheckAt(context, submission, now));
  await ledger.postponeCheck(callId, submission.id, { result: error.code, nextAt }, now);
}

// Half the time that has passed already, between the first and the longest sensible wait: often while it is young,
// seldom after weeks.
function nextCheckAt(context: WorkContext, submission: OpenSubmission, now: number): number {
  const { completion } = context.connector.capabilities;
  if (completion.type !== 'polled') return now + 60_000;
  const half = Math.round((now - submission.submittedAt) / 2);
  return (
    now +
    Math.max(
      Math.min(half, completion.checkEveryMs),
      Math.min(completion.firstCheckAfterMs, completion.checkEveryMs),
      100,
    )
  );
}
