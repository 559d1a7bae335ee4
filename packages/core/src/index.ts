export { type AccessReport, accessReportSchema } from './access-report.ts';
export { type Assurance, assuranceSchema } from './assurance.ts';
export { baseUrlSchema } from './base-url.ts';
export { type CancelOutcome, cancelOutcomeSchema } from './cancel-outcome.ts';
export {
  type Completion,
  type ConnectorCapabilities,
  completionSchema,
  connectorCapabilitiesSchema,
  type ElapsedCompletion,
  type ImmediateCompletion,
  type PolledCompletion,
  type ReadBack,
  readBackSchema,
  type UnknowableCompletion,
  type VendorIdentifier,
  vendorIdentifierSchema,
} from './capabilities.ts';
export {
  type CheckCancelled,
  type CheckDeleted,
  type CheckFailed,
  type CheckLost,
  type CheckOutcome,
  type CheckPart,
  type CheckPartial,
  type CheckPending,
  type CheckUnknown,
  checkOutcomeSchema,
} from './check-outcome.ts';
export {
  ConnectorError,
  type ConnectorErrorCode,
  type ConnectorErrorOptions,
  connectorErrorCodes,
} from './connector-error.ts';
export { connectorIssues, isDeletionConnector } from './connector-issues.ts';
export type { CallOptions, ConnectorFactory, DeletionConnector } from './deletion-connector.ts';
export { type DeletionRequest, deletionRequestSchema, type Law, lawSchema } from './deletion-request.ts';
export { type ForTargets, outcomesFor } from './for-targets.ts';
export { type Identifier, identifierSchema } from './identifier.ts';
export {
  type BatchLimit,
  batchLimitSchema,
  type CallKind,
  type ConnectorLimits,
  callKindSchema,
  connectorLimitsSchema,
  type InFlightLimit,
  inFlightLimitSchema,
  type RateLimit,
  rateLimitSchema,
} from './limits.ts';
export { notCalled } from './not-called.ts';
export { OptionsError, type OptionsIssue, parseOptions } from './options-error.ts';
export { readCoversReach } from './read-covers-reach.ts';
export { type Receipt, receiptSchema } from './receipt.ts';
export { type Subject, subjectSchema } from './subject.ts';
export {
  type SubmitAbsent,
  type SubmitAccepted,
  type SubmitDeferred,
  type SubmitDeleted,
  type SubmitOutcome,
  type SubmitRejected,
  submitOutcomeSchema,
  vendorWordSchema,
} from './submit-outcome.ts';
export { type Target, targetSchema } from './target.ts';
export {
  type VerifyAbsent,
  type VerifyOutcome,
  type VerifyPresent,
  type VerifyUnknown,
  verifyOutcomeSchema,
} from './verify-outcome.ts';
