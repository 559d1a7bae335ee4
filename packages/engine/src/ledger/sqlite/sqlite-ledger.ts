import { createPublicKey, sign } from 'node:crypto';
import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import type { CallKind, CheckPart, ConnectorErrorCode, Identifier, Target } from '@expunge/core';
import type { Clock } from '../../clock.ts';
import type { CancelReport } from '../../engine.ts';
import type { TaskState } from '../../task-state.ts';
import type { AuditEntry, AuditHead } from '../audit-chain.ts';
import { createKeyFile, nextKeyFile, promoteNextKey } from '../key-file.ts';
import type {
  AddResult,
  CallResult,
  ConnectorMemory,
  DueOptions,
  Hold,
  LedgerConnector,
  LedgerTask,
  MemoryChange,
  OpenSubmission,
  PlannedRequest,
  RequestSubmission,
  ShredReport,
  TaskChange,
  TaskStep,
} from '../ledger.ts';
import { canonicalTarget } from '../ledger.ts';
import { LedgerError } from '../ledger-error.ts';
import { makeKey, signingKey } from '../ledger-key.ts';
import type { ConnectorSummary, LedgerSummary, RequestWithTasks } from '../ledger-rows.ts';
import { createSealer } from '../seal.ts';
import { syncFolderOf, syncPath } from '../sync-folder.ts';
import { readEntries } from './audit-log.ts';
import { cancelUnsent } from './cancel-unsent.ts';
import { changeTasks } from './change-tasks.ts';
import { acceptClock, type ClockCorrection, refuseClockBehind } from './clock-behind.ts';
import { endWaits, readMemory, remember, setPaused } from './connector-memory.ts';
import { eraseLog, sealAnew, shredSome } from './forget.ts';
import { GroupCommit } from './group-commit.ts';
import { addHold, readHolds, removeHold } from './holds.ts';
import { addRequests } from './intake.ts';
import type { SqliteLedgerHandle } from './open-sqlite-ledger.ts';
import { setOrder } from './order.ts';
import { readIntakeSummary, readRequest, readRequests, readSummary } from './reading.ts';
import { reopen } from './reopen.ts';
import { ledgerErrorOf } from './sqlite-error.ts';
import type { Store } from './store.ts';
import * as work from './work.ts';

interface Setting {
  readonly path: string;
  readonly clock: Clock;
  readonly isReadOnly: boolean;
  readonly digestSecret: Uint8Array;
  readonly keyFile: string | undefined;
  readonly keyFileCreated: string | undefined;
  readonly release: () => void;
}

/** The ledger's interface over one SQLite file. What each method does stands in the files beside this one. */
export class SqliteLedger implements SqliteLedgerHandle {
  readonly keyFileCreated: string | undefined;
  readonly #store: Store;
  readonly #setting: Setting;
  readonly #commits: GroupCommit;
  #isErased = false;

