import type {
  Assurance,
  CallKind,
  CheckPart,
  ConnectorErrorCode,
  ConnectorLimits,
  DeletionRequest,
  Identifier,
  Receipt,
  Subject,
  Target,
} from '@expunge/core';
import type { CancelReport, RestoreReport } from '../engine/engine.ts';
import type { AdaptiveState } from '../limits/adaptive-limit.ts';
import type { IntervalState } from '../limits/learned-interval.ts';
import type { AuditEntry, AuditHead } from '../proof/audit-chain.ts';
import type { ReadBefore, TaskState, TimedState } from '../tasks/task-state.ts';
import type { TaskEventName } from '../tasks/transitions.ts';
import type { ConnectorSummary, ImportSummary, LedgerSummary, RequestWithTasks } from './reports.ts';
import type { LedgerVerification } from './store/verify-ledger.ts';

// Inside the engine and its ledgers, times are milliseconds since 1970; rows for reports carry ISO strings.

/** What one connector is to do about one request. */
export interface PlannedTask {
  /** The configured connector's name. */
  readonly connector: string;
  /** What to delete; undefined where the subject has nothing usable. */
  readonly target: Target | undefined;
  /** Where the task begins. */
  readonly state: 'pre-read' | 'ready' | 'skipped';
  /** Why it is skipped. */
  readonly reason: string | undefined;
}

/** A request with everything that is to be done about it. */
export interface PlannedRequest {
  /** The request, with its id. */
  readonly request: DeletionRequest & { readonly dueAt: string };
  /** Its tasks. */
  readonly tasks: readonly PlannedTask[];
  /** Nothing of it is sent before this: until then it can be cancelled at no cost. */
  readonly notBefore: number;
  /** Its identifiers, also under other types that a connector takes for the same, for holds. Left out: as they stand in the request. */
  readonly names?: readonly Identifier[] | undefined;
  /** Where its id was derived from the person and from when they asked: the id without that time, by which it may be known. */
  readonly undatedId?: string | undefined;
  /** Whether the id was derived from the person alone: whoever asks again has the same. */
  readonly isUndated?: boolean | undefined;
  /** Whether the due date was given, and not worked out from the law. */
  readonly isDueDateGiven?: boolean | undefined;
}

/** A part of a list of requests that comes in. */
export interface ImportPart {
  /** The number of the import; left out: it begins with this part. */
  readonly importId?: number | undefined;
  /** Whether it is the last part. */
  readonly isEnd: boolean;
  /** What the list is read from, as a text of the caller's own: a fingerprint of it is kept, so that the same list is known again. */
  readonly source?: string | undefined;
  /** Who does it. */
  readonly actor?: string | undefined;
}

/** An import without an end. */
export interface CutOffImport {
  /** Its number. */
  readonly importId: number;
  /** When it began, ISO 8601. */
  readonly startedAt: string;
  /** When its last requests came in, ISO 8601. */
  readonly lastAt: string;
  /** How many requests came in with it, new ones and known ones. */
  readonly requests: number;
}

/** What came of adding one request. */
export interface AddResult {
  /** `added`: new. `known`: there with the same subject. `conflict`: there with another subject; not taken. */
  readonly type: 'added' | 'known' | 'conflict';
  /** Whether a known request was settled and has nothing new to do. */
  readonly isSettled: boolean;
  /** Whether the person of a settled request may have asked again, and nothing is sent for them. */
  readonly isNotSentAgain: boolean;
  /** Whether a known request was given another due date than the ledger has, which stays. */
  readonly hasOtherDueDate: boolean;
  /** Of a conflict: how the two differ. */
  readonly difference?: SubjectDifference | undefined;
}

/** How the subject of a request differs from the one that is known under its id. */
export interface SubjectDifference {
  /**
   * `same-person`: they have an identifier in common. `somebody-else`: they have none. `unknown`: the identifiers of the known one are erased,
   * or do not open.
   */
  readonly who: 'same-person' | 'somebody-else' | 'unknown';
  /** Of the same person: identifiers that the known one does not have. Nothing is deleted by them. */
  readonly more: number;
  /** Of the same person: identifiers that only the known one has. */
  readonly fewer: number;
}

