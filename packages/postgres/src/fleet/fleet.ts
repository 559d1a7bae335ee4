import type { Clock, Ledger } from '@expunge/engine';
import type { TimedState } from '@expunge/engine/storage';

/** What a fleet is opened with. */
export interface FleetOptions {
  /** The database's address: `postgres://user:password@host/database`. */
  readonly url: string;
  /** The schema of the ledger. Its queue has the same name and `_queue`. Default: `expunge`. */
  readonly schema?: string | undefined;
  /** The ledger's key, 32 bytes. */
  readonly key: Uint8Array;
  /** What this worker is called in the database. Default: the machine's name and the process's number. */
  readonly workerName?: string | undefined;
  /** Told of what goes wrong beside the work, in a sentence without data: a heartbeat that could not be written. Must not throw. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** What is to be done about a task or a submission: its state, `waiting` for submissions, `part` for parts of a rejected call. */
export type JobKind = TimedState | 'part' | 'waiting';

/** How one queue stands. */
export interface QueueState {
  /** The configured connector's name. */
  readonly connector: string;
  /** What its jobs are about. */
  readonly kind: JobKind;
  /** Jobs that no worker has now: due, or due later. */
  readonly depth: number;
  /** Of these, jobs that are due. */
  readonly due: number;
  /** Jobs that a worker has taken. */
  readonly active: number;
  /** Since when the longest due job is due, ISO 8601; absent where none is due. */
  readonly oldestAt: string | undefined;
  /** Jobs that were given up, because their workers ended again and again. */
  readonly dead: number;
}

/** How the queues stand. Carries no personal data. */
export interface QueueReport {
  /** One for each connector and kind of work that has jobs, by name. */
  readonly queues: readonly QueueState[];
}

/** What a look at all tasks and jobs has repaired. */
export interface ReconcileReport {
  /** Tasks and submissions without a job: they got one. */
  readonly made: number;
  /** Jobs without a task or submission that wants them: they are gone. */
  readonly settled: number;
}

/** One worker's share in the work of several on one ledger. */
export interface Fleet {
  /** The ledger, which hands out its work among the workers and keeps the vendors' limits for all of them. */
  readonly ledger: Ledger;
  /** The database's time: the same for all workers, however their own clocks go. */
  readonly clock: Clock;
  /** How the queues stand. */
  queue(): Promise<QueueReport>;
  /** Puts jobs that were given up back in line, of one connector or of all. Returns how many. */
  redrive(connector?: string): Promise<number>;
  /** Compares tasks and jobs and repairs what is inconsistent. Workers do so by themselves: one of them, each minute. */
  reconcile(): Promise<ReconcileReport>;
  /**
   * Resolves when the database answers.
   *
   * @throws LedgerError `unreachable`.
   */
  ping(): Promise<void>;
  /** Releases what this worker has leased and has not started, and closes the ledger and all connections. */
  close(): Promise<void>;
}
