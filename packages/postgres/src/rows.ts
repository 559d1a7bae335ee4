import type { PastCall } from '@expunge/engine';
import type { StoredCall, StoredConnector, StoredTask } from '@expunge/engine/storage';

// The rows that PostgreSQL alone has: the ledger's head, columns for a fleet, pg-boss's jobs, and PostgreSQL's own tables. All
// others are in `packages/engine/src/ledger/rows.ts`, which also has the rule.

/** A row of `connectors`, with what the limits have learned: JSON. */
export interface SharedConnector extends StoredConnector {
  readonly adaptive: string | null;
}

/** The state of a connector that all workers share. */
export interface SharedConnectorRow
  extends Pick<
    SharedConnector,
    'max_targets' | 'blocks' | 'failures' | 'throttle' | 'adaptive' | 'intervals' | 'pause_code' | 'pause_message'
  > {
  readonly calls: readonly PastCall[] | null;
  /** The kinds of the calls that are open. */
  readonly open: readonly StoredCall['kind'][] | null;
}

/** A call that was answered, and what the limits of its connector have learned. */
export type AnsweredCall = Pick<StoredCall, 'kind'> & Pick<SharedConnector, 'name' | 'adaptive' | 'intervals'>;

/** What the head of a ledger says at the beginning of a transaction. */
export interface HeadNow {
  readonly major: number;
  readonly version: number;
  /** One more with each transaction that writes. */
  readonly revision: number;
  /** One more with each change of keys. */
  readonly keyNumber: number;
  /** The database's time, milliseconds since 1970. */
  readonly now: number;
}

/** The head as a transaction that writes begins with it. */
export interface LockedHead extends HeadNow {
  /** The transaction's number at PostgreSQL. */
  readonly xid: string;
}

/** The head, and the secret that is wrapped under the ledger's key. */
export interface HeadWithSecret extends HeadNow {
  readonly wrapped: unknown;
}

/** How many tables a schema has, and how many of them are a ledger's head. */
export interface TablesFound {
  readonly has_head: number;
  readonly has_tables: number;
}

/** A column of a table in PostgreSQL. */
export interface TableColumn {
  readonly name: string;
  readonly type: 'bigint' | 'text' | 'bytea';
}

/** A column of a table in SQLite. `pk`: its place in the primary key; 0: it is not in it. */
export interface SqliteColumn {
  readonly name: string;
  readonly pk: number;
}

/** A row of `job_changes`: what has another job now, and the job that it had. */
export interface JobChange {
  readonly about: 'task' | 'submission';
  readonly item: number;
  readonly connector: string;
  readonly old_kind: string | null;
  readonly old_job: string | null;
}

/** A job that is to be made. */
export interface WantedJob extends Pick<JobChange, 'about' | 'item' | 'connector'> {
  readonly kind: string;
  readonly job: string;
  readonly next_at: number;
}

/** A task or a submission for which there is no job. */
export type MissingJob = Pick<JobChange, 'about' | 'item'>;

/** A job of pg-boss for which there is nothing to do. */
export interface OrphanJob {
  /** The queue's name. */
  readonly name: string;
  readonly id: string;
}

/** The task, or the submission, that a job is about. */
export interface ItemOfJob extends Pick<StoredTask, 'id'> {
  readonly job: string | null;
  readonly state: string;
  readonly isOnHold: boolean;
}

/** How many jobs a queue of pg-boss has. */
export interface QueueCount {
  readonly name: string;
  /** The queue whose dead letters these are. */
  readonly source: string | null;
  readonly depth: number;
  readonly due: number;
  readonly active: number;
  readonly oldest: number | null;
}
