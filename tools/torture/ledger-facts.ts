import { numbersIn } from '../../packages/engine/src/ledger/number-ranges.ts';

/** One call that carried a task. */
export interface Submission {
  /** How it ended. */
  readonly result: string;
  /** Why the task was to be sent again; undefined where nothing says so. */
  readonly why: string | undefined;
}

/** What the ledger's own tables say, read past the engine. */
export interface LedgerFacts {
  /** Submissions whose intent is recorded, by connector. */
  readonly submitCalls: ReadonlyMap<string, number>;
  /** Every call that carried a task, in order, by the task's number. */
  readonly submissions: ReadonlyMap<number, readonly Submission[]>;
  /** Calls that were cut off by a kill. */
  readonly interruptedCalls: number;
}

/** Rows of the ledger's tables that the facts are made of. */
export interface LedgerTables {
  /** All calls. */
  readonly calls: readonly {
    readonly id: number;
    readonly connector: string;
    readonly kind: string;
    readonly result: string;
  }[];
  /** The entries of the audit log, in order. */
  readonly audit: readonly string[];
}

/** Reads the facts out of the tables. */
export function ledgerFacts({ calls, audit }: LedgerTables): LedgerFacts {
  const submitCalls = new Map<string, number>();
  for (const { connector, kind } of calls) {
    if (kind === 'submit') submitCalls.set(connector, (submitCalls.get(connector) ?? 0) + 1);
  }
  return {
    submitCalls,
    submissions: submissionsOf(new Map(calls.map(({ id, result }) => [id, result])), audit),
    interruptedCalls: calls.filter(({ result }) => result === 'interrupted').length,
  };
}

function submissionsOf(results: ReadonlyMap<number, string>, audit: readonly string[]): Map<number, Submission[]> {
  const submissions = new Map<number, Submission[]>();
  const reasons = new Map<number, string | undefined>();
  for (const text of audit) {
    const entry: { type: string; tasks?: string; to?: string; call?: number; reason?: string } = JSON.parse(text);
    if (entry.type !== 'moved') continue;
    for (const task of numbersIn(entry.tasks ?? '')) {
      if (entry.to !== 'submitting') {
        reasons.set(task, entry.reason);
        continue;
      }
      const calls = submissions.get(task) ?? [];
      calls.push({ result: results.get(entry.call ?? -1) ?? 'unknown', why: reasons.get(task) });
      submissions.set(task, calls);
    }
  }
  return submissions;
}