/** What would come of adding one request. */
export interface AddPreview extends AddResult {
  /** Whether a hold would stop it. */
  readonly isOnHold: boolean;
}

/** A task as the engine works on it. */
export interface LedgerTask {
  /** The ledger's own number. */
  readonly id: number;
  /** The number of its request. */
  readonly request: number;
  /** Where it stands. */
  readonly state: TaskState;
  /** What to delete. */
  readonly target: Target;
  /** Calls that asked for this deletion so far. */
  readonly attempts: number;
  /** The last call that carried it. */
  readonly callId: number | undefined;
  /** The part of a rejected batch it belongs to; tasks of one part go into one call. */
  readonly bisectedBatch: number | undefined;
  /** What the vendor has said so far, in state `read-back`. */
  readonly claim: Claim | undefined;
  /** The vendor's own last word. */
  readonly vendorStatus: string | undefined;
  /** Why it stands where it stands, and what happened. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** What our own read saw before the deletion. */
  readonly readBefore: ReadBefore;
  /** Why nothing was read then, or why what was read proves less than the deletion. */
  readonly unreadReason: string | undefined;
  /** Until when it may be read before the deletion; absent where it was never to be. */
  readonly readBy: number | undefined;
  /** Times that a read-back contradicted the vendor. */
  readonly contradictions: number;
  /** Reads since the vendor's last word. */
  readonly reads: number;
}

/** What the vendor has said about a target: it is gone, it never was, or it took the request. */
export type Claim = 'deleted' | 'absent' | 'accepted';

/** Where a task goes. A field that is left out is emptied, except the lasting ones, which stay as they are. */
export interface TaskChange {
  /** What happened to it: `transitions.ts` has each event, and where it may lead. */
  readonly event: TaskEventName;
  /** The new state. */
  readonly state: TaskState;
  /** How a terminal state is known. */
  readonly assurance?: Assurance | undefined;
  /** An error code or reason word. */
  readonly reason?: string | undefined;
  /** What happened and what to do, in a sentence. */
  readonly message?: string | undefined;
  /** The vendor's own last word. */
  readonly vendorStatus?: string | undefined;
  /** What the vendor has said so far. */
  readonly claim?: Claim | undefined;
  /** When something is to be done next; left out: nothing by itself. What was never sent is not due before its `notBefore`. */
  readonly nextAt?: number | undefined;
  /** The part of a rejected batch it belongs to. */
  readonly bisectedBatch?: number | undefined;
  /** The call that carried it was never sent: whether the vendor may have acted is as it was. */
  readonly isUnsent?: boolean | undefined;
  /** The vendor says that the last call, which was in doubt, did nothing. */
  readonly isNotExecuted?: boolean | undefined;
  /** Lasting. Calls that asked for this deletion. */
  readonly attempts?: number | undefined;
  /** Lasting. What our own read saw before the deletion. */
  readonly readBefore?: ReadBefore | undefined;
  /** Lasting. Why nothing was read before the deletion: an error code or a reason word; empty where it was read. */
  readonly unreadReason?: string | undefined;
  /** Lasting. Until when it may be read before the deletion. */
  readonly readBy?: number | undefined;
  /** Lasting. Times that a read-back contradicted the vendor. */
  readonly contradictions?: number | undefined;
  /** Lasting. Reads since the vendor's last word. */
  readonly reads?: number | undefined;
  /** Lasting. When the vendor took it. */
  readonly submittedAt?: number | undefined;
}

/** One task and where it goes. */
export interface TaskStep {
  /** The task as it was read. */
  readonly task: LedgerTask;
  /** Where it goes. */
  readonly change: TaskChange;
  /** What to ask the vendor about later: the task waits for it. Equal receipts of one call are one submission. */
  readonly receipt?: Receipt | undefined;
}

