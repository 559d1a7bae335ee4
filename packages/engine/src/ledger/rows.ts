import type { Assurance, CallKind, ConnectorErrorCode, Law } from '@expunge/core';
import type { RequestResult } from '../tasks/request-result.ts';
import type { Effect, ReadBefore, TaskState } from '../tasks/task-state.ts';
import type { CallResult, Claim } from './ledger.ts';
import type { SqlValue } from './store/sql.ts';
import type { mostlyEmptyColumns } from './store/task-columns.ts';

// The rows that queries read from the ledger's tables, and what is written into them as a row.
//
// - A table's columns stand here once, as queries read them: times in milliseconds since 1970, fingerprints in hexadecimal.
// - A query that reads some columns of one table takes them from there: `Pick<StoredTask, 'id' | 'page'>`.
// - What several queries read, or one that joins or works something out, has a name here.
// - A single column that has no table, such as a count, is written at its query: `{ n: number }`.
//
// What reports show of the ledger is in reports.ts. Columns that PostgreSQL alone has are in `packages/postgres/src/rows.ts`.

/** A row of `tasks`. */
export interface StoredTask {
  readonly id: number;
  readonly request: number;
  readonly connector: number;
  readonly state: TaskState;
  readonly assurance: Assurance | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly vendor_status: string | null;
  readonly claim: Claim | null;
  /** A skipped task has no target. */
  readonly target_type: string | null;
  readonly digest: string | null;
  /** The encrypted page with the target; null: erased. */
  readonly page: number | null;
  readonly duplicate_of: number | null;
  readonly attempts: number;
  readonly call: number | null;
  readonly bisected_batch: number | null;
  readonly effect: Effect;
  readonly read_before: ReadBefore;
  readonly unread_reason: string | null;
  readonly read_by: number | null;
  readonly contradictions: number;
  readonly reads: number;
  readonly next_at: number | null;
  readonly submitted_at: number | null;
  readonly finished_at: number | null;
}

/** A row of `requests`. */
export interface StoredRequest {
  readonly id: number;
  readonly request_id: string;
  readonly subject_digest: string;
  readonly law: Law;
  readonly received_at: number;
  readonly due_at: number;
  readonly accepted_at: number;
  readonly settled_at: number | null;
  readonly open_tasks: number;
  /** The encrypted page with the subject; null: erased. */
  readonly page: number | null;
}

/** A row of `calls`. */
export interface StoredCall {
  readonly id: number;
  readonly connector: number;
  readonly kind: CallKind;
  readonly targets: number;
  /** The tasks that it carries, as ranges. */
  readonly tasks: string;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly result: CallResult | null;
}

/** A row of `submissions`. */
export interface StoredSubmission {
  readonly id: number;
  readonly connector: number;
  /** JSON. */
  readonly receipt: string;
  readonly submitted_at: number;
  readonly checks: number;
  readonly failures: number;
  readonly last_error: string | null;
  readonly vendor_status: string | null;
  /** JSON. */
  readonly parts: string | null;
  readonly next_at: number | null;
}

/** A row of `connectors`. */
export interface StoredConnector {
  readonly id: number;
  readonly name: string;
  readonly vendor: string;
  readonly operation: string;
  readonly max_targets: number | null;
  /** JSON: until when the vendor is not to be called, by kind of call. */
  readonly blocks: string | null;
  /** JSON: the share of its pace that each kind of call goes at. */
  readonly throttle: string | null;
  /** JSON: the intervals between calls that refusals have taught. */
  readonly intervals: string | null;
  readonly quota_until: number | null;
  readonly failures: number;
  readonly pause_code: ConnectorErrorCode | null;
  readonly pause_message: string | null;
  readonly paused_at: number | null;
}

/** A row of `holds`. */
export interface StoredHold {
  readonly id: number;
  readonly identifier_type: string;
  readonly digest: string;
  readonly reason: string;
  readonly added_at: number;
}

