import type { AccessReport, ConnectorErrorCode, DeletionRequest, Identifier } from '@expunge/core';
import type { Clock } from '../clock.ts';
import type { Hold, HoldReport, Ledger, SubjectDifference } from '../ledger/ledger.ts';
import type { TaskState } from '../tasks/task-state.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import type { AllowedValue } from './suspicious-values.ts';

/**
 * A request as it comes in.
 *
 * Without an `id` one is derived from the subject, from `receivedAt` where it is given, and from the batch label, by the ledger's
 * key. So a later `receivedAt` is a later request of the same person. Without `receivedAt` the person is taken for the same
 * request as before, and `receivedAt` is now.
 */
export type IncomingRequest = Omit<DeletionRequest, 'id' | 'receivedAt'> & {
  readonly id?: string | undefined;
  readonly receivedAt?: string | undefined;
};

/** How failed calls are tried again. */
export interface RetryPolicy {
  /**
   * Calls for one target, at the most. Refusals of rate (429) and calls that reached no vendor don't count.
   * Default: 60, which with the waits below outlasts a vendor that is down for a day.
   */
  readonly maxAttempts?: number | undefined;
  /** The wait after the first failure is random between 0 and this, in milliseconds; it doubles each time. Default: 1,000. */
  readonly baseMs?: number | undefined;
  /** The longest wait, in milliseconds. Default: 1 hour. */
  readonly maxMs?: number | undefined;
}

/** What an engine is made of. */
export interface EngineOptions {
  /** The accounts to delete at. */
  readonly connectors: readonly ConfiguredConnector[];
  /** The durable record. The engine does not close it. */
  readonly ledger: Ledger;
  /** Default: the real time. */
  readonly clock?: Clock | undefined;
  /** Randomness for backoff, 0 to 1. Default: Math.random. */
  readonly random?: (() => number) | undefined;
  /** Default: see {@link RetryPolicy}. */
  readonly retry?: RetryPolicy | undefined;
  /**
   * Who gives the engine's commands (`accept`, `cancel`, `hold` and the like), by a name for the audit log. Each of them takes another
   * one. What the engine does by itself carries `expunge`. Default: `expunge`.
   */
  readonly actor?: string | undefined;
  /** How long after settlement a request's identifiers stay readable, in milliseconds. `0`: not at all. Default: 30 days. */
  readonly retentionMs?: number | undefined;
  /** Told of everything an operator may want to see at once. Must not throw. */
  readonly onEvent?: ((event: EngineEvent) => void) | undefined;
}

/** Something an operator may want to see at once. Carries no personal data. */
export type EngineEvent =
  | {
      readonly type: 'connector-paused';
      readonly connector: string;
      readonly code: ConnectorErrorCode;
      readonly message: string;
    }
  | {
      readonly type: 'connector-slowed';
      readonly connector: string;
      readonly untilAt: string;
      readonly message: string;
    }
  | {
      readonly type: 'call-failed';
      readonly connector: string;
      readonly code: ConnectorErrorCode;
      readonly message: string;
      readonly targets: number;
    }
  | { readonly type: 'contradiction'; readonly connector: string; readonly targets: number }
  /** Our own reads found none of the first people, and nobody was ever found at this connector: it may be the wrong account. Once in a run. */
  | { readonly type: 'none-found'; readonly connector: string; readonly people: number }
  /** What was erased may still be in the ledger's files, encrypted: another process reads them, or they are too large. It is tried again later. */
  | { readonly type: 'erasure-unfinished' };

/** Who gives a command. */
export interface CommandOptions {
  /** A name for the audit log. Default: the engine's `actor`. */
  readonly actor?: string | undefined;
}

/** How requests are accepted. */
export interface AcceptOptions extends CommandOptions {
  /** Mixed into derived request ids: the same people under another label are new requests. */
  readonly batch?: string | undefined;
  /** Nothing is sent for that long, in milliseconds, so that `cancel` costs nothing. Default: 0. */
  readonly waitMs?: number | undefined;
  /**
   * What the requests are read from, as a text that is the same for the same list: a file's checksum. The ledger keeps a fingerprint, so that
   * a list that was cut off is known as complete when it comes in again.
   */
  readonly source?: string | undefined;
  /** Values that would be refused as nobody's, and are meant. Default: none. */
  readonly allowValues?: readonly AllowedValue[] | undefined;
}

