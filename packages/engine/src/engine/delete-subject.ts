import type { Assurance, CheckPart, DeletionConnector, Subject } from '@expunge/core';
import type { Clock } from '../clock.ts';
import type { TaskState } from '../tasks/task-state.ts';
import type { VerifyMode } from './configured-connector.ts';
import { createEngine } from './create-engine.ts';
import type { RetryPolicy } from './engine.ts';

/** How one person is deleted. */
export interface DeleteSubjectOptions {
  /** Ends the attempt; what is not settled by then is reported as it stands. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for the next thing to become due, in milliseconds. Default: 30,000. `Infinity`: until it is settled. */
  readonly waitAtMostMs?: number | undefined;
  /** When the vendor's data is read back. Default: `off`. */
  readonly verify?: VerifyMode | undefined;
  /** Which of the company's identifier types the vendor's are. Default: the connector's own. */
  readonly identifiers?: Readonly<Record<string, readonly string[]>> | undefined;
  /** How failed calls are tried again. */
  readonly retry?: RetryPolicy | undefined;
  /** Default: the real time. */
  readonly clock?: Clock | undefined;
}

/** What came of one target. */
export interface DeletionOutcome {
  /** The vendor's name for the identifier type; undefined where the subject had nothing usable. */
  readonly targetType: string | undefined;
  /** Where it stands. */
  readonly state: TaskState;
  /** How that is known. */
  readonly assurance: Assurance | undefined;
  /** Why it stands there. */
  readonly reason: string | undefined;
  /** What happened and what to do. */
  readonly message: string | undefined;
  /** The vendor's own last word. */
  readonly vendorStatus: string | undefined;
  /** The vendor's own parts, where it reports any. */
  readonly parts: readonly CheckPart[] | undefined;
}

/**
 * Deletes one person at one vendor, with retries, pacing, polling and read-back, and keeps nothing: the same engine over
 * a ledger in memory. What must survive the process belongs into `createEngine` with a ledger in a file.
 *
 * @param subject - Its identifiers carry the company's types (`user_id`).
 * @returns One outcome per target; at least one.
 */
export async function deleteSubject(
  connector: DeletionConnector,
  subject: Subject,
  options: DeleteSubjectOptions = {},
): Promise<readonly DeletionOutcome[]> {
  const { openSqliteLedger } = await import('../ledger/sqlite/open-sqlite-ledger.ts');
  const { clock, retry, verify, identifiers, signal, waitAtMostMs } = options;
  const ledger = await openSqliteLedger({ path: ':memory:', clock });
  try {
    const name = connector.vendor;
    const engine = createEngine({ connectors: [{ name, connector, verify, identifiers }], ledger, clock, retry });
    const receivedAt = new Date(clock?.now() ?? Date.now()).toISOString();
    await engine.accept([{ id: 'only', subject, law: 'other', receivedAt }]);
    await engine.run({ signal, waitAtMostMs });
    const request = await ledger.request('only');
    return (request?.tasks ?? []).map(({ targetType, state, assurance, reason, message, vendorStatus, parts }) => ({
      targetType,
      state,
      assurance,
      reason,
      message,
      vendorStatus,
      parts,
    }));
  } finally {
    await ledger.close();
  }
}
