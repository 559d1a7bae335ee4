import { callCheck } from './call-connector.ts';
import type { OpenSubmission } from './ledger/ledger.ts';
import { afterCheck } from './outcome-changes.ts';
import { type BegunCall, noteFailure, noteSuccess, paced, type WorkContext } from './work-context.ts';

/** Begins to ask about the submission that is due the longest, if one is due and may be asked about now. */
export async function beginCheck(context: WorkContext): Promise<BegunCall | undefined> {
  const now = context.clock.now();
  if (context.connector.check === undefined || context.pacer.earliestStart('check', now) > now) return undefined;
  const { ledger, name, busySubmissions } = context;
  const due = await ledger.dueSubmissions(name, now, ledger.isShared === true ? 1 : busySubmissions.size + 1);
  const submission = due.find(({ id }) => !busySubmissions.has(id));
  const callId = submission === undefined ? undefined : await ledger.beginCall(name, 'check', [], now);
  if (submission === undefined || callId === undefined) {
    if (due.length > 0) await ledger.release?.({ submissions: due });
    return undefined;
  }
  busySubmissions.add(submission.id);
  const ended = check(context, callId, submission).finally(() => {
    busySubmissions.delete(submission.id);
  });
  return { ended };
}

async function check(context: WorkContext, callId: number, submission: OpenSubmission): Promise<void> {
  const { ledger, connector } = context;
  const end = await paced(context, 'check', 0, () => callCheck(connector, submission, (id) => ledger.targetsOf(id)));
  if (end.error !== undefined) {
    const { retryAt } = await noteFailure(context, end.error, 'check', 0);
    const now = context.clock.now();
    const nextAt = Math.max(retryAt, nextCheckAt(context, submission, now));
    await ledger.postponeCheck(callId, submission.id, { result: end.error.code, nextAt }, now);
    return;
  }
  noteSuccess(context, 'check');
  const now = context.clock.now();
  const outcome = end.value;
  const change = afterCheck(context.rules, outcome, submission.jobs, now);
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
