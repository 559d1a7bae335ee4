import type { Ledger } from '../ledger/ledger.ts';
import { storeTransitions } from '../tasks/transition.ts';
import { callCancel } from '../worker/call-connector.ts';
import { restoreLimits } from '../worker/connector-loop.ts';
import { whileQuiesced } from '../worker/submit.ts';
import { throttled, type WorkContext } from '../worker/work-context.ts';
import type { CancelReport } from './engine.ts';

/** The longest that a cancellation waits for the vendor's limits, in milliseconds: the vendor may begin meanwhile. */
const longestWaitMs = 60_000;

/** How often the limits are asked again for capacity, in milliseconds. */
const lookAgainMs = 250;

// The calls of earlier runs, and of workers beside this process, count towards the vendor's limits as well.
async function startCancel(context: WorkContext): Promise<number | undefined> {
  const { ledger, name, limiter, clock } = context;
  const giveUpAt = clock.now() + longestWaitMs;
  for (;;) {
    await restoreLimits(context);
    const now = clock.now();
    const startAt = limiter.earliestStart('cancel', now);
    if (startAt <= now) {
      const [callId] = await ledger.startCalls(name, 'cancel', [[]], now);
      if (callId !== undefined) return callId;
    }
    const nextAt = startAt > now && startAt < Number.POSITIVE_INFINITY ? startAt : now + lookAgainMs;
    if (nextAt > giveUpAt) return undefined;
    await clock.sleep(nextAt - now);
  }
}

/**
 * Cancels a request: what was never sent, and at the vendor a submission that serves no other request, where the vendor can.
 *
 * @returns undefined where the ledger has no such request.
 */
export async function cancelRequest(
  ledger: Ledger,
  contexts: readonly WorkContext[],
  requestId: string,
  now: () => number,
): Promise<CancelReport | undefined> {
  const unsent = await whileQuiesced(contexts, () => ledger.cancelUnsent(requestId, now()));
  if (unsent === undefined) return undefined;
  let cancelledAtVendor = 0;
  for (const { connector: name, submission, isShared, tasks } of await ledger.openSubmissions(requestId)) {
    const context = contexts.find((candidate) => candidate.name === name);
    // A submission for several people can only be cancelled as a whole: for the others it goes on.
    if (isShared || context?.connector.cancel === undefined) continue;
    const callId = await startCancel(context);
    if (callId === undefined) {
      const message = `The vendor's limits left no capacity to cancel it within ${longestWaitMs / 1000} seconds. Try again.`;
      context.emit({ type: 'call-failed', connector: name, code: 'rate-limited', message, targets: tasks });
      continue;
    }
    const { connector } = context;
    const end = await throttled(context, 'cancel', 0, (options) =>
      callCancel(connector, submission, (id) => ledger.targetsOf(id), options),
    );
    // A submission may wait for the slot that it took.
    context.slotQueue.shift()?.();
    if (end.error !== undefined) {
      const { code, message } = end.error;
      await ledger.completeCall(callId, { result: code, steps: [] }, now());
      context.emit({ type: 'call-failed', connector: name, code, message, targets: tasks });
    } else if (end.value.type === 'cancelled') {
      await ledger.endSubmission(callId, submission.id, { change: storeTransitions.cancelledAtVendor() }, now());
      cancelledAtVendor += tasks;
    } else {
      await ledger.completeCall(callId, { result: 'answered', steps: [] }, now());
    }
  }
  return {
    cancelled: unsent.cancelled + cancelledAtVendor,
    tooLate: unsent.tooLate - cancelledAtVendor,
    inDoubt: unsent.inDoubt,
  };
}
