export { type ConformanceCheck, ConformanceError } from './conformance-check.ts';
export { conformanceChecks } from './conformance-checks.ts';
export type { ConformanceHarness, ConformanceSetup, OddIdentifier } from './conformance-harness.ts';
export { describeConnector } from './describe-connector.ts';
export { oddIdentifiers } from './odd-identifiers.ts';
