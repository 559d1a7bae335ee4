import { OptionsError, parseOptions } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { mixpanelOptionsSchema } from './mixpanel-options.ts';

const profile = { api: 'profile', region: 'eu', projectToken: 'test-token' };
const gdpr = { api: 'gdpr', region: 'us', projectToken: 'test-token', oauthToken: 'test-oauth' };
const reader = { serviceAccount: { username: 'test-reader', secret: 'test-secret' }, projectId: 42 };

function parse(options: unknown) {
  return parseOptions('connector-mixpanel', mixpanelOptionsSchema, options);
}

function wrongKeys(options: unknown): readonly string[] {
  return errorOf(options).issues.map(({ path }) => path.join('.'));
}

function errorOf(options: unknown): OptionsError {
  try {
    parse(options);
  } catch (error) {
    if (OptionsError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('The options were taken.');
}

describe('the options', () => {
  it('have defaults for what can be left out', () => {
    expect(parse(profile)).toEqual({ ...profile, ignoreAlias: false });
    expect(parse(gdpr)).toEqual({ ...gdpr, compliance: 'GDPR' });
  });

  it('may name everything', () => {
    const readBackLimits = { readBackTargets: 1000, readBackCallsPerHour: 60, readBackCallsInFlight: 5 };
    const account = { ...reader, workspaceId: 7, timeoutMs: 1000 };
    const fullProfile = {
      ...profile,
      ...account,
      ignoreAlias: true,
      limits: { maxTargets: 2000, callsInFlight: 2, ...readBackLimits },
      timing: { readBackAfterMs: 0 },
    };
    const fullGdpr = {
      ...gdpr,
      ...account,
      compliance: 'CCPA',
      groupKeys: 3,
      tokenExpiresAt: '2027-01-05T10:00:00Z',
      limits: { maxTargets: 1999, ...readBackLimits },
      timing: { firstCheckAfterMs: 0, checkEveryMs: 1, expectedWithinMs: 1, readBackAfterMs: 0 },
    };
    expect(parse(fullProfile)).toEqual(fullProfile);
    expect(parse(fullGdpr)).toEqual(fullGdpr);
  });

  it.each([
    ['no options at all', undefined, ['']],
    ['no api', { region: 'us', projectToken: 'test-token' }, ['api']],
    ['an unknown api', { ...profile, api: 'events' }, ['api']],
    ['a missing project token', { api: 'profile', region: 'us' }, ['projectToken']],
    ['a missing OAuth token', { api: 'gdpr', region: 'us', projectToken: 'test-token' }, ['oauthToken']],
    ['an OAuth token for the profile deletion', { ...profile, oauthToken: 'test-oauth' }, ['oauthToken']],
    ['ignoreAlias for the task', { ...gdpr, ignoreAlias: true }, ['ignoreAlias']],
    ['no region', { api: 'profile', projectToken: 'test-token' }, ['region']],
    ['a region that is none', { ...profile, region: 'uk' }, ['region']],
    ['a line break after a token', { ...gdpr, oauthToken: 'test-oauth\n' }, ['oauthToken']],
    ['a base URL with a query', { ...profile, baseUrl: 'https://proxy.example.com/?a=1' }, ['baseUrl']],
    ['a base URL with credentials', { ...profile, baseUrl: 'https://a:b@proxy.example.com' }, ['baseUrl']],
    ['a base URL that is no web address', { ...profile, baseUrl: 'ftp://example.com' }, ['baseUrl']],
    ['ignoreAlias as text', { ...profile, ignoreAlias: 'true' }, ['ignoreAlias']],
    ['2,001 records', { ...profile, limits: { maxTargets: 2001 } }, ['limits.maxTargets']],
    ['2,000 ids in a task', { ...gdpr, limits: { maxTargets: 2000 } }, ['limits.maxTargets']],
    ['1,001 ids in a read', { ...profile, limits: { readBackTargets: 1001 } }, ['limits.readBackTargets']],
    ['61 reads an hour', { ...gdpr, limits: { readBackCallsPerHour: 61 } }, ['limits.readBackCallsPerHour']],
    ['six reads at once', { ...gdpr, limits: { readBackCallsInFlight: 6 } }, ['limits.readBackCallsInFlight']],
    ['another law', { ...gdpr, compliance: 'LGPD' }, ['compliance']],
    ['a negative number of group keys', { ...gdpr, groupKeys: -1 }, ['groupKeys']],
    ['a day as expiry', { ...gdpr, tokenExpiresAt: 'next year' }, ['tokenExpiresAt']],
    ['an account without a project', { ...profile, serviceAccount: reader.serviceAccount }, ['projectId']],
    ['a project without an account', { ...profile, projectId: 42 }, ['serviceAccount']],
    ['a workspace without an account', { ...profile, workspaceId: 7 }, ['serviceAccount']],
    [
      'a colon in the user name',
      { ...profile, ...reader, serviceAccount: { username: 'a:b', secret: 'c' } },
      ['serviceAccount.username'],
    ],
    ['a typo in a nested key', { ...gdpr, timing: { chekEveryMs: 1 } }, ['timing.chekEveryMs']],
  ])('name the key: %s', (_case, options, keys) => {
    expect(wrongKeys(options)).toEqual(keys);
  });

  it('name all wrong keys at once', () => {
    const options = { api: 'gdpr', projectTokn: 'test-token', oauthToken: 5, projectId: 42, limits: { maxTargets: 0 } };
    expect([...wrongKeys(options)].sort()).toEqual(
      ['limits.maxTargets', 'oauthToken', 'projectToken', 'projectTokn', 'region', 'serviceAccount'].sort(),
    );
  });

  it('never repeat a secret in the message', () => {
    const message = errorOf({
      ...gdpr,
      projectToken: 'very secret one',
      oauthToken: 'very secret two',
      serviceAccount: { username: 'very secret three', secret: 'very secret four' },
      baseUrl: 'https://very-secret-five@example.com',
    }).message;
    expect(message).not.toMatch(/secret (one|two|three|four)|secret-five/);
    expect(message).toContain('oauthToken: must be visible ASCII');
  });
});
