export {
  type CertificateStatement,
  type CertificateVerdict,
  checkCertificate,
  makeCertificate,
} from './certificate.ts';
export { type Clock, systemClock } from './clock.ts';
export type { ConfiguredConnector, VerifyMode } from './configured-connector.ts';
export { createEngine } from './create-engine.ts';
export { type DeleteSubjectOptions, type DeletionOutcome, deleteSubject } from './delete-subject.ts';
export { defaultDueAt } from './due-date.ts';
export type {
  AcceptReport,
  CancelReport,
  ConnectorAccess,
  ConnectorPlan,
  ConnectorProgress,
  Engine,
  EngineEvent,
  EngineOptions,
  IncomingRequest,
  PlanReport,
  RetryPolicy,
  RunOptions,
  RunReport,
} from './engine.ts';
export { findRequests } from './find-requests.ts';
export { type DeadlineState, deadlineState, forecastMs } from './forecast.ts';
export type { LearnedState } from './learned-limit.ts';
export {
  type AuditEntry,
  type AuditHead,
  type AuditVerdict,
  checkChain,
  checkChainStream,
} from './ledger/audit-chain.ts';
export { parseKey } from './ledger/key-file.ts';
export type {
  AddResult,
  CallResult,
  Claim,
  ConnectorMemory,
  DueOptions,
  Hold,
  LearnedLimits,
  Ledger,
  LedgerConnector,
  LedgerTask,
  MemoryChange,
  OpenSubmission,
  PastCall,
  PlannedRequest,
  PlannedTask,
  RequestSubmission,
  SharedMemory,
  ShredReport,
  TaskChange,
  TaskStep,
} from './ledger/ledger.ts';
export { LedgerError, type LedgerErrorCode } from './ledger/ledger-error.ts';
export type {
  ConnectorSummary,
  LedgerSummary,
  RequestRow,
  RequestWithTasks,
  TaskRow,
} from './ledger/ledger-rows.ts';
export { isPlaceholder } from './placeholder.ts';
export { identifierMapping } from './plan-tasks.ts';
export { RequestError } from './request-error.ts';
export { requestFaults } from './request-faults.ts';
export { isTerminal, openStates, type TaskState, terminalStates } from './task-state.ts';
