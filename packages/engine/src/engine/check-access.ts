import { type CallKind, ConnectorError, callKindSchema } from '@expunge/core';
import { longestWaitMs, makeCall } from '../worker/make-call.ts';
import { throttled, type WorkContext } from '../worker/work-context.ts';
import type { ConnectorAccess } from './engine.ts';

/** The longest that a check waits in the end, in milliseconds. Longer windows have room for a call or two more: see `limitShare`. */
const longestRestMs = 5000;

/** Checks one connector's credentials, within the vendor's limits. Its calls count towards them as all others do. */
export async function checkAccess(context: WorkContext, signal: AbortSignal | undefined): Promise<ConnectorAccess> {
  const made = await makeCall(context, 'access', (callId) => ask(context, callId, signal), signal);
  if (made !== undefined) return made;
  const message = `The vendor's limits left no room for a call within ${longestWaitMs / 1000} seconds. Try again later.`;
  return { connector: context.name, report: undefined, error: { code: 'rate-limited', message } };
}

async function ask(context: WorkContext, callId: number, signal: AbortSignal | undefined): Promise<ConnectorAccess> {
  const { name, connector, ledger, clock } = context;
  const end = await throttled(context, 'access', 0, async (options) => {
    try {
      const callOptions = signal === undefined ? options : { ...options, signal };
      return { report: await connector.checkAccess(callOptions), error: undefined };
    } catch (error) {
      if (ConnectorError.isInstance(error)) {
        return { report: undefined, error: { code: error.code, message: error.message } };
      }
      const message = `The connector ${name} broke its contract: it threw something that is no ConnectorError.`;
      return { report: undefined, error: { code: 'response-unexpected', message } as const };
    }
  });
  await ledger.completeCall(callId, { result: end.error?.code ?? 'answered', steps: [] }, clock.now());
  return { connector: name, ...end };
}

/**
 * Waits until the calls of a check are out of the vendor's short windows: a deletion may begin right after it, in a process
 * that knows nothing of them.
 */
export async function restAfterChecks(
  contexts: readonly WorkContext[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const [first] = contexts;
  if (first === undefined || signal?.aborted === true) return;
  const { clock } = first;
  const now = clock.now();
  const kinds: readonly CallKind[] = callKindSchema.options;
  const waits = contexts.flatMap(({ limiter }) => kinds.map((kind) => limiter.earliestWithinRates(kind, now) - now));
  const restMs = Math.max(0, ...waits.filter((ms) => ms <= longestRestMs));
  if (restMs > 0) await clock.sleep(restMs, signal);
}
