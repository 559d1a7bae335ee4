import { createSigner, type LedgerSigner } from '../../crypto/ledger-signer.ts';
import type { AuditEntry } from '../../proof/audit-chain.ts';
import type { TaskState } from '../../tasks/task-state.ts';
import type { Ledger } from '../ledger.ts';
import { checkedActor, refuseReason } from '../plain-text.ts';
import type { RequestWithTasks } from '../reports.ts';
import type { StorageAdapter } from '../storage-adapter.ts';
import { readEntriesAfter, readHead } from './audit-log.ts';
import {
  batchCompletions,
  completeCalls,
  finishCall,
  inDoubtCall,
  interruptOpenCalls,
  recordFurtherCall,
  startCalls,
} from './calls.ts';
import { refuseClockBehind } from './clock-behind.ts';
import { endWaits, readConnectorState, registerConnectors, saveConnectorState, setPaused } from './connectors.ts';
import { eraseSome, lookAtClock } from './erase-requests.ts';
import { addHold, readHolds, readHoldsOf, removeHold } from './holds.ts';
import { closeImport, importRequests, previewImport, readCutOffImports } from './import-requests.ts';
import { moveTasks } from './move-tasks.ts';
import { cancelUnsent, reopen, restore } from './operator-commands.ts';
import { readRequest, readRequestsAfter, requestsOfTarget } from './read-requests.ts';
import { dueBisectedBatch, dueTasks, giveUpReadsBefore, nextDue } from './read-tasks.ts';
import { readAside, settingAside } from './set-aside.ts';
import type { Store } from './store.ts';
import {
  cancelInSubmission,
  dueSubmissions,
  endSubmission,
  openSubmissions,
  openTasks,
  ownTasks,
  postponeCheck,
} from './submissions.ts';
import { readConnectorSummaries, readImportSummary, readSummary } from './summaries.ts';
import { verifyLedger } from './verify-ledger.ts';

