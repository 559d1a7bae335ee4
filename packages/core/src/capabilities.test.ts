import { describe, expect, it } from 'vitest';
import { completionSchema, connectorCapabilitiesSchema } from './capabilities.ts';
import { connectorLimitsSchema } from './limits.ts';

const limits = { submit: { maxTargets: 100 }, rates: [], inFlight: [] };
const capabilities = {
  title: 'Acme deletion',
  reach: 'person',
  erases: [],
  leaves: [],
  identifiers: [{ type: 'user_id', from: [] }],
  completion: { type: 'unknowable' },
  repeat: 'costly',
  limits,
};

describe('capabilities', () => {
  it('are plain data: they survive JSON', () => {
    expect(connectorCapabilitiesSchema.parse(JSON.parse(JSON.stringify(capabilities)))).toEqual(capabilities);
  });

  it.each<[string, object]>([
    ['a reach that does not exist', { reach: 'everything' }],
    ['an empty sentence', { erases: [''] }],
    ['no title', { title: '' }],
    ['a repeat that does not exist', { repeat: 'maybe' }],
    ['an expiry that is no time', { credentialsExpireAt: 'next year' }],
    ['a delay before the past', { readBack: { covers: 'person', identifiers: ['user_id'], afterMs: -1 } }],
    ['a read of what does not exist', { readBack: { covers: 'everything', identifiers: ['user_id'], afterMs: 0 } }],
    ['a read by nothing', { readBack: { covers: 'person', identifiers: [], afterMs: 0 } }],
    ['a cancellation of nothing', { cancels: 'nothing' }],
  ])('refuse %s', (_name, change) => {
    expect(connectorCapabilitiesSchema.safeParse({ ...capabilities, ...change }).success).toBe(false);
  });
});

describe('completion', () => {
  it.each([
    [{ type: 'immediate' }, true],
    [{ type: 'unknowable' }, true],
    [{ type: 'elapsed', afterMs: 1 }, true],
    [{ type: 'elapsed' }, false],
    [{ type: 'elapsed', afterMs: 0 }, false],
    [{ type: 'polled', firstCheckAfterMs: 0, checkEveryMs: 1, expectedWithinMs: 1 }, true],
    [{ type: 'polled', firstCheckAfterMs: 0, checkEveryMs: 0, expectedWithinMs: 1 }, false],
    [{ type: 'immediate', afterMs: 1 }, false],
    [{ type: 'soon' }, false],
  ])('%j: %s', (completion, isValid) => {
    expect(completionSchema.safeParse(completion).success).toBe(isValid);
  });
});

describe('limits', () => {
  it.each<[string, object, boolean]>([
    ['in calls per time', { rates: [{ kinds: ['submit', 'check'], calls: 1, perMs: 1_000 }] }, true],
    ['of no kind of call', { rates: [{ kinds: [], calls: 1, perMs: 1_000 }] }, false],
    ['of a kind that does not exist', { inFlight: [{ kinds: ['delete'], calls: 1 }] }, false],
    ['of no calls', { inFlight: [{ kinds: ['submit'], calls: 0 }] }, false],
    ['in bytes', { submit: { maxTargets: 1, maxBytes: 10, bytesPerCall: 0, bytesPerTarget: 0 } }, true],
    ['in half targets', { submit: { maxTargets: 1.5 } }, false],
    ['of nobody a month', { targetsPerMonth: 0 }, false],
  ])('%s', (_name, change, isValid) => {
    expect(connectorLimitsSchema.safeParse({ ...limits, ...change }).success).toBe(isValid);
  });
});
