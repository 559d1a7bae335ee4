export { type ConformanceCheck, ConformanceError } from './conformance-check.ts';
export { conformanceChecks } from './conformance-checks.ts';
export type {
  Asked,
  ConformanceHarness,
  ConformanceSetup,
  DocumentedAnswer,
  DocumentedMeaning,
  OddIdentifier,
} from './conformance-harness.ts';
export { describeConnector } from './describe-connector.ts';
export { describeUnfinished } from './describe-unfinished.ts';
export { findUnfinished, type UnfinishedPlace } from './find-unfinished.ts';
export { type IdentifierForm, identifierForms } from './identifier-forms.ts';
export { oddIdentifiers } from './odd-identifiers.ts';