/** Which due tasks are asked for. */
export interface DueOptions {
  /** Due at this time. */
  readonly now: number;
  /** How many at the most. */
  readonly limit: number;
  /** Only targets of this type. */
  readonly targetType?: string | undefined;
  /** Only tasks of this part of a rejected batch; `null`: only tasks that belong to no part. */
  readonly bisectedBatch?: number | null | undefined;
}

/** A person who is not to be deleted for now, known by one identifier's fingerprint. */
export interface Hold {
  /** The type of the identifier. */
  readonly identifierType: string;
  /** Why, in the operator's words. */
  readonly reason: string;
  /** Since when, ISO 8601. */
  readonly addedAt: string;
  /** Open requests that are on hold because of it. */
  readonly requests: number;
}

/** A person who is to be put on hold. */
export interface HeldPerson {
  /** The identifiers that the hold is about. A request that has one of them is on hold. */
  readonly identifiers: readonly Identifier[];
  /** One of them under all types that a connector takes for the same. Default: as it is. */
  readonly namesOf?: ((identifier: Identifier) => readonly Identifier[]) | undefined;
  /** The types that connectors use. A type that is none of them, and that no request has, is refused. Left out: any is taken. */
  readonly typesInUse?: readonly string[] | undefined;
}

/** What came of putting a person on hold. */
export interface HoldReport {
  /** False: all of it was on hold already. */
  readonly isNew: boolean;
  /** Open requests that are on hold by it. */
  readonly requests: number;
  /** Requests of the ledger that it is about, settled ones too. 0: the ledger knows nobody by these identifiers. */
  readonly known: number;
}

/** A record at a vendor. */
export interface HeldRecord {
  /** The configured connector's name. */
  readonly connector: string;
  /** Which record. */
  readonly target: Target;
}

/** How a call ended. `further`: it belongs to a method that began with another call, which says how that ended. */
export type CallResult = 'answered' | 'further' | ConnectorErrorCode | 'contract-broken' | 'interrupted' | 'not-taken';

/** A submission that the vendor still works on. */
export interface OpenSubmission {
  /** The ledger's own number. */
  readonly id: number;
  /** What to ask with. */
  readonly receipt: Receipt;
  /** When the vendor took it. */
  readonly submittedAt: number;
  /** How many times it was asked about. */
  readonly checks: number;
  /** How many of the last asks failed. */
  readonly failures: number;
  /** How many jobs the vendor has made of the most-tried of its targets, this one included. */
  readonly jobs: number;
  /** The vendor's word when it was asked last. */
  readonly vendorStatus: string | undefined;
}

/** Those who wait for a submission. */
export interface OpenTasks {
  /** The tasks, in the order of their numbers. */
  readonly tasks: readonly LedgerTask[];
  /** Numbers of those whose page is damaged, so that nobody can tell who they are about. */
  readonly unreadable: readonly number[];
  /** The earliest deadline of their requests. */
  readonly dueAt: number;
}

/** How a submission ended for some of its tasks. */
export interface SubmissionEnd {
  /** Their numbers. */
  readonly tasks: readonly number[];
  /** Where they go. */
  readonly change: TaskChange;
  /** The vendor's own parts, where it names them. */
  readonly parts?: readonly CheckPart[] | undefined;
}

/** What came of asking about a submission, or of cancelling it. */
export interface SubmissionEnds {
  /** For whom it has ended, and how. */
  readonly ends: readonly SubmissionEnd[];
  /** When the others are asked about again; left out: as before. */
  readonly rest?: StillOpen | undefined;
  /** How the call ended. Default: `answered`. */
  readonly result?: CallResult | undefined;
}

/** What became of those whom a vendor took out of a submission. */
export interface CancelledInSubmission {
  /** How many are cancelled. */
  readonly cancelled: number;
  /** How many were called done meanwhile: they need a review. */
  readonly contradicted: number;
}

/** What is known of those whose end is not. */
export interface StillOpen {
  /** When the vendor is asked again; undefined: never. */
  readonly nextAt: number | undefined;
  /** The vendor's last word about them. */
  readonly vendorStatus?: string | undefined;
}

