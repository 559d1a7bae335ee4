import { OptionsError } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { hostByRegion, parseCleverTapOptions } from './clevertap-options.ts';

const account = { accountId: 'TEST-ACCOUNT', passcode: 'test-passcode' };

function issuesOf(options: unknown): readonly { path: readonly (string | number)[]; message: string }[] {
  try {
    parseCleverTapOptions(options);
  } catch (error) {
    if (OptionsError.isInstance(error)) return error.issues;
    throw error;
  }
  return [];
}

const keysOf = (options: unknown) => issuesOf(options).map((issue) => issue.path.join('.'));

describe('the options of connector-clevertap', () => {
  it.each([
    ['in', 'https://in1.api.clevertap.com'],
    ['sg', 'https://sg1.api.clevertap.com'],
    ['us', 'https://us1.api.clevertap.com'],
    ['id', 'https://aps3.api.clevertap.com'],
    ['uae', 'https://mec1.api.clevertap.com'],
    ['eu', 'https://api.clevertap.com'],
  ] as const)('send region %s to %s', (region, baseUrl) => {
    expect(parseCleverTapOptions({ ...account, region }).baseUrl).toBe(baseUrl);
  });

  it('know no region beyond the vendor’s table', () => {
    expect(Object.keys(hostByRegion)).toEqual(['in', 'sg', 'us', 'id', 'uae', 'eu']);
    expect(keysOf({ ...account, region: 'sk' })).toEqual(['region']);
  });

  it('take an explicit host, always by https', () => {
    expect(parseCleverTapOptions({ ...account, host: 'private.api.example.com' }).baseUrl).toBe(
      'https://private.api.example.com',
    );
  });

  it.each(['https://in1.api.clevertap.com', 'in1.api.clevertap.com/1', '', 'localhost', 'a b.example.com'])(
    'refuse %j as a host',
    (host) => {
      expect(keysOf({ ...account, host })).toEqual(['host']);
    },
  );

  it('take a base URL, and drop slashes at its end', () => {
    expect(parseCleverTapOptions({ ...account, baseUrl: 'http://127.0.0.1:4701//' }).baseUrl).toBe(
      'http://127.0.0.1:4701',
    );
    expect(parseCleverTapOptions({ ...account, baseUrl: 'https://proxy.example.com/clevertap/' }).baseUrl).toBe(
      'https://proxy.example.com/clevertap',
    );
  });

  it.each(['ftp://example.com', 'example.com', 'https://name:word@example.com', 'https://example.com?a=1', ''])(
    'refuse %j as a base URL',
    (baseUrl) => {
      expect(keysOf({ ...account, baseUrl })).toEqual(['baseUrl']);
    },
  );

  it('need exactly one of region, host and baseUrl, so that no region is guessed', () => {
    const message = expect.stringContaining('exactly one of region, host and baseUrl');
    expect(issuesOf(account)).toEqual([{ path: [], message }]);
    expect(issuesOf({ ...account, region: 'in', host: 'in1.api.clevertap.com' })).toEqual([{ path: [], message }]);
    expect(issuesOf({ ...account, region: 'in', baseUrl: 'http://127.0.0.1:1' })).toEqual([{ path: [], message }]);
  });

  it('name every wrong key at once', () => {
    const wrong = {
      regoin: 'in',
      accountId: '',
      readBackAfterMs: -1,
      timeoutMs: 0,
      limits: { maxTargets: 101, submitsInFlight: 4, readsInFlight: 0, perSecond: 1 },
    };
    expect(keysOf(wrong).toSorted()).toEqual(
      [
        '',
        'accountId',
        'limits.maxTargets',
        'limits.perSecond',
        'limits.readsInFlight',
        'limits.submitsInFlight',
        'passcode',
        'readBackAfterMs',
        'regoin',
        'timeoutMs',
      ].toSorted(),
    );
  });

  it('never repeat a secret in the message', () => {
    const passcode = 'secret-word-of-the-test\n';
    const accountId = 'secret account';
    const message = JSON.stringify(issuesOf({ accountId, passcode, region: 'secret-region' }));
    expect(message).toContain('line break');
    expect(message).not.toContain('secret');
  });

  it('have the documented limits as defaults, and take smaller ones', () => {
    expect(parseCleverTapOptions({ ...account, region: 'in' })).toMatchObject({
      limits: { maxTargets: 100, submitsInFlight: 1, readsInFlight: 1 },
      readBackAfterMs: 172_800_000,
      timeoutMs: 30_000,
    });
    const limits = { maxTargets: 10, submitsInFlight: 3, readsInFlight: 2 };
    expect(parseCleverTapOptions({ ...account, region: 'in', limits }).limits).toEqual(limits);
  });
});