/** A request that a hold is about. */
export interface RequestOnHold {
  /** Its number. */
  readonly request: number;
  /** When all of its tasks were terminal; null: some are open. */
  readonly settled_at: number | null;
}

/** A hold that stops a request. */
export interface HoldOfRequest {
  readonly hold: number;
}

/** A row of `imports`. */
export interface StoredImport {
  readonly id: number;
  readonly started_at: number;
  readonly last_at: number;
  readonly requests: number;
}

/** A row of `audit`. */
export interface StoredEntry {
  readonly sequence: number;
  readonly at: number;
  readonly text: string;
  readonly hash: Uint8Array;
  readonly signature: Uint8Array | null;
}

/** Whose rows a page is about: requests, or the tasks of one connector. A page opened as one of another kind fails. */
export type PageKind = 'requests' | `tasks/${number}`;

/** A row of `encrypted_pages`. */
export interface StoredPage {
  readonly id: number;
  readonly kind: PageKind;
  readonly ciphertext: Uint8Array;
}

/** A row of `task_counts`. Its key can't be empty: no assurance and no reason are empty texts. */
export interface StoredCount {
  readonly connector: number;
  readonly state: TaskState;
  readonly assurance: Assurance | '';
  readonly reason: string;
  readonly tasks: number;
}

/** The value of a key of `meta`. Ledgers of version 0.1 have some as a text. */
export interface StoredValue {
  readonly value: string | Uint8Array;
}

/** A connector as everything that reads the ledger knows it. */
export type ConnectorRow = Pick<StoredConnector, 'id' | 'name' | 'vendor' | 'operation'>;

/** A task that is worked on, as `taskColumns` reads it. It has a target that is not erased. */
export interface TaskToWorkOn
  extends Pick<
    StoredTask,
    | 'id'
    | 'request'
    | 'connector'
    | 'state'
    | 'attempts'
    | 'call'
    | 'bisected_batch'
    | 'claim'
    | 'vendor_status'
    | 'reason'
    | 'message'
    | 'read_before'
    | 'unread_reason'
    | 'read_by'
    | 'contradictions'
    | 'reads'
  > {
  readonly digest: string;
  readonly page: number;
}

/** What the writer of tasks has to know of one. */
export type TaskToMove = Pick<
  StoredTask,
  'id' | 'request' | 'connector' | 'state' | 'assurance' | 'reason' | 'attempts'
>;

/** What tasks that move together have in common: how many have something in each column that is mostly empty. */
export type TasksInCommon = TaskToMove & { readonly tasks: number; readonly differ: number } & Readonly<
    Record<`filled_${(typeof mostlyEmptyColumns)[number]}`, number>
  >;

/** A new task: where it begins, and the rest of its row. */
export interface NewTaskRow extends Pick<StoredTask, 'id' | 'state' | 'reason'> {
  /** In the order of the columns that are given with the rows. */
  readonly values: readonly SqlValue[];
}

/** A task whose target was not sent yet: equal ones become its duplicates. */
export type PrimaryTask = Pick<StoredTask, 'id' | 'state' | 'reason' | 'message'>;

/** A primary that goes back to be sent, and how many tasks go with it, itself included. */
export interface TaskToReopen {
  readonly id: number;
  readonly tasks: number;
}

/** A task that a damaged page may set aside. */
export interface TaskToSetAside extends Pick<StoredTask, 'id' | 'connector'> {
  readonly digest: string;
}

/** A task that a request may be cancelled with. */
export type TaskToCancel = Pick<StoredTask, 'id' | 'state' | 'effect' | 'duplicate_of' | 'next_at'>;

/** A cancelled task. It has a target, which may be erased. */
export interface TaskToRestore extends Pick<StoredTask, 'id' | 'connector' | 'page'> {
  readonly digest: string;
}

