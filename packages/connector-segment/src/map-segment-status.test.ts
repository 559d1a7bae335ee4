import { type CheckOutcome, checkOutcomeSchema } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapSegmentStatus } from './map-segment-status.ts';
import type { RegulationType } from './segment-options.ts';

const words = ['INITIALIZED', 'RUNNING', 'FINISHED', 'PARTIAL_SUCCESS', 'FAILED', 'NOT_SUPPORTED', 'INVALID'];

function regulationOf(overallStatus: string, partStatuses: readonly string[] = []) {
  return {
    id: 'reg_1',
    overallStatus,
    finishedAt: overallStatus === 'FINISHED' ? '2026-01-06T10:00:00.000Z' : undefined,
    streamStatus: [
      {
        id: 'src_5',
        destinationStatus: partStatuses.map((status, index) => ({ name: `Tool ${index}`, id: `dst_${index}`, status })),
      },
    ],
  };
}

function stateOf(word: string, parts: readonly string[] = [], type: RegulationType = 'DELETE_ONLY'): string {
  return mapSegmentStatus(regulationOf(word, parts), type).state;
}

describe('how a regulation stands', () => {
  it.each<[string, RegulationType, string[], CheckOutcome['state']]>([
    ['INITIALIZED', 'DELETE_ONLY', [], 'pending'],
    ['RUNNING', 'DELETE_ONLY', ['FINISHED'], 'pending'],
    ['FINISHED', 'DELETE_ONLY', [], 'deleted'],
    ['FINISHED', 'DELETE_ONLY', ['FINISHED', 'FINISHED'], 'deleted'],
    ['FINISHED', 'DELETE_ONLY', ['FINISHED', 'FAILED'], 'partial'],
    ['FINISHED', 'DELETE_ONLY', ['NOT_SUPPORTED'], 'partial'],
    ['FINISHED', 'DELETE_ONLY', ['RUNNING'], 'pending'],
    ['PARTIAL_SUCCESS', 'DELETE_ONLY', [], 'partial'],
    ['PARTIAL_SUCCESS', 'DELETE_INTERNAL', [], 'partial'],
    ['FAILED', 'DELETE_ONLY', ['FINISHED', 'NOT_SUPPORTED'], 'partial'],
    ['FAILED', 'SUPPRESS_WITH_DELETE', [], 'partial'],
    ['FAILED', 'DELETE_ONLY', ['NOT_SUPPORTED', 'RUNNING'], 'pending'],
    ['FAILED', 'DELETE_INTERNAL', ['FAILED'], 'partial'],
    ['FAILED', 'DELETE_INTERNAL', [], 'failed'],
    ['FAILED', 'SUPPRESS_WITH_DELETE_INTERNAL', [], 'failed'],
    ['FAILED', 'SUPPRESS_ONLY', [], 'failed'],
    ['NOT_SUPPORTED', 'DELETE_ONLY', [], 'failed'],
    ['NOT_SUPPORTED', 'DELETE_ONLY', ['NOT_SUPPORTED', 'FINISHED'], 'partial'],
    ['INVALID', 'DELETE_ONLY', [], 'failed'],
    ['INVALID', 'DELETE_ONLY', ['FINISHED'], 'failed'],
  ])('%s of %s with %j is %s', (word, type, parts, state) => {
    expect(stateOf(word, parts, type)).toBe(state);
  });

  it('tells each destination by its name, source and state, and the time of the end', () => {
    const outcome = mapSegmentStatus(
      regulationOf('FAILED', ['FINISHED', 'NOT_SUPPORTED', 'PARTIAL_SUCCESS']),
      'DELETE_ONLY',
    );
    expect(outcome).toEqual({
      state: 'partial',
      vendorStatus: 'FAILED',
      parts: [
        { name: 'Tool 0 (source src_5)', state: 'deleted', vendorStatus: 'FINISHED' },
        { name: 'Tool 1 (source src_5)', state: 'not-supported', vendorStatus: 'NOT_SUPPORTED' },
        { name: 'Tool 2 (source src_5)', state: 'unknown', vendorStatus: 'PARTIAL_SUCCESS' },
      ],
    });
    expect(mapSegmentStatus(regulationOf('FINISHED'), 'DELETE_ONLY')).toMatchObject({
      finishedAt: '2026-01-06T10:00:00.000Z',
    });
  });

  it('does not invent a time of the end', () => {
    const outcome = mapSegmentStatus({ ...regulationOf('FINISHED'), finishedAt: '' }, 'DELETE_ONLY');
    expect(outcome).not.toHaveProperty('finishedAt');
  });

  it('only says that a new regulation may help where Segment failed for no reason of its own rules', () => {
    const canSubmitAgain = (word: string) => {
      const outcome = mapSegmentStatus(regulationOf(word), 'DELETE_INTERNAL');
      return outcome.state === 'failed' && outcome.canSubmitAgain;
    };
    expect([canSubmitAgain('FAILED'), canSubmitAgain('NOT_SUPPORTED'), canSubmitAgain('INVALID')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('takes any other word for an answer that it does not understand, in the whole and in a part', () => {
    fc.assert(
      fc.property(
        fc.string().filter((word) => !words.includes(word)),
        (word) => {
          for (const regulation of [regulationOf(word), regulationOf('RUNNING', [word])]) {
            // The word is not repeated.
            expect(mapSegmentStatus(regulation, 'DELETE_ONLY')).toEqual({
              state: 'unknown',
              vendorStatus: 'undocumented-word',
              reason: expect.stringMatching(/^Segment gives (the|a destination of the) regulation a status/),
            });
          }
        },
      ),
    );
  });

  it('says deleted only where every word says so, and always speaks the contract', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...words),
        fc.array(fc.constantFrom(...words)),
        fc.constantFrom<RegulationType>('DELETE_ONLY', 'DELETE_INTERNAL', 'SUPPRESS_ONLY'),
        (word, parts, type) => {
          const outcome = mapSegmentStatus(regulationOf(word, parts), type);
          expect(checkOutcomeSchema.safeParse(outcome).success).toBe(true);
          expect(outcome.state === 'deleted').toBe([word, ...parts].every((each) => each === 'FINISHED'));
          if (word === 'FAILED' && parts.length > 0) expect(outcome.state).not.toBe('failed');
        },
      ),
    );
  });
});
