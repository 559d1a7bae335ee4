import { describe, expect, it } from 'vitest';
import { accessReportSchema } from './access-report.ts';
import { assuranceSchema } from './assurance.ts';
import { cancelOutcomeSchema } from './cancel-outcome.ts';
import { checkOutcomeSchema } from './check-outcome.ts';
import { targetSchema } from './target.ts';
import { verifyOutcomeSchema } from './verify-outcome.ts';

const part = { name: 'Amplitude', state: 'failed', vendorStatus: 'FAILED' };

describe('a check outcome', () => {
  it.each<[object, boolean]>([
    [{ state: 'pending', vendorStatus: 'RUNNING', canCancel: true }, true],
    [{ state: 'deleted', vendorStatus: 'FINISHED', finishedAt: '2026-01-05T10:00:00Z', parts: [part] }, true],
    [{ state: 'partial', vendorStatus: 'FAILED', parts: [] }, true],
    [{ state: 'failed', vendorStatus: 'FAILED', canSubmitAgain: false }, true],
    [{ state: 'failed', vendorStatus: 'FAILED', canSubmitAgain: true, canBisect: true }, true],
    [{ state: 'cancelled', vendorStatus: 'REVOKED' }, true],
    [{ state: 'unknown', vendorStatus: 'undocumented-word', reason: 'Ours.' }, true],
    [{ state: 'unknown', vendorStatus: 'undocumented-word' }, false],
    [{ state: 'lost', vendorStatus: '404' }, true],
    [{ state: 'deleted' }, false],
    [{ state: 'partial', vendorStatus: 'FAILED' }, false],
    [{ state: 'partial', vendorStatus: 'FAILED', parts: [{ ...part, state: 'odd' }] }, false],
    [{ state: 'failed', vendorStatus: 'FAILED' }, false],
    [{ state: 'deleted', vendorStatus: 'Deleted Ada Lovelace' }, false],
    [{ state: 'deleted', vendorStatus: 'OK', finishedAt: 'today' }, false],
    [{ state: 'done', vendorStatus: 'OK' }, false],
    // What a vendor sends is stored and printed: it is bounded.
    [{ state: 'partial', vendorStatus: 'FAILED', parts: [{ ...part, name: 'A'.repeat(501) }] }, false],
    [{ state: 'partial', vendorStatus: 'FAILED', parts: Array.from({ length: 5001 }, () => part) }, false],
  ])('%j: %s', (outcome, isValid) => {
    expect(checkOutcomeSchema.safeParse(outcome).success).toBe(isValid);
  });
});

describe('the other answers of a connector', () => {
  it.each<[object, boolean]>([
    [{ type: 'present' }, true],
    [{ type: 'present', covers: 'identifier' }, true],
    [{ type: 'present', covers: 'person' }, false],
    [{ type: 'absent' }, true],
    [{ type: 'absent', covers: 'identifier' }, false],
    [{ type: 'unknown', reason: 'The list was cut off.' }, true],
    [{ type: 'unknown' }, false],
    [{ type: 'absent', reason: 'x' }, false],
    [{ type: 'gone' }, false],
  ])('read back %j: %s', (outcome, isValid) => {
    expect(verifyOutcomeSchema.safeParse(outcome).success).toBe(isValid);
  });

  it('called back: cancelled, too late, not ours, and nothing else', () => {
    const types = ['cancelled', 'too-late', 'not-ours', 'maybe'];
    expect(types.map((type) => cancelOutcomeSchema.safeParse({ type }).success)).toEqual([true, true, true, false]);
  });

  it('access: what is proven and what is not, both said', () => {
    expect(accessReportSchema.safeParse({ proven: ['A.'], unproven: [] }).success).toBe(true);
    expect(accessReportSchema.safeParse({ proven: ['A.'] }).success).toBe(false);
  });

  it('assurance: three grades', () => {
    expect(assuranceSchema.options).toEqual(['verified', 'confirmed', 'accepted']);
  });

  it('a target: type, value and plain details', () => {
    expect(targetSchema.safeParse({ type: 'email', value: 'x', details: { user_id: 'u' } }).success).toBe(true);
    expect(targetSchema.safeParse({ type: 'email', value: '' }).success).toBe(false);
    expect(targetSchema.safeParse({ type: 'email', value: 'x', details: { n: 1 } }).success).toBe(false);
  });
});
