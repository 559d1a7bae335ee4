import { ConnectorError } from '@expunge/core';
import type { CancelReport } from './engine.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { WorkContext } from './work-context.ts';

/**
 * Calls a request back: what was never sent is cancelled, and where the vendor can still call a submission back, and it
 * serves nobody else, the vendor is asked to.
 *
 * @returns undefined where the ledger has no such request.
 */
export async function callOffRequest(
  ledger: Ledger,
  contexts: readonly WorkContext[],
  requestId: string,
  now: () => number,
): Promise<CancelReport | undefined> {
  const unsent = await ledger.cancelUnsent(requestId, now());
  if (unsent === undefined) return undefined;
  let calledBack = 0;
  for (const { connector: name, submission, isShared, tasks } of await ledger.openSubmissions(requestId)) {
    const context = contexts.find((candidate) => candidate.name === name);
    // A submission for several people can only be called back as a whole: for the others it goes on.
    if (isShared || context?.connector.cancel === undefined) continue;
    const callId = await ledger.beginCall(name, 'cancel', [], now());
    if (callId === undefined) continue;
    try {
      const outcome = await context.connector.cancel(submission.receipt);
      if (outcome.type === 'cancelled') {
        await ledger.endSubmission(
          callId,
          submission.id,
          { change: { state: 'cancelled', reason: 'by-request' } },
          now(),
        );
        calledBack += tasks;
      } else {
        await ledger.endCall(callId, { result: 'answered', steps: [] }, now());
      }
    } catch (error) {
      const result = ConnectorError.isInstance(error) ? error.code : 'contract-broken';
      await ledger.endCall(callId, { result, steps: [] }, now());
    }
  }
  return { cancelled: unsent.cancelled + calledBack, tooLate: unsent.tooLate - calledBack };
}
