import { type DeletionConnector, parseOptions } from '@expunge/core';
import type { SegmentCollaborators } from './segment-call.ts';
import { createSegmentIdentifierConnector } from './segment-identifier-connector.ts';
import {
  type SegmentIdentifierOptions,
  type SegmentOptions,
  type SegmentRegulationOptions,
  segmentOptionsSchema,
} from './segment-options.ts';
import { createSegmentRegulationConnector, type SegmentRegulationConnector } from './segment-regulation-connector.ts';

/**
 * Makes a connector for one Segment account. `api: 'regulation'` asks the Public API to delete or suppress people;
 * `api: 'identifier'` detaches single identifiers from Unify profiles and erases nobody.
 *
 * @throws OptionsError naming every option that is wrong.
 */
export function createSegmentConnector(
  options: SegmentRegulationOptions,
  collaborators?: SegmentCollaborators,
): SegmentRegulationConnector;
export function createSegmentConnector(
  options: SegmentIdentifierOptions,
  collaborators?: SegmentCollaborators,
): DeletionConnector;
export function createSegmentConnector(
  options: SegmentOptions,
  collaborators?: SegmentCollaborators,
): DeletionConnector;
export function createSegmentConnector(
  options: SegmentOptions,
  collaborators: SegmentCollaborators = {},
): DeletionConnector {
  const settings = parseOptions('connector-segment', segmentOptionsSchema, options);
  return settings.api === 'regulation'
    ? createSegmentRegulationConnector(settings, collaborators)
    : createSegmentIdentifierConnector(settings, collaborators);
}