/** A submission that carries targets of a request. */
export interface RequestSubmission {
  /** The configured connector's name. */
  readonly connector: string;
  readonly submission: OpenSubmission;
  /** How many tasks of the request wait for it. */
  readonly tasks: number;
  /** Whether tasks of other requests wait for it too. */
  readonly isShared: boolean;
}

/** A call of the past, for limits that outlive a process. */
export interface PastCall {
  /** Its kind. */
  readonly kind: CallKind;
  /** When it began. */
  readonly startedAt: number;
}

/** What the ledger remembers of a connector besides its tasks. */
export interface ConnectorState {
  /** The largest batch that the vendor has been seen to take, where it refused larger ones. */
  readonly maxTargets: number | undefined;
  /** No call of a kind before this, as the vendor asked. */
  readonly blockedUntil: Readonly<Partial<Record<CallKind, number>>>;
  /** The share of its documented pace that each kind of call went at last, above 0 and up to 1. */
  readonly throttle: Readonly<Partial<Record<CallKind, number>>>;
  /** The intervals between calls that refusals have taught, where no rate is documented, by their kinds of call. */
  readonly intervals?: LearnedIntervals | undefined;
  /** Failures in a row of submissions, for a backoff that outlives a process. */
  readonly failures: number;
  /** Calls since the time asked for, oldest first. */
  readonly calls: readonly PastCall[];
  /** Targets submitted since the month began. */
  readonly targetsThisMonth: number;
  /** What all processes that work on a shared ledger know together; absent where one works alone. */
  readonly shared?: SharedConnectorState | undefined;
}

/** What limits have learned, by a name for each that changes with the limit. */
export type AdaptiveLimits = Readonly<Record<string, AdaptiveState>>;

/** What is known of intervals between calls, by the kinds of call that keep each together. */
export type LearnedIntervals = Readonly<Record<string, IntervalState>>;

/** What several processes that work on one ledger know of a connector together. */
export interface SharedConnectorState {
  /** The kinds of the calls that are open, anywhere. */
  readonly open: readonly CallKind[];
  /** What its limits have learned. */
  readonly adaptive: AdaptiveLimits;
  /** Why it is paused, for all. */
  readonly paused: { readonly code: ConnectorErrorCode; readonly message: string } | undefined;
}

/** What the ledger is to remember of a connector. What is left out stays as it is. */
export interface ConnectorStateChange {
  /** The largest batch that the vendor takes. */
  readonly maxTargets?: number | undefined;
  /**
   * No call of these kinds before this, as the vendor asked. A later time that is remembered stays. `refused`: the vendor
   * refused a call of this kind for too many calls, of which a shared ledger learns for all.
   */
  readonly blocked?:
    | { readonly kinds: readonly CallKind[]; readonly until: number; readonly refused?: CallKind | undefined }
    | undefined;
  /** The share of its documented pace that each kind of call goes at. */
  readonly throttle?: Readonly<Partial<Record<CallKind, number>>> | undefined;
  /** What refusals have taught where no rate is documented. */
  readonly intervals?: LearnedIntervals | undefined;
  /** The month's volume is used up: no submission before this. */
  readonly quotaUntil?: number | undefined;
  /** Failures in a row of submissions. */
  readonly failures?: number | undefined;
}

/** What came of shredding. */
export interface ErasureReport {
  /** Requests that were erased now. */
  readonly requests: number;
  /**
   * Whether nothing of what was ever erased is left in the ledger's own files. False where another process is reading
   * them: the next call tries again.
   */
  readonly isErased: boolean;
}

/** A connector as the ledger knows it. */
export interface LedgerConnector {
  /** The configured connector's name. */
  readonly name: string;
  /** Its vendor. */
  readonly vendor: string;
  /** Which of the vendor's deletions. */
  readonly operation: string;
  /** Connectors at which a request must have been sent first. */
  readonly after?: readonly string[] | undefined;
  /** The vendor's limits, for a ledger that keeps them for all who work on it. */
  readonly limits?: ConnectorLimits | undefined;
  /** The share of the vendor's rates to use, above 0 and up to 1. */
  readonly limitShare?: number | undefined;
  /** The account that it shares with other connectors of the same name here. */
  readonly account?: string | undefined;
}