/** The ledger's interface over a storage adapter. What each method does stands in the files beside this one. */
export function createLedger(storage: StorageAdapter): Ledger {
  const read: StorageAdapter['read'] = (work) => storage.read(work);
  const write: StorageAdapter['write'] = (work) => storage.write(work);
  // A person's command: all that it changes carries the name.
  const writeAs = async <Result>(
    actor: string | undefined,
    work: (store: Store) => Promise<Result>,
  ): Promise<Result> => {
    const name = checkedActor(actor);
    return storage.write((store) => store.audit.as(name, () => work(store)));
  };
  let made: LedgerSigner | undefined;
  const signer = () => {
    made ??= createSigner(storage.secret.digestSecret);
    return made;
  };
  const signing = () => ({ publicKey: signer().publicKey, signedFrom: storage.secret.signedFrom });
  return {
    digest: (text) => storage.store.cipher.digest(text),
    sign: (text) => ({ signature: signer().sign(text), publicKey: signer().publicKey }),
    signing,
    counts: (connector) => countStates(storage, connector),

    begin: (connectors, now) =>
      write(async (store) => {
        await refuseClockBehind(store, now);
        await registerConnectors(store, connectors, now);
        if (storage.isAlone) await interruptOpenCalls(store, now);
      }),
    previewImport: (requests, source, now) => read((store) => previewImport(store, requests, source, now)),
    importRequests: (requests, part, now) => writeAs(part.actor, (store) => importRequests(store, requests, part, now)),
    cutOffImports: () => read(readCutOffImports),
    closeImport: (importId, now, actor) => writeAs(actor, (store) => closeImport(store, importId, now)),

    dueTasks: (connector, state, options) =>
      settingAside(storage, () => read((store) => dueTasks(store, store.connectorId(connector), state, options))),
    dueBisectedBatch: (connector, now) => read((store) => dueBisectedBatch(store, store.connectorId(connector), now)),
    inDoubtCall: (_connector, call) => read((store) => inDoubtCall(store, call)),
    dueSubmissions: (connector, now, limit) =>
      read((store) => dueSubmissions(store, store.connectorId(connector), now, limit)),
    openTasks: (submission) => read((store) => openTasks(store, submission)),
    ownTasks: (submission, requestId) => read((store) => ownTasks(store, submission, requestId)),
    nextDue: (connector) => read((store) => nextDue(store, store.connectorId(connector))),

    startCalls: (connector, kind, calls, now) =>
      write((store) => startCalls(store, store.connectorId(connector), kind, calls, now)),
    recordFurtherCall: (connector, kind, now) =>
      write(async (store) => {
        await recordFurtherCall(store, store.connectorId(connector), kind, now);
        return true;
      }),
    completeCall: batchCompletions((take) =>
      storage.write((store) => {
        const { ends, now } = take();
        return completeCalls(store, ends, now);
      }, true),
    ),
    postponeCheck: (call, submission, options, now) =>
      write(async (store) => {
        if (await finishCall(store, call, options.result, now)) await postponeCheck(store, submission, options);
      }),
    endSubmission: (call, submission, end, now) =>
      write(async (store) => {
        if (await finishCall(store, call, end.result ?? 'answered', now))
          await endSubmission(store, submission, end, now);
      }),
    cancelInSubmission: (call, submission, tasks, now) =>
      write(async (store) => {
        // Also where the call was taken for cut off: the vendor did cancel.
        await finishCall(store, call, 'answered', now);
        return cancelInSubmission(store, submission, tasks, now);
      }),
    moveTasks: (steps, now) => write((store) => moveTasks(store, steps, now)),
    giveUpReadsBefore: (connector, why, now) =>
      write((store) => giveUpReadsBefore(store, store.connectorId(connector), why, now)),

    connectorState: (connector, since, monthStart) =>
      read((store) => readConnectorState(store, connector, since, monthStart, storage.isAlone)),
    saveConnectorState: (connector, connectorState) =>
      write((store) => saveConnectorState(store, connector, connectorState)),
    endWaits: (connector, now, actor) => writeAs(actor, (store) => endWaits(store, connector, now)),
    setPaused: (connector, paused, actor) => writeAs(actor, (store) => setPaused(store, connector, paused)),

    openSubmissions: (requestId) => read((store) => openSubmissions(store, requestId)),
    cancelUnsent: (requestId, now, actor) => writeAs(actor, (store) => cancelUnsent(store, requestId, now)),
    restore: (requestId, readFirstAt, now, actor) =>
      writeAs(actor, (store) => restore(store, requestId, readFirstAt, now)),
    reopen: (which, options, now, actor) => writeAs(actor, (store) => reopen(store, which, options, now)),
    addHold: async (person, reason, now, actor) => {
      refuseReason(reason);
      return writeAs(actor, (store) => addHold(store, person, reason, now));
    },
    removeHold: (identifier, now, actor) => writeAs(actor, (store) => removeHold(store, identifier, now)),
    holds: () => read(readHolds),
    holdsOf: (names, records) => read((store) => readHoldsOf(store, names, records)),

    requestsOfTarget: (connector, target) => read((store) => requestsOfTarget(store, connector, target)),
    lookAtClock: (now, apartMs) => write((store) => lookAtClock(store, now, apartMs)),
    async erase(settledBefore) {
      let requests = 0;
      for (;;) {
        const some = await write((store) => eraseSome(store, settledBefore));
        requests += some;
        if (some === 0) break;
      }
      return { requests, isErased: await storage.purge(requests > 0) };
    },
    auditEntries: () => streamEntries(storage),
    auditHead: () => read(readHead),

    setAside: (limit) => read((store) => readAside(store, limit)),
    verify: (anchor) => read((store) => verifyLedger(store, signing(), anchor)),

    importSummary: (importId) => read((store) => readImportSummary(store, importId)),
    connectorSummaries: () => read(readConnectorSummaries),
    summary: (now = storage.clock.now()) => read((store) => readSummary(store, now)),
    request: (requestId, options) => read((store) => readRequest(store, requestId, options?.identifiers === true)),
    requests: (options) => streamRequests(storage, options?.identifiers === true),
    close: () => storage.close(),
  };
}

function countStates({ store }: StorageAdapter, connector: string): Partial<Record<TaskState, number>> {
  const id = store.connectorId(connector);
  const states: Partial<Record<TaskState, number>> = {};
  for (const row of store.counts.rows()) {
    if (row.connector === id) states[row.state] = (states[row.state] ?? 0) + row.tasks;
  }
  return states;
}

// By the batch, so that a million rows never sit in memory.
async function* streamEntries(storage: StorageAdapter): AsyncGenerator<AuditEntry> {
  for (let last = 0; ; ) {
    const after = last;
    const entries = await storage.read((store) => readEntriesAfter(store, after));
    if (entries.length === 0) return;
    yield* entries;
    last = entries.at(-1)?.sequence ?? after;
  }
}

async function* streamRequests(storage: StorageAdapter, withIdentifiers: boolean): AsyncGenerator<RequestWithTasks> {
  for (let last = 0; ; ) {
    const after = last;
    const batch = await storage.read((store) => readRequestsAfter(store, after, withIdentifiers));
    if (batch.requests.length === 0) return;
    yield* batch.requests;
    last = batch.last;
  }
}
