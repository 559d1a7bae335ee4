import {
  type CallKind,
  type CallOptions,
  ConnectorError,
  type ConnectorErrorCode,
  callKindSchema,
  type DeletionConnector,
} from '@expunge/core';
import type { Clock } from '../clock.ts';
import type { EngineEvent } from '../engine/engine.ts';
import type { Ledger, LedgerTask } from '../ledger/ledger.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { ConnectorFacts } from '../tasks/transition.ts';
import type { Turns } from '../turns.ts';
import { type DecidedRetryPolicy, retryDelayMs } from './backoff.ts';

/** Everything that the work for one configured connector shares. */
export interface WorkContext {
  /** The configured connector's name. */
  readonly name: string;
  readonly connector: DeletionConnector;
  /** Connectors at which a request must have been sent first. */
  readonly after: readonly string[];
  /** Whether another connector of this run still has something to send. */
  readonly isSending: (name: string) => boolean;
  readonly facts: ConnectorFacts;
  readonly ledger: Ledger;
  readonly limiter: RateLimiter;
  /** The other connectors of the same account at the vendor. */
  readonly peers: WorkContext[];
  /** Calls of an account begin by turns: no other call begins between the look at the limits and the call. */
  readonly turns: Turns;
  readonly clock: Clock;
  readonly retry: DecidedRetryPolicy;
  readonly random: () => number;
  readonly emit: (event: EngineEvent) => void;
  /** Tasks and submissions whose call is open: they are still due in the ledger, and must not be taken twice. */
  readonly busyTasks: Set<number>;
  readonly busySubmissions: Set<number>;
  /** Counts the begin and the end of cancelling something in a submission: odd while that goes on. Absent: it never was. */
  readonly cancelMarks: Map<number, number>;
  /** Wakes the submissions that are persisted and wait for a slot, the longest waiting first. */
  readonly slotQueue: (() => void)[];
  /** How many times everything was released that was persisted and not sent. */
  quiesceCount: number;
  /** Resolves when no person is being cancelled or put on hold. */
  quiescing: Promise<void> | undefined;
  /** Resolves when the submissions that are being persisted are. */
  persisting: Promise<void> | undefined;
  /** Lets the connector's loop look for work at once. */
  wakeUp: () => void;
  /** Whether a call was made: the first one loads what sends it, and connects, before it leaves. */
  hasCalled: boolean;
  /** Whether the run is over: what is persisted and not sent yet is released. */
  isEnding: boolean;
  /** The largest batch that the vendor takes, as far as is known. */
  maxTargets: number;
  /** The largest read that the vendor takes, as far as is known, and how large the next one is at the most. */
  largestRead: number;
  maxReadTargets: number;
  /** Why the last read failed; absent where it went well. */
  readFailure: ConnectorErrorCode | undefined;
  /** Requests for people whom our own reads did not find in this run; absent once somebody was found, or once it was said. */
  notFound: Set<number> | undefined;
  /** Reads before deletions that are open. */
  openReads: number;
  /** When the next read before a deletion may begin; Infinity: there is none. */
  nextReadAt: number;
  /** How long a submission that is not full waits at a time for people who are still being read, in milliseconds. */
  waitForReadsMs: number;
  /** Until when a submission that is not full may wait for them; absent where none waits. */
  waitsForReadsUntil: number | undefined;
  /** Failures in a row of the vendor or of the way to it, by kind of call: a working list says nothing about creating. */
  readonly failuresInARow: Map<CallKind, number>;
  /** Why nothing more is sent in this run. */
  paused: { readonly code: ConnectorErrorCode; readonly message: string } | undefined;
}

/** A call that has begun. Wrapped, because a promise that is returned from an async function would be waited for. */
export interface StartedCall {
  /** Resolves when the call has ended and everything about it is committed. */
  readonly ended: Promise<void>;
}

/** Gives tasks back to a shared ledger that were given out as due and are not worked on. */
export async function release(
  { ledger }: WorkContext,
  given: readonly LedgerTask[],
  used: readonly LedgerTask[] = [],
): Promise<void> {
  if (ledger.release === undefined || given.length === used.length) return;
  const isUsed = new Set(used);
  await ledger.release({ tasks: given.filter((task) => !isUsed.has(task)) });
}

/**
 * Runs one method between the begin and the end of its call. It ends early where others take this process for lost. Each
 * further call that the method makes waits for the vendor's limits, and counts.
 */
export async function throttled<Result>(
  context: WorkContext,
  kind: CallKind,
  targets: number,
  call: (options: CallOptions) => Promise<Result>,
): Promise<Result> {
  const isFirst = !context.hasCalled;
  context.hasCalled = true;
  context.limiter.begin(kind, targets, context.clock.now());
  const signal = context.ledger.callSignal?.();
  let calls = 0;
  let ledgerFailure: { readonly error: unknown } | undefined;
  const beforeCall = async () => {
    calls += 1;
    if (calls === 1) return;
    await startFurtherCall(context, kind, signal).catch((error: unknown) => {
      ledgerFailure = { error };
      const message = 'The ledger could not be written, so nothing more was sent.';
      throw new ConnectorError({ code: 'aborted', vendor: context.connector.vendor, message });
    });
  };
  try {
    const result = await call({ signal, beforeCall });
    // Without the ledger nothing goes on: the call that was made is in doubt.
    if (ledgerFailure !== undefined) throw ledgerFailure.error;
    return result;
  } finally {
    context.limiter.end(kind);

    // When it reached the vendor is known by its answer alone: the next one must not come too close to it.
    if (isFirst) context.limiter.leftLate(kind, context.clock.now());
  }
}

