import type { OpenSubmission } from '../ledger/ledger.ts';
import { transitionAfterCheck } from '../tasks/transition.ts';
import { callCheck } from './call-connector.ts';
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
  const end = await throttled(context, 'check', 0, (options) =>
    callCheck(connector, submission, (id) => ledger.targetsOf(id), options),
  );
  if (end.error !== undefined) {
    const { retryAt } = await recordFailure(context, end.error, 'check', 0);
    const now = context.clock.now();
    const nextAt = Math.max(retryAt, nextCheckAt(context, submission, now));
    await ledger.postponeCheck(callId, submission.id, { result: end.error.code, nextAt }, now);
    return;
  }
  recordSuccess(context, 'check');
  const now = context.clock.now();
  const outcome = end.value;
  const change = transitionAfterCheck(context.facts, outcome, submission, now);
  if (change === undefined) {
    const nextAt = nextCheckAt(context, submission, now);
    await ledger.postponeCheck(
      callId,
      submission.id,
      { result: 'answered', nextAt, vendorStatus: outcome.vendorStatus },
      now,
    );
    return;
  }
  const parts = outcome.state === 'partial' || outcome.state === 'deleted' ? outcome.parts : undefined;
  await ledger.endSubmission(callId, submission.id, { change, parts }, now);
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
