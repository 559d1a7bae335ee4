export type { SuppressionReading } from './read-suppressions.ts';
export type { SegmentCollaborators } from './segment-call.ts';
export { createSegmentConnector, createSegmentConnector as default } from './segment-connector.ts';
export type { SegmentIdentifierOptions, SegmentOptions, SegmentRegulationOptions } from './segment-options.ts';
export type { SegmentRegulationConnector } from './segment-regulation-connector.ts';