/** Where the encrypted target of a task is. */
export interface PageOfTask extends Pick<StoredTask, 'id' | 'connector'> {
  readonly page: number;
}

/** A task as a report shows it, with what is known of its submission. */
export interface TaskToReport
  extends Pick<
    StoredTask,
    | 'id'
    | 'request'
    | 'connector'
    | 'target_type'
    | 'state'
    | 'assurance'
    | 'reason'
    | 'message'
    | 'vendor_status'
    | 'attempts'
    | 'submitted_at'
    | 'finished_at'
    | 'next_at'
    | 'read_before'
    | 'unread_reason'
  > {
  readonly check_at: number | null;
  readonly check_error: string | null;
  readonly submission_status: string | null;
  /** JSON. */
  readonly parts: string | null;
  readonly on_hold: 0 | 1;
}

/** A task as it is compared with the log. */
export type TaskToCompare = Pick<
  StoredTask,
  'id' | 'request' | 'connector' | 'state' | 'assurance' | 'reason' | 'target_type' | 'digest' | 'page'
>;

/** A request as a report shows it, as `requestColumns` reads it. */
export interface RequestToReport
  extends Pick<
    StoredRequest,
    'id' | 'request_id' | 'law' | 'received_at' | 'due_at' | 'accepted_at' | 'settled_at' | 'page'
  > {
  /** Says something only of a settled one. */
  readonly result: RequestResult;
}

/** Where the encrypted subject of a request is. */
export interface PageOfRequest extends Pick<StoredRequest, 'id'> {
  readonly page: number;
}

/** A request as it is compared with the log. */
export type RequestToCompare = Pick<
  StoredRequest,
  'id' | 'request_id' | 'subject_digest' | 'law' | 'received_at' | 'due_at' | 'settled_at' | 'open_tasks' | 'page'
>;

/** A request that is in the ledger already when it comes in. */
export interface KnownRequest
  extends Pick<
    StoredRequest,
    'id' | 'request_id' | 'subject_digest' | 'received_at' | 'due_at' | 'settled_at' | 'page'
  > {
  /** The fingerprint of the list that it last came in with; null: unknown. */
  readonly source: string | null;
}

/** A submission that the vendor works on, as `submissionColumns` reads it. */
export interface SubmissionToCheck
  extends Pick<
    StoredSubmission,
    'id' | 'connector' | 'receipt' | 'submitted_at' | 'checks' | 'failures' | 'vendor_status'
  > {
  /** Jobs that the vendor has made of the most-tried of its targets. */
  readonly jobs: number | null;
}

/** A submission that carries targets of a request. */
export interface SubmissionOfRequest extends SubmissionToCheck {
  readonly tasks: number;
  readonly is_shared: 0 | 1;
}

/** Where tasks are counted: everything that a summary tells apart. */
export type CountKey = Pick<StoredTask, 'connector' | 'state' | 'assurance' | 'reason'>;

/** How many tasks stand in one place. */
export interface CountRow extends CountKey {
  readonly tasks: number;
}

/** How many settled requests came to a result. */
export interface ResultCount {
  readonly result: RequestResult;
  readonly n: number;
}

/** How many tasks were not read before their deletion, by the reason. */
export interface UnreadCount {
  readonly reason: string;
  readonly count: number;
}

/** The first time at which something of a kind is due; null: nothing is. */
export interface FirstTime<Kind extends string> {
  readonly kind: Kind;
  readonly at: number | null;
}

/** A call that counts for a vendor's limits, and when. */
export interface CountedCall extends Pick<StoredCall, 'kind'> {
  readonly counted_at: number;
}

/** The first and the last number among some rows; null: there are none. */
export interface NumberSpan {
  readonly first: number | null;
  readonly last: number | null;
}

/** Whether there is anything that stops tasks. */
export interface GuardsRow {
  readonly holds: 0 | 1;
  readonly held: 0 | 1;
  readonly ordered: 0 | 1;
}