/**
 * The durable record of requests, tasks, calls and outcomes. A method that changes something resolves when the change is on the
 * disk. `actor` is who gives a command, by a name for the audit log; left out: `expunge`.
 */
export interface Ledger {
  /**
   * Whether several processes work on it together. Then it gives each due task and submission to one of them, until that
   * one has moved it or gives it back with `release`; and the vendors' limits and pauses are kept for all.
   */
  readonly isShared?: boolean | undefined;
  /** Releases what was leased as due and is not worked on: another worker may take it. Only where work is shared. */
  release?(work: {
    readonly tasks?: readonly LedgerTask[] | undefined;
    readonly submissions?: readonly OpenSubmission[] | undefined;
  }): Promise<void>;
  /**
   * The signal for calls that begin now: aborted when this process has not been seen for so long that others are about to
   * take it for lost, and its calls for cut off. Only where work is shared.
   */
  callSignal?(): AbortSignal;
  /** Calls `listener` when there may be something new to do for a connector. Returns what ends that. Only where work is shared. */
  onNotification?(connector: string, listener: () => void): () => void;

  /** A keyed fingerprint of a text, as the ledger uses for its own look-ups, in hexadecimal. */
  digest(text: string): string;
  /** Makes the connectors known. Tasks whose call was cut off by a crash become `in-doubt`. */
  begin(connectors: readonly LedgerConnector[], now: number): Promise<void>;
  /**
   * Adds a part of a list of requests with their tasks, all in one commit. One result per request, in order. An import without its
   * last part is known as cut off.
   */
  importRequests(
    requests: readonly PlannedRequest[],
    part: ImportPart,
    now: number,
  ): Promise<{ readonly importId: number; readonly results: readonly AddResult[] }>;
  /** What `importRequests` would come to. Imports nothing. */
  previewImport(
    requests: readonly PlannedRequest[],
    source: string | undefined,
    now: number,
  ): Promise<readonly AddPreview[]>;
  /** Imports without an end, oldest first: they were cut off, or requests still come in. */
  cutOffImports(): Promise<readonly CutOffImport[]>;
  /** Says of a cut-off import that the rest of it will not come. Returns whether there is one with this number. */
  closeImport(importId: number, now: number, actor?: string): Promise<boolean>;

  /** Tasks in a state that are due and not on hold, the longest due first. */
  dueTasks(connector: string, state: TimedState, options: DueOptions): Promise<readonly LedgerTask[]>;
  /** A part of a rejected batch that is due, if there is one. */
  dueBisectedBatch(connector: string, now: number): Promise<number | undefined>;
  /**
   * What one call without a clear answer carried: its tasks in doubt, and the targets of all its tasks. Targets are
   * undefined where some of its tasks have gone on with another call, so that the call can't be put together any more.
   */
  inDoubtCall(
    connector: string,
    callId: number,
  ): Promise<{
    readonly startedAt: number;
    readonly tasks: readonly LedgerTask[];
    readonly targets: readonly Target[] | undefined;
  }>;
  /** Submissions that are due to be asked about. */
  dueSubmissions(connector: string, now: number, limit: number): Promise<readonly OpenSubmission[]>;
  /** The tasks that wait for a submission: each target once. */
  openTasks(submissionId: number): Promise<OpenTasks>;
  /** Those of a request that wait for a submission, and that no other request wants gone too. */
  ownTasks(submissionId: number, requestId: string): Promise<readonly LedgerTask[]>;
  /** The earliest time at which something of this connector becomes due, per kind of work. */
  nextDue(connector: string): Promise<Readonly<Partial<Record<TimedState | 'waiting', number>>>>;

