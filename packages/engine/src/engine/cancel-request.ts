import type { Ledger } from '../ledger/ledger.ts';
import { callCancel } from '../worker/call-connector.ts';
import { longestWaitMs, makeCall } from '../worker/make-call.ts';
import { whileQuiesced } from '../worker/submit.ts';
import { throttled, type WorkContext } from '../worker/work-context.ts';
import type { CancelReport } from './engine.ts';

/**
 * Cancels a request: what was never sent, and at the vendor a submission that serves no other request, where the vendor can.
 *
 * @returns undefined where the ledger has no such request.
 */
export async function cancelRequest(
  ledger: Ledger,
  contexts: readonly WorkContext[],
  requestId: string,
  actor: string,
  now: () => number,
): Promise<CancelReport | undefined> {
  const unsent = await whileQuiesced(contexts, () => ledger.cancelUnsent(requestId, now(), actor));
  if (unsent === undefined) return undefined;
  let cancelledAtVendor = 0;
  let contradicted = 0;
  for (const { connector: name, submission, isShared, tasks } of await ledger.openSubmissions(requestId)) {
    const context = contexts.find((candidate) => candidate.name === name);
    if (context?.connector.cancel === undefined) continue;
    const { connector } = context;
    const isByTarget = connector.capabilities.cancels === 'target';
    // Elsewhere a submission for several people can only be cancelled as a whole: for the others it goes on.
    if (isShared && !isByTarget) continue;
    const own = isByTarget
      ? await ledger.ownTasks(submission.id, requestId)
      : (await ledger.openTasks(submission.id)).tasks;
    // Others want the same record gone, or its page is damaged.
    if (own.length === 0) continue;
    const targets = own.map(({ target }) => target);
    const endCancelling = beginCancelling(context, submission.id);
    const made = await makeCall(context, 'cancel', async (callId) => {
      const end = await throttled(context, 'cancel', 0, (options) =>
        callCancel(connector, submission, targets, options),
      );
      return { callId, end };
    }).catch((error: unknown) => {
      endCancelling();
      throw error;
    });
    if (made === undefined) {
      endCancelling();
      const message = `The vendor's limits left no capacity to cancel it within ${longestWaitMs / 1000} seconds. Try again.`;
      context.emit({ type: 'call-failed', connector: name, code: 'rate-limited', message, targets: tasks });
      continue;
    }
    const { callId, end } = made;
    // A submission may wait for the slot that it took.
    for (const each of [context, ...context.peers]) {
      each.slotQueue.shift()?.();
      each.wakeUp();
    }
    if (end.error !== undefined) {
      const { code, message } = end.error;
      await ledger.completeCall(callId, { result: code, steps: [] }, now());
      context.emit({ type: 'call-failed', connector: name, code, message, targets: tasks });
    } else {
      const cancelled = own.filter((_, index) => end.value[index]?.type === 'cancelled').map(({ id }) => id);
      const came = await ledger.cancelInSubmission(callId, submission.id, cancelled, now());
      cancelledAtVendor += came.cancelled;
      contradicted += came.contradicted;
    }
    endCancelling();
  }
  return {
    cancelled: unsent.cancelled + cancelledAtVendor,
    tooLate: unsent.tooLate - cancelledAtVendor,
    inDoubt: unsent.inDoubt + contradicted,
  };
}

// A check of the same submission may be answered for the job as a whole, with or without those who are taken out meanwhile.
function beginCancelling({ cancelMarks }: WorkContext, submission: number): () => void {
  const mark = () => cancelMarks.set(submission, (cancelMarks.get(submission) ?? 0) + 1);
  mark();
  return mark;
}
