import { describe, expect, it } from 'vitest';
import type { ConnectorCapabilities, ReadBack } from './capabilities.ts';
import { readCoversReach } from './read-covers-reach.ts';

type Reach = ConnectorCapabilities['reach'];
const readOf = (covers: ReadBack['covers']): ReadBack => ({ covers, identifiers: ['user_id'], afterMs: 0 });

describe('whether a read covers what a deletion reaches', () => {
  it.each<[Reach, ReadBack['covers'], boolean]>([
    ['person', 'person', true],
    // The events of a person are not seen by a read of profiles: another hand may have removed the profile alone.
    ['person', 'profile', false],
    ['person', 'identifier', false],
    ['profile', 'person', true],
    ['profile', 'profile', true],
    ['profile', 'identifier', false],
    ['identifier', 'identifier', true],
    ['identifier', 'profile', true],
    ['identifier', 'person', true],
    ['nothing', 'person', false],
    ['nothing', 'identifier', false],
  ])('a deletion of %s, a read of %s: %s', (reach, covers, isCovered) => {
    expect(readCoversReach({ reach, readBack: readOf(covers) }, 'user_id')).toBe(isCovered);
  });

  it('not where there is no read, or it is by another type', () => {
    expect(readCoversReach({ reach: 'profile' }, 'user_id')).toBe(false);
    expect(readCoversReach({ reach: 'profile', readBack: readOf('profile') }, 'email')).toBe(false);
  });

  it('not where the read before the deletion saw more of the person than it was asked by', () => {
    const capabilities = { reach: 'person', readBack: readOf('person') } as const;
    expect(readCoversReach(capabilities, 'user_id', { type: 'present' })).toBe(true);
    expect(readCoversReach(capabilities, 'user_id', { type: 'present', covers: 'profile' })).toBe(false);
    expect(readCoversReach(capabilities, 'user_id', { type: 'present', covers: 'identifier' })).toBe(false);
  });

  it('a single read can narrow what is covered, and never widen it', () => {
    const capabilities = { reach: 'profile', readBack: readOf('identifier') } as const;
    expect(readCoversReach(capabilities, 'user_id', { type: 'present', covers: 'profile' })).toBe(false);
  });
});
