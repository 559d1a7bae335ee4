import type { Assurance, CheckPart, Identifier, Law } from '@expunge/core';
import type { RequestResult } from '../tasks/request-result.ts';
import type { ReadBefore, TaskState } from '../tasks/task-state.ts';

/** One task as reports show it. No personal data. */
export interface TaskRow {
  /** The ledger's own number of it, as the audit log names it. */
  readonly task: number;
  /** The request it belongs to. */
  readonly requestId: string;
  /** The configured connector's name. */
  readonly connector: string;
  /** The vendor's name for the identifier type; absent for a skipped task. */
  readonly targetType: string | undefined;
  /** Where it stands. */
  readonly state: TaskState;
  /** Whether nothing is sent for it because a person is on hold who wants this record gone. */
  readonly isOnHold: boolean;
  /** How that is known. */
  readonly assurance: Assurance | undefined;
  /** What our own read saw before the deletion. */
  readonly readBefore: ReadBefore;
  /** Why nothing was read before the deletion; absent where it was read, or no read was wanted. */
  readonly unreadReason: string | undefined;
  /** Why it stands there: an error code or a reason word (`identifier-missing`, `rate-limited`, `refused`). */
  readonly reason: string | undefined;
  /** What happened and what to do, in a sentence. */
  readonly message: string | undefined;
  /** The vendor's own last word. */
  readonly vendorStatus: string | undefined;
  /** The vendor's own parts, where it reports any. */
  readonly parts: readonly CheckPart[] | undefined;
  /** How many calls that asked for the deletion carried this target. */
  readonly attempts: number;
  /** When the vendor took it, ISO 8601. */
  readonly submittedAt: string | undefined;
  /** When it reached a terminal state, ISO 8601. */
  readonly finishedAt: string | undefined;
  /** When something is to be done next, ISO 8601; absent where nothing is. */
  readonly nextAt: string | undefined;
}

/** One request as reports show it. */
export interface RequestRow {
  /** The caller's id. */
  readonly requestId: string;
  /** The law it falls under. */
  readonly law: Law;
  /** When the person asked, ISO 8601. */
  readonly receivedAt: string;
  /** When it must be done, ISO 8601. */
  readonly dueAt: string;
  /** When it came into the ledger, ISO 8601. */
  readonly acceptedAt: string;
  /** When all its tasks were terminal, ISO 8601. */
  readonly settledAt: string | undefined;
  /** What became of it; absent while tasks are open. Only `done` is a success. */
  readonly result: RequestResult | undefined;
}

/** One request with its tasks. */
export interface RequestWithTasks {
  /** The request. */
  readonly request: RequestRow;
  /** Its tasks, in the order of the configured connectors. */
  readonly tasks: readonly TaskRow[];
  /** Who it is about. Present only where identifiers were asked for and are not erased. Personal data. */
  readonly identifiers?: readonly Identifier[] | undefined;
  /** Identifiers were asked for and are kept, but their encrypted page does not open. */
  readonly isUnreadable?: true | undefined;
}

/** How many tasks of one connector stand where. */
export interface ConnectorSummary {
  /** The configured connector's name. */
  readonly connector: string;
  /** Tasks by state; a state with none is left out. */
  readonly states: Readonly<Partial<Record<TaskState, number>>>;
  /** How many of the open ones are on hold. */
  readonly onHold: number;
  /** Tasks by assurance. */
  readonly assurances: Readonly<Partial<Record<Assurance, number>>>;
  /** Why tasks are skipped, failed or wait, with counts. */
  readonly reasons: readonly { readonly state: TaskState; readonly reason: string; readonly count: number }[];
  /** How many tasks were to be read before their deletion and were not, and why: the proof is weaker. */
  readonly unread: readonly { readonly reason: string; readonly count: number }[];
  /**
   * How many people were not found, by our own read before the deletion or by the vendor, where nobody was ever found at this
   * connector. Absent where somebody was, and where there are fewer than ten: one person may well be nowhere.
   */
  readonly noneFound?: number | undefined;
  /** The earliest time at which something is to be done, ISO 8601. */
  readonly nextAt: string | undefined;
  /** Why the connector is paused; absent where it is not. */
  readonly paused: { readonly code: string; readonly message: string; readonly at: string } | undefined;
}

/** How many requests stand where. */
export interface RequestCounts {
  readonly total: number;
  /** Those whose tasks are all final, whatever came of them. */
  readonly settled: number;
  /** Of the settled: by what became of them. `done` are the others. */
  readonly undone: number;
  readonly calledBack: number;
  readonly nothingSent: number;
}

/** Where the requests of one import stand. */
export interface ImportSummary {
  readonly requests: RequestCounts;
  /** One per connector that has tasks of them. */
  readonly connectors: readonly ConnectorSummary[];
}

/** Where everything stands. */
export interface LedgerSummary {
  /** Requests in the ledger. */
  readonly requests: RequestCounts & {
    /** Open ones whose deadline has passed. */
    readonly overdue: number;
  };
  /** One per connector that the ledger knows, in order of first use. */
  readonly connectors: readonly ConnectorSummary[];
}
