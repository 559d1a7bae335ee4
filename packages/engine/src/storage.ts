// What a storage adapter for the ledger needs: `@expunge/postgres` is made of it. Apps do not need it.
export { createCipher } from './crypto/cipher.ts';
export { type LedgerSecret, makeKey, unwrapLedgerSecret, wrapLedgerSecret } from './crypto/ledger-key.ts';
export { parseRanges } from './ledger/number-ranges.ts';
export { checkedActor } from './ledger/plain-text.ts';
export type { StoredCall, StoredConnector, StoredTask } from './ledger/rows.ts';
export { registerStorage, type StorageAdapter, storageOf } from './ledger/storage-adapter.ts';
export {
  batchCompletions,
  completeCalls,
  finishCall,
  interruptCall,
  recordFurtherCall,
  startCalls,
} from './ledger/store/calls.ts';
export { acceptClock, type ClockCorrection } from './ledger/store/clock-behind.ts';
export {
  longestIntervalMs,
  parseByKind,
  parseIntervals,
  saveConnectorState,
  usedVolume,
} from './ledger/store/connectors.ts';
export { createLedger } from './ledger/store/create-ledger.ts';
export { andNotOnHold, taskIsOnHold } from './ledger/store/guards.ts';
export { moveTasks } from './ledger/store/move-tasks.ts';
export { nextDue, readTasks } from './ledger/store/read-tasks.ts';
export { reencrypt, upgradeLedger } from './ledger/store/reencrypt.ts';
export { settingAside } from './ledger/store/set-aside.ts';
export { amongNumbers, type Sql, type SqlValue } from './ledger/store/sql.ts';
export { Store } from './ledger/store/store.ts';
export { endSubmission, postponeCheck, readSubmissions } from './ledger/store/submissions.ts';
export { AccountLimits } from './limits/account-limits.ts';
export { monthOf, type PeerState, RateLimiter } from './limits/rate-limiter.ts';
export { inSql, type TimedState, timedStates } from './tasks/task-state.ts';
export { withheldCall } from './tasks/transition.ts';