  constructor(store: Store, setting: Setting) {
    this.#store = store;
    this.#setting = setting;
    this.keyFileCreated = setting.keyFileCreated;
    this.#commits = new GroupCommit(store.database, {
      afterEach: () => store.endStep(),
      beforeCommit: () => store.beforeCommit(),
      afterRollback: () => store.afterRollback(),
      errorOf: (error) => ledgerErrorOf(error, setting.path),
    });
  }

  digest(text: string): string {
    return this.#store.sealer.digest(text);
  }

  begin(connectors: readonly LedgerConnector[], now: number): Promise<void> {
    return this.#commits.write(() => {
      refuseClockBehind(this.#store, now);
      for (const { name, vendor, operation } of connectors) {
        this.#store
          .sql(
            `INSERT INTO connectors (name, vendor, operation) VALUES (?, ?, ?)
             ON CONFLICT (name) DO UPDATE SET vendor = excluded.vendor, operation = excluded.operation`,
          )
          .run(name, vendor, operation);
      }
      this.#store.readConnectors();
      setOrder(this.#store, connectors);
      work.doubtInterrupted(this.#store, now);
    });
  }

  async beginIntake(): Promise<number> {
    return 1 + (this.#store.get<{ last: number | null }>('SELECT max(intake) AS last FROM requests')?.last ?? 0);
  }

  addRequests(requests: readonly PlannedRequest[], intake: number, now: number): Promise<readonly AddResult[]> {
    return this.#commits.write(() => addRequests(this.#store, requests, intake, now));
  }

  async dueTasks(
    connector: string,
    state: 'pre-read' | 'ready' | 'in-doubt' | 'read-back',
    options: DueOptions,
  ): Promise<readonly LedgerTask[]> {
    return work.dueTasks(this.#store, this.#store.connectorId(connector), state, options);
  }

  async dueSplit(connector: string, now: number): Promise<number | undefined> {
    const split = this.#store
      .sql(
        `SELECT split FROM tasks INDEXED BY tasks_split
         WHERE connector = ? AND split IS NOT NULL AND next_at IS NOT NULL AND next_at <= ? AND state = 'ready' LIMIT 1`,
      )
      .get(this.#store.connectorId(connector), now)?.split;
    return typeof split === 'number' ? split : undefined;
  }

  async doubtfulCall(
    _connector: string,
    callId: number,
  ): Promise<{ startedAt: number; tasks: readonly LedgerTask[]; targets: readonly Target[] | undefined }> {
    return work.doubtfulCall(this.#store, callId);
  }

  async dueSubmissions(connector: string, now: number, limit: number): Promise<readonly OpenSubmission[]> {
    return work.dueSubmissions(this.#store, this.#store.connectorId(connector), now, limit);
  }

  async targetsOf(submissionId: number): Promise<readonly Target[]> {
    return work.targetsOf(this.#store, submissionId);
  }

  async nextDue(
    connector: string,
  ): Promise<Partial<Record<'pre-read' | 'ready' | 'in-doubt' | 'read-back' | 'waiting', number>>> {
    return work.nextDue(this.#store, this.#store.connectorId(connector));
  }

  beginCall(connector: string, kind: CallKind, tasks: readonly LedgerTask[], now: number): Promise<number | undefined> {
    return this.#commits.write(() => work.beginCall(this.#store, this.#store.connectorId(connector), kind, tasks, now));
  }

  endCall(
    callId: number,
    end: {
      result: CallResult;
      steps: readonly TaskStep[];
      firstCheckAt?: number | undefined;
      disproved?: number | undefined;
    },
    now: number,
  ): Promise<void> {
    return this.#commits.write(() => {
      work.finishCall(this.#store, callId, end.result, now);
      if (end.disproved !== undefined) work.finishCall(this.#store, end.disproved, 'not-taken', now);
      work.takeSteps(this.#store, callId, end.steps, end.firstCheckAt ?? now, now);
    });
  }

  postponeCheck(
    callId: number,
    submissionId: number,
    options: { result: CallResult; nextAt: number | undefined; vendorStatus?: string | undefined },
    now: number,
  ): Promise<void> {
    return this.#commits.write(() => {
      work.finishCall(this.#store, callId, options.result, now);
      work.postponeCheck(this.#store, submissionId, options);
    });
  }

  endSubmission(
    callId: number,
    submissionId: number,
    end: { change: TaskChange; parts?: readonly CheckPart[] | undefined },
    now: number,
  ): Promise<void> {
    return this.#commits.write(() => {
      work.finishCall(this.#store, callId, 'answered', now);
      work.endSubmission(this.#store, submissionId, end, now);
    });
  }

  moveTasks(steps: readonly TaskStep[], now: number): Promise<void> {
    return this.#commits.write(() => work.moveTasks(this.#store, steps, now));
  }

  endLatePreReads(connector: string, dueBefore: number, now: number): Promise<number> {
    return this.#commits.write(() => {
      const late = this.#store.all<{ id: number }>(
        `SELECT id FROM tasks INDEXED BY tasks_due
         WHERE connector = ? AND state = 'pre-read' AND next_at < ? AND next_at IS NOT NULL`,
        this.#store.connectorId(connector),
        dueBefore,
      );
      changeTasks(
        this.#store,
        late.map(({ id }) => id),
        { state: 'ready', nextAt: now },
        now,
      );
      return late.length;
    });
  }

  async memory(connector: string, since: number, monthStart: number): Promise<ConnectorMemory> {
    return readMemory(this.#store, connector, since, monthStart);
  }

  remember(connector: string, memory: MemoryChange): Promise<void> {
    return this.#commits.write(() => remember(this.#store, connector, memory));
  }

  endWaits(connector: string, now: number): Promise<number> {
    return this.#commits.write(() => endWaits(this.#store, connector, now));
  }

  setPaused(
    connector: string,
    paused: { code: ConnectorErrorCode; message: string; at: number } | undefined,
  ): Promise<void> {
    return this.#commits.write(() => setPaused(this.#store, connector, paused));
  }

  async openSubmissions(requestId: string): Promise<readonly RequestSubmission[]> {
    return this.#store
      .sql(
        `SELECT submissions.*, 0 AS attempts, count(*) AS tasks,
           EXISTS (SELECT 1 FROM tasks AS other WHERE other.submission = submissions.id AND other.request <> requests.id) AS is_shared
         FROM requests JOIN tasks ON tasks.request = requests.id AND tasks.state = 'waiting'
         JOIN submissions ON submissions.id = tasks.submission
         WHERE requests.request_id = ? GROUP BY submissions.id`,
      )
      .all(requestId)
      .map((row) => ({
        connector: this.#store.connectorName(Number(row.connector)),
        submission: work.toSubmission(row),
        tasks: Number(row.tasks),
        isShared: row.is_shared === 1,
      }));
  }

  cancelUnsent(requestId: string, now: number): Promise<CancelReport | undefined> {
    return this.#commits.write(() => cancelUnsent(this.#store, requestId, now));
  }

  reopen(
    which: 'failed' | 'in-doubt',
    options: { requestId?: string | undefined; connector?: string | undefined },
    now: number,
  ): Promise<number> {
    return this.#commits.write(() => reopen(this.#store, which, options, now));
  }

  addHold(identifier: Identifier, reason: string, now: number): Promise<number | undefined> {
    return this.#commits.write(() => addHold(this.#store, identifier, reason, now));
  }

  removeHold(identifier: Identifier, now: number): Promise<number | undefined> {
    return this.#commits.write(() => removeHold(this.#store, identifier, now));
  }

  async holds(): Promise<readonly Hold[]> {
    return readHolds(this.#store);
  }

  async requestsOfTarget(connector: string, target: Target): Promise<readonly string[]> {
    return this.#store
      .all<{ request_id: string }>(
        `SELECT DISTINCT requests.request_id FROM tasks JOIN requests ON requests.id = tasks.request
         JOIN connectors ON connectors.id = tasks.connector
         WHERE connectors.name = ? AND tasks.digest = unhex(?) ORDER BY requests.id`,
        connector,
        this.#store.sealer.digest(canonicalTarget(target)),
      )
      .map((row) => row.request_id);
  }

  async shred(settledBefore: number): Promise<ShredReport> {
    let requests = 0;
    for (;;) {
      const some = await this.#commits.write(() => shredSome(this.#store, settledBefore));
      requests += some;
      if (some === 0) break;
    }
    // What was sealed must not stay behind in the write-ahead log, nor what an earlier process could not erase there.
    if (requests > 0 || !this.#isErased) this.#isErased = eraseLog(this.#store.database);
    return { requests, isErased: this.#isErased };
  }

  async *auditEntries(): AsyncGenerator<AuditEntry> {
    yield* readEntries(this.#store.database);
  }

  async auditHead(): Promise<AuditHead> {
    if (this.#setting.isReadOnly) this.#refresh();
    return this.#store.audit.head;
  }

  sign(text: string): { signature: string; publicKey: string } {
    const key = signingKey(this.#setting.digestSecret);
    const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
    return { signature: sign(null, Buffer.from(text), key).toString('base64'), publicKey };
  }

  async backup(path: string): Promise<void> {
    if (existsSync(path))
      throw new LedgerError('not-writable', `${path} exists already. Name a new file for the backup.`);
    // Under another name first: half a copy looks like a whole one.
    const partial = `${path}.partial`;
    rmSync(partial, { force: true });
    try {
      // As readable as the ledger: by its owner alone.
      closeSync(openSync(partial, 'wx', 0o600));
      this.#store.database.prepare('VACUUM INTO ?').run(partial);
      // SQLite leaves this to us (https://www.sqlite.org/lang_vacuum.html): a backup has to outlive a power cut.
      syncPath(partial);
      renameSync(partial, path);
      syncFolderOf(path);
    } catch (error) {
      rmSync(partial, { force: true });
      throw ledgerErrorOf(error, path);
    }
  }

  async rekey(newKey?: Uint8Array): Promise<{ readonly isErased: boolean }> {
    const { keyFile, digestSecret } = this.#setting;
    const key = newKey ?? makeKey();
    if (keyFile !== undefined) {
      // A next key that an earlier, cut-off change left behind opens nothing.
      rmSync(nextKeyFile(keyFile), { force: true });
      createKeyFile(nextKeyFile(keyFile), key);
    }
    // In a transaction of its own: what is written before and after it must not be sealed under the other key.
    this.#commits.flush();
    const sealed = this.#commits.write(() => sealAnew(this.#store, key, digestSecret));
    this.#commits.flush();
    await sealed;
    this.#store.sealer = createSealer(key, digestSecret);
    // What was sealed under the old key must not stay behind in the write-ahead log.
    this.#isErased = eraseLog(this.#store.database);
    if (keyFile !== undefined) promoteNextKey(keyFile);
    return { isErased: this.#isErased };
  }

  acceptClock(): Promise<ClockCorrection | undefined> {
    return this.#commits.write(() => acceptClock(this.#store, this.#setting.clock.now()));
  }

  counts(connector: string): Readonly<Partial<Record<TaskState, number>>> {
    const id = this.#store.connectorId(connector);
    const states: Partial<Record<TaskState, number>> = {};
    for (const row of this.#store.counts.rows()) {
      if (row.connector === id) states[row.state] = (states[row.state] ?? 0) + row.tasks;
    }
    return states;
  }

  async intakeSummary(intake: number): Promise<readonly ConnectorSummary[]> {
    return readIntakeSummary(this.#store, intake);
  }

  async summary(now = this.#setting.clock.now()): Promise<LedgerSummary> {
    if (this.#setting.isReadOnly) this.#refresh();
    return readSummary(this.#store, now);
  }

  async request(
    requestId: string,
    options: { identifiers?: boolean | undefined } = {},
  ): Promise<RequestWithTasks | undefined> {
    if (this.#setting.isReadOnly) this.#refresh();
    return readRequest(this.#store, requestId, options.identifiers === true);
  }

  async *requests(options: { identifiers?: boolean | undefined } = {}): AsyncGenerator<RequestWithTasks> {
    if (this.#setting.isReadOnly) this.#refresh();
    yield* readRequests(this.#store, options.identifiers === true);
  }

  async close(): Promise<void> {
    this.#commits.flush();
    this.#store.database.close();
    this.#setting.release();
  }

  // Another process may have written since.
  #refresh(): void {
    this.#store.readConnectors();
    this.#store.afterRollback();
  }
}
