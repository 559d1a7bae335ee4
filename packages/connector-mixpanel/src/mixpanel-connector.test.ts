import { connectorIssues, OptionsError } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import createDefault, {
  createMixpanelConnector,
  type MixpanelGdprOptions,
  type MixpanelProfileOptions,
} from './index.ts';

const profile: MixpanelProfileOptions = { api: 'profile', region: 'us', projectToken: 'test-token' };
const gdpr: MixpanelGdprOptions = { api: 'gdpr', region: 'us', projectToken: 'test-token', oauthToken: 'test-oauth' };
const reader = { serviceAccount: { username: 'test-reader', secret: 'test-secret' }, projectId: 42 };

describe('createMixpanelConnector', () => {
  it('is the default export too', () => {
    expect(createDefault).toBe(createMixpanelConnector);
  });

  it.each([
    ['profile', profile],
    ['profile with read-back', { ...profile, ...reader }],
    ['gdpr', gdpr],
    ['gdpr with read-back', { ...gdpr, ...reader }],
  ])('makes a connector by the contract: %s', (_case, options) => {
    const connector = createMixpanelConnector(options);
    expect(connectorIssues(connector)).toEqual([]);
    expect(connector).toMatchObject({ specVersion: 'v1', vendor: 'mixpanel', operation: options.api });
  });

  it('refuses wrong options', () => {
    // @ts-expect-error The region is misspelt on purpose.
    expect(() => createMixpanelConnector({ ...profile, regoin: 'eu' })).toThrow(OptionsError);
  });

  it('reads back only with a service account', () => {
    for (const options of [profile, gdpr]) {
      const { verify, capabilities } = createMixpanelConnector(options);
      expect([verify, capabilities.readBack, capabilities.limits.verify]).toEqual([undefined, undefined, undefined]);
      expect(capabilities.limits.rates.flatMap(({ kinds }) => kinds)).not.toContain('verify');
      expect(createMixpanelConnector({ ...options, ...reader }).verify).toBeTypeOf('function');
    }
  });
});

describe('targetsOf', () => {
  it('takes distinct ids, each once, in order, and nothing else', () => {
    const values = fc.array(
      fc.tuple(fc.constantFrom('distinct_id', 'email', 'user_id'), fc.constantFrom('ada', 'grace', 'mary')),
    );
    fc.assert(
      fc.property(values, (pairs) => {
        const identifiers = pairs.map(([type, value]) => ({ type, value }));
        const expected = [...new Set(pairs.filter(([type]) => type === 'distinct_id').map(([, value]) => value))];
        for (const options of [profile, gdpr]) {
          const targets = createMixpanelConnector(options).targetsOf({ identifiers });
          expect(targets).toEqual(expected.map((value) => ({ type: 'distinct_id', value })));
        }
      }),
    );
  });
});

describe('the capabilities of the profile deletion', () => {
  it('promise a profile, and no moment', () => {
    expect(createMixpanelConnector(profile).capabilities).toMatchObject({
      reach: 'profile',
      completion: { type: 'unknowable' },
      repeat: 'harmless',
      identifiers: [{ type: 'distinct_id', from: ['user_id'] }],
    });
    expect(createMixpanelConnector(profile).capabilities.leaves.join(' ')).toContain('All events of the person stay');
  });

  it('have the documented limits', () => {
    expect(createMixpanelConnector({ ...profile, ...reader }).capabilities).toMatchObject({
      readBack: { covers: 'profile', identifiers: ['distinct_id'], afterMs: 86_400_000 },
      limits: {
        submit: { maxTargets: 2000 },
        verify: { maxTargets: 1000 },
        rates: [
          { kinds: ['submit'], calls: 900, perMs: 60_000 },
          { kinds: ['verify'], calls: 60, perMs: 3_600_000 },
        ],
        inFlight: [
          { kinds: ['submit'], calls: 4 },
          { kinds: ['verify'], calls: 5 },
        ],
      },
    });
  });

  it('follow the overrides', () => {
    const limits = {
      maxTargets: 100,
      callsInFlight: 1,
      readBackTargets: 10,
      readBackCallsPerHour: 6,
      readBackCallsInFlight: 1,
    };
    const timing = { readBackAfterMs: 1000 };
    expect(createMixpanelConnector({ ...profile, ...reader, limits, timing }).capabilities).toMatchObject({
      readBack: { covers: 'profile', identifiers: ['distinct_id'], afterMs: 1000 },
      limits: {
        submit: { maxTargets: 100 },
        verify: { maxTargets: 10 },
        rates: [
          { kinds: ['submit'], calls: 18_000, perMs: 60_000 },
          { kinds: ['verify'], calls: 6, perMs: 3_600_000 },
        ],
        inFlight: [
          { kinds: ['submit'], calls: 1 },
          { kinds: ['verify'], calls: 1 },
        ],
      },
    });
  });

  it('say what an alias means', () => {
    const leavesOf = (ignoreAlias: boolean) => createMixpanelConnector({ ...profile, ignoreAlias }).capabilities.leaves;
    expect(leavesOf(true).join(' ')).toContain('the original profile stays');
    expect(leavesOf(false).join(' ')).not.toContain('the original profile stays');
  });
});