async function startFurtherCall(context: WorkContext, kind: CallKind, signal: AbortSignal | undefined): Promise<void> {
  const { limiter, ledger, clock, name } = context;
  if (!limiter.isPaced(kind)) return;
  limiter.beginFurtherWait(kind);
  try {
    while (signal?.aborted !== true) {
      const now = clock.now();
      const startAt = limiter.earliestWithinRates(kind, now);
      if (startAt <= now) {
        limiter.beginFurther(kind, now);
        if (await ledger.recordFurtherCall(name, kind, now)) return;
      }
      // Where work is shared, other workers may have begun calls in between.
      await clock.sleep(startAt > now ? startAt - now : lookAgainMs, signal);
    }
  } finally {
    limiter.endFurtherWait(kind);
    context.wakeUp();
  }
}

/** How soon a shared ledger is asked again whether the limits leave capacity, in milliseconds. */
const lookAgainMs = 100;

/** Records that a call went well. */
export function recordSuccess(context: WorkContext, kind: CallKind): void {
  context.failuresInARow.set(kind, 0);
  context.limiter.succeeded(kind, context.clock.now());
}

/** What a failed submission or check means for the whole connector. */
export interface FailureResult {
  /** `paused`: nothing more is sent in this run. `slowed`: not before `retryAt`. `call`: it concerns this call alone. */
  readonly scope: 'paused' | 'slowed' | 'call';
  /** When to try again. */
  readonly retryAt: number;
}

/** Decides what a failed call means for the whole connector, and records it in the ledger. */
export async function recordFailure(
  context: WorkContext,
  error: ConnectorError,
  kind: CallKind,
  targets: number,
): Promise<FailureResult> {
  const now = context.clock.now();
  const { name, ledger, limiter } = context;
  switch (error.code) {
    case 'credentials-rejected':
    case 'permission-missing':
    case 'setup-wrong':
    case 'answer-contradictory': {
      const { code, message } = error;
      context.paused = { code, message };
      await ledger.setPaused(name, { code, message, at: now });
      // A look at a shared ledger may have come in between.
      context.paused = { code, message };
      context.emit({ type: 'connector-paused', connector: name, code, message });
      return { scope: 'paused', retryAt: now };
    }
    case 'rate-limited':
    case 'quota-spent': {
      // Refusals of calls that were on their way together are one refusal: they must not add up to a wait of hours.
      const isOneOfMany = error.retryAfterMs === undefined && limiter.blockedUntil(kind) > now;
      const retryAt = isOneOfMany ? limiter.blockedUntil(kind) : now + failureDelayMs(context, error, kind);
      if (error.code === 'rate-limited') await recordRefusal(context, kind, retryAt);
      else await recordSpentVolume(context, kind, retryAt);
      context.emit({
        type: 'connector-slowed',
        connector: name,
        untilAt: new Date(retryAt).toISOString(),
        message: error.message,
      });
      return { scope: 'slowed', retryAt };
    }
    // A connector that sends nothing, though it was not stopped, refuses what it was given.
    case 'not-sent':
    case 'request-rejected':
    case 'request-too-large':
      return { scope: 'call', retryAt: now };
    default: {
      // Trouble of the vendor or of the way to it: a thousand other calls would only meet it too.
      const retryAt = now + failureDelayMs(context, error, kind);
      limiter.block(retryAt);
      const failures = kind === 'submit' ? context.failuresInARow.get('submit') : undefined;
      // Who works alone begins anew with the next run; several have to hear of it from each other.
      const blocked = ledger.isShared === true ? { kinds: callKindSchema.options, until: retryAt } : undefined;
      if (failures !== undefined || blocked !== undefined) await ledger.saveConnectorState(name, { failures, blocked });
      context.emit({ type: 'call-failed', connector: name, code: error.code, message: error.message, targets });
      return { scope: 'slowed', retryAt };
    }
  }
}

/** Draws the conclusions of a refusal for too many calls, for all connectors of the account, and has them in the ledger. */
export async function recordRefusal(context: WorkContext, kind: CallKind, until: number): Promise<void> {
  const { name, ledger, limiter, clock } = context;
  const kinds = limiter.sharing(kind);
  limiter.refused(kinds, clock.now(), until);
  const { throttle, intervals } = limiter;
  await ledger.saveConnectorState(name, { blocked: { kinds, until, refused: kind }, throttle, intervals });
  for (const peer of context.peers) {
    const shared = peer.limiter.sharedWith(limiter, kinds);
    if (shared.length > 0) await block(peer, shared, until);
  }
}

// A used-up volume stops submissions alone: what was taken goes on being asked about and read back. And it says nothing about
// how fast the vendor takes calls.
async function recordSpentVolume(context: WorkContext, kind: CallKind, until: number): Promise<void> {
  await block(context, [kind], until);
  for (const peer of context.peers) {
    if (peer.limiter.sharesVolumeWith(context.limiter)) await block(peer, [kind], until);
  }
}

async function block({ name, ledger, limiter }: WorkContext, kinds: readonly CallKind[], until: number): Promise<void> {
  limiter.block(until, kinds);
  const { throttle, intervals } = limiter;
  await ledger.saveConnectorState(name, { blocked: { kinds, until }, throttle, intervals });
}

function failureDelayMs(context: WorkContext, error: ConnectorError, kind: CallKind): number {
  const failures = 1 + (context.failuresInARow.get(kind) ?? 0);
  context.failuresInARow.set(kind, failures);
  return retryDelayMs(context.retry, failures, context.random(), error.retryAfterMs);
}
