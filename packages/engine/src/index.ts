export { type Clock, systemClock } from './clock.ts';
export { parseKey } from './crypto/key-file.ts';
export { type ConfiguredConnector, defaultLimitShare, type VerifyMode } from './engine/configured-connector.ts';
export { createEngine } from './engine/create-engine.ts';
export { type DeadlineState, deadlineState, defaultDueAt, forecastMs } from './engine/deadline.ts';
export { type DeleteSubjectOptions, type DeletionOutcome, deleteSubject } from './engine/delete-subject.ts';
export type {
  AcceptOptions,
  AcceptReport,
  CancelReport,
  CommandOptions,
  ConnectorAccess,
  ConnectorPlan,
  ConnectorProgress,
  Engine,
  EngineEvent,
  EngineOptions,
  IncomingRequest,
  PlanReport,
  RequestConflict,
  RestoreReport,
  RetryPolicy,
  RunOptions,
  RunReport,
} from './engine/engine.ts';
export { heldPerson, holdsOf } from './engine/hold-person.ts';
export { EngineError, type EngineErrorCode } from './engine/one-run-at-a-time.ts';
export { findRequests, identifierMapping } from './engine/plan-tasks.ts';
export {
  type AllowedValue,
  allowedValues,
  isPlaceholder,
  type SuspiciousValue,
  type ValueFault,
  valueFault,
  valueFaultWords,
  type WrongValue,
} from './engine/suspicious-values.ts';
export { RequestError, requestIssues } from './engine/validate-request.ts';
export type {
  AdaptiveLimits,
  AddResult,
  CallResult,
  Claim,
  ConnectorState,
  ConnectorStateChange,
  CutOffImport,
  DueOptions,
  ErasureReport,
  HeldPerson,
  HeldRecord,
  Hold,
  HoldReport,
  ImportPart,
  LearnedIntervals,
  Ledger,
  LedgerConnector,
  LedgerTask,
  OpenSubmission,
  PastCall,
  PlannedRequest,
  PlannedTask,
  RequestSubmission,
  SharedConnectorState,
  SubjectDifference,
  TaskChange,
  TaskStep,
} from './ledger/ledger.ts';
export { LedgerError, type LedgerErrorCode } from './ledger/ledger-error.ts';
export { engineActor, textIssue } from './ledger/plain-text.ts';
export type {
  ConnectorSummary,
  ImportSummary,
  LedgerSummary,
  RequestCounts,
  RequestRow,
  RequestWithTasks,
  TaskRow,
} from './ledger/reports.ts';
export type { DifferenceKind } from './ledger/store/compare-with-log.ts';
export type { LedgerVerification } from './ledger/store/verify-ledger.ts';
export type { AdaptiveState } from './limits/adaptive-limit.ts';
export type { IntervalState } from './limits/learned-interval.ts';
export {
  type AuditEntry,
  type AuditHead,
  type AuditResult,
  checkChain,
  checkChainStream,
  checkSignedLog,
  type SignedLogOptions,
  type SignedLogResult,
} from './proof/audit-chain.ts';
export {
  type CertificateResult,
  type CertificateStatement,
  checkCertificate,
  checkCertificateStatement,
  makeCertificate,
} from './proof/certificate.ts';
export { checkExportedLog, type ExportedLogResult, exportFormat, exportLog } from './proof/exported-log.ts';
export type { RequestResult } from './tasks/request-result.ts';
export {
  type Effect,
  isTerminal,
  openStates,
  type ReadBefore,
  type StateFacts,
  type TaskState,
  type TimedState,
  taskStates,
  terminalStates,
} from './tasks/task-state.ts';
export { type TaskEventName, transitions } from './tasks/transitions.ts';