  /**
   * Commits the intents to make calls, before they are made, in one commit. The tasks of a `submit` go to `submitting`.
   *
   * @param calls - The tasks that each call carries.
   * @returns One number for each call, in order; undefined where one of its tasks is no longer in the state in which it was
   * read, or is on hold. On a shared ledger also where the vendor's limits leave no capacity, or the
   * connector is paused. Nothing was recorded of that call, and it must not be made.
   */
  startCalls(
    connector: string,
    kind: CallKind,
    calls: readonly (readonly LedgerTask[])[],
    now: number,
  ): Promise<readonly (number | undefined)[]>;
  /**
   * Commits that a method which has a call already begins a further one, before it does: the vendor's limits count it, and
   * it is over with the method.
   *
   * @returns On a shared ledger: false where the vendor's limits leave no room now.
   */
  recordFurtherCall(connector: string, kind: CallKind, now: number): Promise<boolean>;
  /**
   * Commits how a call ended and where its tasks go, except those that were cancelled or moved meanwhile.
   * `firstCheckAt` is for new submissions.
   */
  completeCall(
    callId: number,
    end: {
      readonly result: CallResult;
      readonly steps: readonly TaskStep[];
      readonly firstCheckAt?: number | undefined;
      /** An earlier call of which the vendor now says that it was never taken. */
      readonly notExecuted?: number | undefined;
    },
    now: number,
  ): Promise<void>;
  /** Commits that a submission is still pending, or that asking failed. */
  postponeCheck(
    callId: number,
    submissionId: number,
    options: {
      readonly result: CallResult;
      readonly nextAt: number | undefined;
      readonly vendorStatus?: string | undefined;
    },
    now: number,
  ): Promise<void>;
  /** Commits how a submission ended for some of its tasks or for all. */
  endSubmission(callId: number, submissionId: number, end: SubmissionEnds, now: number): Promise<void>;
  /** Commits that the vendor took tasks out of a submission. */
  cancelInSubmission(
    callId: number,
    submissionId: number,
    tasks: readonly number[],
    now: number,
  ): Promise<CancelledInSubmission>;
  /** Moves tasks without a call, those that are still in the state in which they were read. */
  moveTasks(steps: readonly TaskStep[], now: number): Promise<void>;
  /**
   * Gives up the reads before deletion whose time is over: their tasks are sent unread. Returns how many.
   *
   * @param why - The reason of those for which no call has failed.
   */
  giveUpReadsBefore(connector: string, why: string, now: number): Promise<number>;
  /** What is remembered of a connector. */
  connectorState(connector: string, since: number, monthStart: number | undefined): Promise<ConnectorState>;
  /** Remembers something about a connector. */
  saveConnectorState(connector: string, connectorState: ConnectorStateChange): Promise<void>;
  /**
   * Lets everything of a connector go on at once that a refusal or a failure has put off, as an operator decides who
   * knows better. Returns how many tasks.
   */
  endWaits(connector: string, now: number, actor?: string): Promise<number>;
  /** Records that a connector is paused, and why; undefined: that it no longer is, and by whose command. */
  setPaused(
    connector: string,
    paused: { readonly code: ConnectorErrorCode; readonly message: string; readonly at: number } | undefined,
    actor?: string,
  ): Promise<void>;

  /** The submissions of a request that the vendor still works on. */
  openSubmissions(requestId: string): Promise<readonly RequestSubmission[]>;
  /** Cancels the tasks of a request that the vendor certainly has not acted on. A duplicate of a cancelled target takes over. */
  cancelUnsent(requestId: string, now: number, actor?: string): Promise<CancelReport | undefined>;
  /**
   * Puts the cancelled tasks of a request back, as they were planned: to be read first at these connectors, else to be sent.
   * undefined: there is no such request.
   */
  restore(
    requestId: string,
    readFirstAt: readonly string[],
    now: number,
    actor?: string,
  ): Promise<RestoreReport | undefined>;
  /**
   * Puts tasks back to be sent: those that failed, ended partly done or contradicted, or those that need a review, of one
   * request or connector or of all. Returns how many.
   */
  reopen(
    which: 'failed' | 'needs-review',
    options: { readonly requestId?: string | undefined; readonly connector?: string | undefined },
    now: number,
    actor?: string,
  ): Promise<number>;