/** What came of accepting requests. */
export interface AcceptReport {
  /** The number of this list in the ledger: `Ledger.importSummary` tells how just these requests stand. */
  readonly importId: number;
  /** Requests that are new in the ledger. */
  readonly accepted: number;
  /** Requests that the ledger had already, with the same subject: nothing was done twice. */
  readonly known: number;
  /** Of the known: requests that were settled before. */
  readonly knownSettled: number;
  /**
   * Of those: people who may have asked again. Their request was settled before, has no id of the caller's, and nothing says that this is the
   * same request: no `receivedAt`, and no `source` that brought it in before its due date. Nothing is sent for them.
   */
  readonly notSentAgain: number;
  /** Of the known: requests that were given another due date than the ledger has. The ledger's stays. */
  readonly otherDueDates: number;
  /** Requests whose id the ledger has for another subject. They were not taken. */
  readonly conflicts: readonly RequestConflict[];
}

/** A request whose id the ledger has for another subject, such as the same person with an identifier more. */
export interface RequestConflict extends SubjectDifference {
  /** Which one, counted from 0. */
  readonly index: number;
  /** Its id. */
  readonly requestId: string;
}

/** What a dry run says about one connector. */
export interface ConnectorPlan {
  /** The configured connector's name. */
  readonly connector: string;
  /** Different targets that would be sent. */
  readonly targets: number;
  /** Targets that stand for more than one request and are sent once. */
  readonly duplicates: number;
  /** Subjects for which nothing can be sent, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Calls it takes. */
  readonly calls: number;
  /** Calls that read the vendor's data before and after, where that is configured. */
  readonly reads: number;
  /** How long all of these calls take at the least under the vendor's limits and the configured share, in milliseconds. Not counting the vendor's own work. */
  readonly atLeastMs: number;
  /** When the vendor promises to be done after that, in milliseconds; absent where it promises nothing. */
  readonly vendorMs: number | undefined;
}

/** What a dry run says. */
export interface PlanReport {
  /** Subjects read. */
  readonly subjects: number;
  /** Requests that the ledger has already. What they still wait for is not in `connectors`. */
  readonly known: number;
  /** Of the known: requests that are settled. */
  readonly knownSettled: number;
  /** Of those: people who may have asked again, and for whom nothing would be sent ({@link AcceptReport.notSentAgain}). */
  readonly notSentAgain: number;
  /** New requests that a hold would stop. They are not in `connectors`. */
  readonly onHold: number;
  /** Of the known: requests that have another due date than the ledger has, which would stay. */
  readonly otherDueDates: number;
  /** Requests whose id the ledger has for another subject: they would not be taken. */
  readonly conflicts: number;
  /** Of those: the same person, with other identifiers. */
  readonly samePeople: number;
  /** One per configured connector: what would be sent for the new requests. */
  readonly connectors: readonly ConnectorPlan[];
}

/** How one connector stands at the end of a run, or in the middle of one. */
export interface ConnectorProgress {
  /** The configured connector's name. */
  readonly connector: string;
  /** Tasks by state. */
  readonly states: Readonly<Partial<Record<TaskState, number>>>;
  /** Why it is paused; absent where it is not. */
  readonly paused: { readonly code: ConnectorErrorCode; readonly message: string } | undefined;
  /** When it goes on, ISO 8601, where everything that is left waits for a time. */
  readonly nextAt: string | undefined;
}

/** What a run came to. */
export interface RunReport {
  /** One per configured connector. */
  readonly connectors: readonly ConnectorProgress[];
  /** Whether every task is terminal. */
  readonly isSettled: boolean;
  /** Whether the run was ended by its signal. */
  readonly wasStopped: boolean;
}

/** How a run is bounded. */
export interface RunOptions {
  /** Ends the run after the calls in flight, with everything committed. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for the next thing to become due before the run ends, in milliseconds. `Infinity`: until all is settled. Default: 30,000. */
  readonly waitAtMostMs?: number | undefined;
  /**
   * Whether the run goes on when nothing is left, until its signal ends it: for what comes in meanwhile, and for
   * connectors whose pause an operator ends. Default: false.
   */
  readonly stays?: boolean | undefined;
}

/** What a check of one connector's access came to. */
export interface ConnectorAccess {
  /** The configured connector's name. */
  readonly connector: string;
  /** What was and wasn't proven; absent where the check failed. */
  readonly report: AccessReport | undefined;
  /** Why it failed. */
  readonly error: { readonly code: ConnectorErrorCode; readonly message: string } | undefined;
}

