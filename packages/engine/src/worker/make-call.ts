import type { CallKind } from '@expunge/core';
import { restoreLimits } from './connector-loop.ts';
import type { WorkContext } from './work-context.ts';

/** The longest that a call of an operator waits for the vendor's limits, in milliseconds. */
export const longestWaitMs = 60_000;

/** How often workers are asked whether they leave room, in milliseconds. */
const lookAgainMs = 250;

/** A call that was made. Wrapped, because a promise that is returned from an async function would be waited for. */
interface MadeCall<Result> {
  readonly result: Promise<Result>;
}

/**
 * Makes a call that an operator asks for, beside the work of runs, when the vendor's limits allow it. The calls of runs
 * before this one count towards them as well, and those of workers beside it.
 *
 * @param make - Gets the number under which the intent is committed. It notes the begin of the call before anything else.
 * @returns undefined: the limits left no room in time, or the signal was aborted. Nothing was made.
 */
export async function makeCall<Result>(
  context: WorkContext,
  kind: CallKind,
  make: (callId: number) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result | undefined> {
  const { ledger, name, limiter, clock } = context;
  const giveUpAt = clock.now() + longestWaitMs;
  for (;;) {
    const made = await context.turns.take(async (): Promise<MadeCall<Result> | undefined> => {
      await restoreLimits(context);
      const now = clock.now();
      if (limiter.earliestStart(kind, now) > now) return undefined;
      const [callId] = await ledger.startCalls(name, kind, [[]], now);
      return callId === undefined ? undefined : { result: make(callId) };
    });
    if (made !== undefined) return made.result;
    const now = clock.now();
    const startAt = limiter.earliestStart(kind, now);
    const nextAt = startAt > now && startAt < Number.POSITIVE_INFINITY ? startAt : now + lookAgainMs;
    if (nextAt > giveUpAt || signal?.aborted === true) return undefined;
    await clock.sleep(nextAt - now, signal);
  }
}