describe('the capabilities of the task', () => {
  it('promise a person, and to say when', () => {
    expect(createMixpanelConnector(gdpr).capabilities).toMatchObject({
      title: 'Mixpanel GDPR data deletion task',
      reach: 'person',
      completion: {
        type: 'polled',
        firstCheckAfterMs: 300_000,
        checkEveryMs: 21_600_000,
        expectedWithinMs: 2_592_000_000,
      },
      repeat: 'harmless',
    });
  });

  it.each([
    [undefined, 500],
    [0, 1999],
    [1, 1000],
    [2, 666],
    [3, 500],
    [4, 400],
    [1999, 1],
  ])('with %s group keys a task takes %i targets', (groupKeys, maxTargets) => {
    const options = groupKeys === undefined ? gdpr : { ...gdpr, groupKeys };
    expect(createMixpanelConnector(options).capabilities.limits.submit).toEqual({ maxTargets });
  });

  it('let the batch size be set outright', () => {
    const connector = createMixpanelConnector({ ...gdpr, groupKeys: 3, limits: { maxTargets: 1999 } });
    expect(connector.capabilities.limits.submit).toEqual({ maxTargets: 1999 });
  });

  it('share one call a second, one at a time, among all calls of the deletion API', () => {
    const kinds = ['submit', 'check', 'cancel', 'access'];
    expect(createMixpanelConnector({ ...gdpr, ...reader }).capabilities.limits).toMatchObject({
      verify: { maxTargets: 1000 },
      rates: [
        { kinds, calls: 1, perMs: 1000 },
        { kinds: ['verify'], calls: 60, perMs: 3_600_000 },
      ],
      inFlight: [
        { kinds, calls: 1 },
        { kinds: ['verify'], calls: 5 },
      ],
    });
  });

  it('pass on when the token runs out, only where it is known', () => {
    const tokenExpiresAt = '2027-01-05T10:00:00Z';
    expect(createMixpanelConnector({ ...gdpr, tokenExpiresAt }).capabilities.credentialsExpireAt).toBe(tokenExpiresAt);
    expect(createMixpanelConnector(gdpr).capabilities).not.toHaveProperty('credentialsExpireAt');
  });

  it('follow the overrides', () => {
    const timing = { firstCheckAfterMs: 1, checkEveryMs: 2, expectedWithinMs: 3, readBackAfterMs: 4 };
    expect(createMixpanelConnector({ ...gdpr, ...reader, compliance: 'CCPA', timing }).capabilities).toMatchObject({
      title: 'Mixpanel CCPA data deletion task',
      completion: { firstCheckAfterMs: 1, checkEveryMs: 2, expectedWithinMs: 3 },
      readBack: { covers: 'profile', identifiers: ['distinct_id'], afterMs: 4 },
    });
  });

  it('say that a read-back does not see events', () => {
    expect(createMixpanelConnector({ ...gdpr, ...reader }).capabilities.leaves.join(' ')).toContain('the profile only');
  });
});