/** Deletes people at vendors, durably. */
export interface Engine {
  /**
   * Imports requests into the ledger and plans their tasks, in a stream. Sends nothing.
   *
   * @throws RequestError at the first request that is not valid. What came before it is in the ledger, and the ledger knows that the rest
   * is missing (`Ledger.cutOffImports`), as after a crash. Taking the same stream again, corrected, does nothing twice and completes it.
   */
  accept(
    requests: Iterable<IncomingRequest> | AsyncIterable<IncomingRequest>,
    options?: AcceptOptions,
  ): Promise<AcceptReport>;
  /** What `accept` and `run` would do. Changes nothing, sends nothing. */
  plan(
    requests: Iterable<IncomingRequest> | AsyncIterable<IncomingRequest>,
    options?: Pick<AcceptOptions, 'allowValues' | 'batch' | 'source'>,
  ): Promise<PlanReport>;
  /**
   * Works until everything is settled or waits for longer than `waitAtMostMs`. All other methods may be called meanwhile.
   * While a run goes on, a call with the same options (`signal` and all) gets that run's promise.
   *
   * @throws EngineError `already-running` where a run with other options goes on.
   */
  run(options?: RunOptions): Promise<RunReport>;
  /** How everything stands now, from memory; cheap enough to be asked ten times a second. */
  progress(): readonly ConnectorProgress[];
  /**
   * Checks the credentials of every connector, one after another, touching no person's data. Its calls count towards the
   * vendors' limits, and it ends when they are out of the limits of a few seconds: a run may begin right after it.
   */
  checkAccess(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly ConnectorAccess[]>;
  /** Cancels a request: what has not been sent is cancelled, and the vendor is asked to cancel what it has not begun. */
  cancel(requestId: string, options?: CommandOptions): Promise<CancelReport | undefined>;
  /**
   * Puts a cancelled request back: the next `run` does what was planned. A waiting period that is not over goes on.
   *
   * @returns undefined where the ledger has no such request.
   */
  restore(requestId: string, options?: CommandOptions): Promise<RestoreReport | undefined>;
  /**
   * Puts a person on hold: what was not sent yet is not sent, now and in future requests. Identifiers are compared without letter case
   * and blanks around them, and under every type that a connector takes for the same.
   *
   * @throws HoldError where a type is neither in use nor in any request, or a value is nobody's: the hold would keep nobody.
   */
  hold(
    person: Identifier | readonly Identifier[],
    reason: string,
    options?: CommandOptions & Pick<AcceptOptions, 'allowValues'>,
  ): Promise<HoldReport>;
  /** The holds that would stop a request for this person. Empty: they would be deleted. */
  holdsOf(identifiers: readonly Identifier[]): Promise<readonly Hold[]>;
  /**
   * Lifts a hold: what it stopped goes on with the next `run`, where it stood.
   *
   * @returns How many open requests are on hold no more; undefined: there was no hold.
   */
  release(identifier: Identifier, options?: CommandOptions): Promise<number | undefined>;
  /** The ids of the requests that asked for a person, also when their identifiers are erased: found by the fingerprints of their targets. */
  find(identifiers: readonly Identifier[]): Promise<readonly string[]>;
  /**
   * Puts tasks back to be sent that failed, ended partly done or contradicted, or that need a review: of one request, of
   * one connector, or all. The next `run` sends them.
   *
   * @returns How many.
   */
  reopen(
    which: 'failed' | 'needs-review',
    options?: CommandOptions & { readonly requestId?: string | undefined; readonly connector?: string | undefined },
  ): Promise<number>;
  /**
   * Lets everything of a connector that a refusal or a failure has put off go on with the next `run`: for a wait that
   * the vendor asked for and that can't be right. What waits for another reason waits on.
   *
   * @returns How many tasks.
   */
  tryNow(connector: string, options?: CommandOptions): Promise<number>;
}

/** What came of cancelling a request. */
export interface CancelReport {
  /** Tasks that are cancelled now: nothing will be deleted by them. */
  readonly cancelled: number;
  /** Tasks that were on their way or done already. They go on. */
  readonly tooLate: number;
  /** How many of those are in doubt: not done as far as is known, and a call before may have acted. */
  readonly inDoubt: number;
}

/** What came of putting a cancelled request back. */
export interface RestoreReport {
  /** Tasks that are to be done again. */
  readonly restored: number;
  /** Tasks that can't be: the person's identifiers are erased. */
  readonly erased: number;
}
