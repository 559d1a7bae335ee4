import type { ConnectorCapabilities } from './capabilities.ts';
import type { VerifyPresent } from './verify-outcome.ts';

// From the least to the most. A read that covers more also covers less.
const extents: readonly string[] = ['identifier', 'profile', 'person'];

/**
 * Whether our own read proves this deletion: a record that was seen before and is absent afterwards is `verified` only
 * then. Otherwise the vendor's word keeps its grade, and the report shows beside it what was read. A profile that another
 * hand removed says nothing about the events that the vendor claims to have erased.
 *
 * @param targetType - The type of the target that was read.
 * @param before - What the read before the deletion said. It may narrow what the absence shows.
 */
export function readCoversReach(
  { reach, readBack }: Pick<ConnectorCapabilities, 'reach' | 'readBack'>,
  targetType: string,
  before: VerifyPresent = { type: 'present' },
): boolean {
  if (readBack === undefined || reach === 'nothing') return false;
  if (!readBack.identifiers.includes(targetType)) return false;
  const covered = extents.indexOf(before.covers ?? readBack.covers);
  return Math.min(covered, extents.indexOf(readBack.covers)) >= extents.indexOf(reach);
}
