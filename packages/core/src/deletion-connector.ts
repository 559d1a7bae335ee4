import type { AccessReport } from './access-report.ts';
import type { CancelOutcome } from './cancel-outcome.ts';
import type { ConnectorCapabilities } from './capabilities.ts';
import type { CheckOutcome } from './check-outcome.ts';
import type { ForTargets } from './for-targets.ts';
import type { Receipt } from './receipt.ts';
import type { Subject } from './subject.ts';
import type { SubmitOutcome } from './submit-outcome.ts';
import type { Target } from './target.ts';
import type { VerifyOutcome } from './verify-outcome.ts';

/** What every call takes besides its subject matter. */
export interface CallOptions {
  /** Ends the call early. What the vendor has done by then is in doubt. */
  readonly signal?: AbortSignal | undefined;
  /**
   * To be awaited before every call to the vendor, also the first: it counts the call, and resolves when the vendor's
   * limits allow it. `sendRequest` of `@expunge/http-client` does that.
   */
  readonly beforeCall?: (() => Promise<void>) | undefined;
}

/**
 * Speaks to one vendor about one kind of deletion.
 *
 * A connector makes single attempts. It never sleeps, retries, polls, splits, logs, or reads the environment or the
 * clock: whoever calls it does that, by the capabilities it states. Every call that fails throws a `ConnectorError`.
 */
export interface DeletionConnector {
  /** The version of this contract. */
  readonly specVersion: 'v1';
  /** The vendor: `mixpanel`. */
  readonly vendor: string;
  /** Which of the vendor's deletions: `gdpr`. */
  readonly operation: string;
  /** What it can do, as plain data that the caller obeys. */
  readonly capabilities: ConnectorCapabilities;

  /**
   * Which of the vendor's records this subject names. Pure. The subject's identifiers carry the vendor's types
   * (`distinct_id`), not the company's. Empty: nothing usable, which the caller records as such.
   */
  targetsOf(subject: Subject): readonly Target[];

  /**
   * One attempt to delete, within `capabilities.limits.submit`: one vendor call wherever the vendor allows.
   *
   * @returns One outcome per target, in the order of the targets.
   */
  submit(targets: readonly Target[], options?: CallOptions): Promise<readonly SubmitOutcome[]>;

  /**
   * How a submission that the vendor still works on stands. Where the answer names people, they are compared with the
   * targets: somebody who was taken out of the vendor's job is not deleted.
   *
   * @param targets - Those of the submission's targets whose end is not known yet.
   * @returns One outcome for all of them, or one per target in their order.
   */
  check?(receipt: Receipt, targets: readonly Target[], options?: CallOptions): Promise<ForTargets<CheckOutcome>>;

  /**
   * Reads the vendor's data back, within `capabilities.limits.verify`. Changes nothing.
   *
   * @returns One outcome per target, in the order of the targets.
   */
  verify?(targets: readonly Target[], options?: CallOptions): Promise<readonly VerifyOutcome[]>;

  /**
   * Cancels what the vendor has not begun.
   *
   * @param targets - Whom to cancel: all of the submission's targets, unless `capabilities.cancels` is `target`.
   * @returns One outcome for all of them, or one per target in their order.
   */
  cancel?(receipt: Receipt, targets: readonly Target[], options?: CallOptions): Promise<ForTargets<CancelOutcome>>;

  /**
   * Finds a submission of exactly these targets whose reply was lost.
   *
   * @param since - When it was sent, ISO 8601. Older submissions of the same targets do not count.
   * @returns Its receipt, or undefined where the vendor knows of none.
   */
  recover?(targets: readonly Target[], since: string, options?: CallOptions): Promise<Receipt | undefined>;

  /** Proves that the credentials work, touching nobody's data, and says what it could not prove. */
  checkAccess(options?: CallOptions): Promise<AccessReport>;
}

/**
 * What a connector package exports as default. Options are plain data that could be JSON; collaborators are live
 * objects, such as an undici `Dispatcher`. Whoever loads connectors by name passes `now: () => number`, the time in
 * milliseconds since 1970, for those to which dates matter.
 */
export type ConnectorFactory = (options: never, collaborators?: never) => DeletionConnector;
