import type { CallKind } from '@expunge/core';
import { monthOf, type PeerState } from '../limits/rate-limiter.ts';
import { noTimeToRead } from '../tasks/read-before.ts';
import { startChecks } from './poll.ts';
import { startResolving } from './resolve-unknown.ts';
import { isRepeatedInDoubt, startSubmits } from './submit.ts';
import { startReads } from './verify.ts';
import type { StartedCall, WorkContext } from './work-context.ts';

/** What a connector's loop is bounded by. */
export interface WorkBounds {
  readonly signal: AbortSignal | undefined;
  readonly waitAtMostMs: number;
  /** Whether it goes on when nothing is left, or the connector is paused, until the signal ends it. */
  readonly stays: boolean;
  /** Done now and then while the work goes on. */
  readonly meanwhile: () => Promise<void>;
}

/**
 * Does one connector's work until nothing is left, everything left waits for longer than the bounds allow, the
 * connector is paused, or the signal ends it. Calls in flight are always finished, and committed.
 */
export async function workForConnector(context: WorkContext, bounds: WorkBounds): Promise<void> {
  context.isEnding = false;
  context.waitForReadsMs = bounds.stays ? longestWaitForReadsMs : Math.min(bounds.waitAtMostMs, longestWaitForReadsMs);
  const calls = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let wake = new AbortController();
  let sweptAt = Number.NEGATIVE_INFINITY;
  const isShared = context.ledger.isShared === true;
  const wakeUp = () => wake.abort(woken);
  context.wakeUp = wakeUp;
  const endNotifications = context.ledger.onNotification?.(context.name, wakeUp);
  const sleep = async (ms: number) => {
    const signals = bounds.signal === undefined ? [wake.signal] : [wake.signal, bounds.signal];
    await context.clock.sleep(ms, AbortSignal.any(signals));
    if (wake.signal.aborted) wake = new AbortController();
  };
  try {
    while (bounds.signal?.aborted !== true && failure === undefined) {
      await bounds.meanwhile();
      if (isShared) await restoreLimits(context);
      if (context.paused !== undefined) {
        if (!bounds.stays) break;
        await sleep(lookAgainMs);
        continue;
      }
      const beganAt = context.clock.now();
      if (context.facts.verify === 'before-and-after' && beganAt - sweptAt >= sweepEveryMs) {
        await context.ledger.giveUpReadsBefore(context.name, context.readFailure ?? noTimeToRead, beganAt);
        sweptAt = beganAt;
      }
      // Asked before looking: who ends after we have looked may have sent something that we did not see.
      const isFirstSending = context.after.some((name) => context.isSending(name));
      const due = await context.ledger.nextDue(context.name);
      context.nextReadAt = startOf(context, 'verify', due['pre-read'], beganAt);
      const started = await context.turns.take(() => startNext(context, due));
      for (const call of started) {
        const tracked: Promise<void> = call.ended
          // A ledger that can't be written ends the loop: going on would mean calls without a record.
          .catch((error: unknown) => {
            failure = { error };
          })
          .finally(() => {
            calls.delete(tracked);
            context.slotQueue.shift()?.();
            wakeUp();
            // It may have left capacity for another connector of the account.
            for (const peer of context.peers) {
              peer.slotQueue.shift()?.();
              peer.wakeUp();
            }
          });
        calls.add(tracked);
      }
      if (started.length > 0) continue;
      const now = context.clock.now();
      if (isShared) await restoreLimits(context);
      const nextAt = nextStart(context, due, now, isFirstSending);
      const isOver = nextAt === Number.POSITIVE_INFINITY || nextAt - now > bounds.waitAtMostMs;
      if (isOver && calls.size === 0 && !bounds.stays) break;
      // While reads wait, others may be given up at any moment.
      const longestMs = due['pre-read'] === undefined ? longestSleepMs : longestWaitForReadsMs;
      const waitMs = nextAt === Number.POSITIVE_INFINITY ? nextAt : Math.min(nextAt - now, longestMs);
      // What is due and was not given to us is in other hands, which may give it back.
      await sleep(
        isShared || bounds.stays || context.peers.length > 0
          ? Math.min(waitMs > 0 ? waitMs : lookAgainMs, lookAgainMs)
          : waitMs,
      );
    }
  } finally {
    endNotifications?.();
    context.isEnding = true;
    for (const waken of context.slotQueue.splice(0)) waken();
    // Also where the ledger could not be read or written in between: what was sent is still answered.
    await Promise.all(calls);
  }
  if (failure !== undefined) throw failure.error;
  await saveLimits(context);
}

// The next process goes on at this one's rate; status and report say until when the next month's volume is waited for.
async function saveLimits({ ledger, name, limiter, clock }: WorkContext): Promise<void> {
  const { throttle, intervals } = limiter;
  const learned = ledger.isShared === true ? {} : { throttle, intervals };
  await ledger.saveConnectorState(name, { quotaUntil: limiter.quotaUntil(clock.now()), ...learned });
}