  /**
   * Puts a person on hold: what is not sent yet is not sent, now and in future. Identifiers are compared without letter case, blanks
   * around them and forms of one character, since a hold errs on the side of keeping.
   *
   * @throws HoldError where a type is unknown.
   */
  addHold(person: HeldPerson, reason: string, now: number, actor?: string): Promise<HoldReport>;
  /** Lifts the hold. Returns the requests that are on hold no more; undefined: there is no such hold. */
  removeHold(identifier: Identifier, now: number, actor?: string): Promise<number | undefined>;
  /** All holds, oldest first. */
  holds(): Promise<readonly Hold[]>;
  /** The holds that would stop a request with these names, or for one of these records. Oldest first. */
  holdsOf(names: readonly Identifier[], records: readonly HeldRecord[]): Promise<readonly Hold[]>;

  /** The requests that had a target, also when their identifiers are gone. */
  requestsOfTarget(connector: string, target: Target): Promise<readonly string[]>;
  /**
   * Looks at the clock before an erasure, and remembers the look.
   *
   * @returns When an earlier look was that lies at least so long ago; undefined: there was none.
   */
  lookAtClock(now: number, apartMs: number): Promise<number | undefined>;
  /** Makes the identifiers of requests that were settled before a time, or at it, unreadable for ever. */
  erase(settledBefore: number): Promise<ErasureReport>;
  /** The audit log, from its beginning. */
  auditEntries(): AsyncIterable<AuditEntry>;
  /** The last entry of the audit log. */
  auditHead(): Promise<AuditHead>;
  /**
   * What is set aside because its encrypted page does not open: how many tasks, and the first requests. An operator decides
   * what becomes of them.
   */
  setAside(limit: number): Promise<{ readonly tasks: number; readonly requests: readonly string[] }>;
  /**
   * Checks everything that can be checked with the ledger's key: the log, that the tables follow from it, and that every encrypted page
   * opens. Reads all of it, in one transaction.
   *
   * @param anchor - A head that was kept elsewhere: the log must still contain it.
   */
  verify(anchor?: AuditHead): Promise<LedgerVerification>;
  /** With what the audit log is signed, and from which entry on (`signedFrom`): what `checkSignedLog` takes. */
  signing(): { readonly publicKey: string; readonly signedFrom: number };
  /** Signs a text with the ledger's own key (Ed25519). */
  sign(text: string): { readonly signature: string; readonly publicKey: string };

  /** Tasks by state for one connector, as they stand now, also those on hold. Synchronous: it is asked ten times a second. */
  counts(connector: string): Readonly<Partial<Record<TaskState, number>>>;
  /** Where the requests of one import stand. Reads each of them. */
  importSummary(importId: number): Promise<ImportSummary>;
  /** Where each connector stands, over all runs. Counts no requests: as quick on a large ledger as on a small one. */
  connectorSummaries(): Promise<readonly ConnectorSummary[]>;
  /** Where everything stands, over all runs. */
  summary(now?: number): Promise<LedgerSummary>;
  /** One request with its tasks. */
  request(
    requestId: string,
    options?: { readonly identifiers?: boolean | undefined },
  ): Promise<RequestWithTasks | undefined>;
  /** All requests with their tasks, in the order in which they came in, read in a stream. */
  requests(options?: { readonly identifiers?: boolean | undefined }): AsyncIterable<RequestWithTasks>;
  /** Closes it. What was committed stays. */
  close(): Promise<void>;
}

/** The text of an identifier that its digest is made of. */
export function canonicalIdentifier({ type, value }: Identifier): string {
  return JSON.stringify(['identifier', type, value]);
}

/** The text of an identifier by which holds are compared: many vendors take for the same what differs in case or blanks. */
export function heldIdentifier({ type, value }: Identifier): string {
  return JSON.stringify(['held', type, value.normalize('NFKC').trim().toLowerCase()]);
}

/** The text of a subject that its digest is made of: equal for equal identifiers in any order. */
export function canonicalSubject(subject: Subject): string {
  return JSON.stringify(subject.identifiers.map(({ type, value }) => JSON.stringify([type, value])).sort());
}

/** The text of a target that its digest is made of. */
export function canonicalTarget(target: Target): string {
  const details = Object.entries(target.details ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([target.type, target.value, details]);
}