/** Takes over from the ledger what earlier processes have used of the limits. */
export async function restoreLimits(context: WorkContext): Promise<void> {
  const now = context.clock.now();
  const { ledger, name, limiter, peers } = context;
  // Without a monthly volume there is no need to add up a month's calls, of which there may be a million.
  const monthStart = limiter.hasMonthlyVolume ? monthOf(now) : undefined;
  const since = now - limiter.longestWindowMs;
  const connectorState = await ledger.connectorState(name, since, monthStart);
  const states: PeerState[] = [];
  for (const peer of peers) {
    states.push({ limiter: peer.limiter, state: await ledger.connectorState(peer.name, since, monthStart) });
  }
  limiter.restore(connectorState, context.clock.now(), states, now);
  if (connectorState.maxTargets !== undefined) context.maxTargets = connectorState.maxTargets;
  if (connectorState.failures > 0 || connectorState.shared !== undefined)
    context.failuresInARow.set('submit', connectorState.failures);
  if (connectorState.shared === undefined) return;
  context.maxTargets = connectorState.maxTargets ?? context.connector.capabilities.limits.submit.maxTargets;
  context.paused = connectorState.shared.paused;
}

/** How often a long run looks for reads before deletion whose time is over, in milliseconds. */
const sweepEveryMs = 60_000;

/** The longest that a submission that is not full waits for the next read at a time, in milliseconds. */
const longestWaitForReadsMs = 600_000;

// A reason of its own: without one, each waking makes an error with a stack.
const woken = 'there may be work';

type Due = Awaited<ReturnType<WorkContext['ledger']['nextDue']>>;

// What is in doubt comes first: it may concern people who were already deleted. Then what the law waits for.
async function startNext(context: WorkContext, due: Due): Promise<readonly StartedCall[]> {
  const now = context.clock.now();
  const isDue = (state: keyof Due) => (due[state] ?? Number.POSITIVE_INFINITY) <= now;
  // One for each state that has a time, in this order.
  const steps: Readonly<Record<keyof Due, () => Promise<readonly StartedCall[]>>> = {
    'in-doubt': async () => only(await startResolving(context)),
    'pre-read': () => startReads(context, 'pre-read'),
    ready: () => startSubmits(context),
    waiting: () => startChecks(context),
    'read-back': () => startReads(context, 'read-back'),
  };
  for (const state of Object.keys(steps) as (keyof Due)[]) {
    // Where a repeat is harmless, what is in doubt is submitted with the others.
    const isAsked = isDue(state) || (state === 'ready' && isDue('in-doubt'));
    const started = isAsked ? await steps[state]() : [];
    if (started.length > 0) return started;
  }
  return [];
}

function only(call: StartedCall | undefined): readonly StartedCall[] {
  return call === undefined ? [] : [call];
}

/** When the next call may begin: something is due, and the limits allow it. Infinity: never by itself. */
function nextStart(context: WorkContext, due: Due, now: number, isFirstSending: boolean): number {
  const kinds: Readonly<Record<keyof Due, CallKind>> = {
    'in-doubt': isRepeatedInDoubt(context) ? 'submit' : context.connector.recover === undefined ? 'verify' : 'recover',
    'pre-read': 'verify',
    ready: 'submit',
    waiting: 'check',
    'read-back': 'verify',
  };
  const startOfState = (state: keyof Due) => startOf(context, kinds[state], due[state], now);
  const readAt = startOfState('pre-read');
  const starts = (Object.keys(kinds) as (keyof Due)[]).map((state) =>
    state !== 'ready' || context.waitsForReadsUntil === undefined
      ? startOfState(state)
      : Math.min(context.waitsForReadsUntil, context.openReads > 0 ? now + context.waitForReadsMs : readAt),
  );
  // What waits for another connector becomes due when that one has sent it: as long as it sends, we stay.
  return Math.min(...starts, isFirstSending ? now + lookAtOthersMs : Number.POSITIVE_INFINITY);
}

/** How often a connector looks whether those that come first have sent something for it, in milliseconds. */
const lookAtOthersMs = 1000;

/** The longest that the loop sleeps, in milliseconds: every hour, at the least, `meanwhile` has its turn. */
export const longestSleepMs = 3_600_000;
/** How often one of several workers looks for work without any notification, in milliseconds. */
const lookAgainMs = 2000;

function startOf(context: WorkContext, kind: CallKind, dueAt: number | undefined, now: number): number {
  if (dueAt === undefined) return Number.POSITIVE_INFINITY;
  const startAt = context.limiter.earliestStart(kind, now);
  // The calls in flight that leave no slot may be others', who end them at any moment.
  const areOthers = context.ledger.isShared === true || context.peers.length > 0;
  if (startAt === Number.POSITIVE_INFINITY && areOthers) return Math.max(dueAt, now);
  return Math.max(dueAt, startAt);
}
