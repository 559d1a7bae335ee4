import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mixpanelHosts } from './mixpanel-hosts.ts';
import type { ProfileSettings } from './mixpanel-options.ts';
import { buildProfileDeletion } from './mixpanel-profile-api.ts';

const options: ProfileSettings = { api: 'profile', region: 'us', projectToken: 'test-token', ignoreAlias: false };

function target(value: string) {
  return { type: 'distinct_id', value };
}

describe('mixpanelHosts', () => {
  it.each([
    ['us', 'https://api.mixpanel.com', 'https://mixpanel.com'],
    ['eu', 'https://api-eu.mixpanel.com', 'https://eu.mixpanel.com'],
    ['in', 'https://api-in.mixpanel.com', 'https://in.mixpanel.com'],
  ] as const)('knows both hosts of region %s', (region, ingestion, app) => {
    expect(mixpanelHosts({ region })).toEqual({ ingestion, app });
  });

  it.each(['http://127.0.0.1:8080', 'https://proxy.example.com/mixpanel'])(
    'puts %s in place of all hosts',
    (baseUrl) => {
      expect(mixpanelHosts({ region: 'eu', baseUrl })).toEqual({ ingestion: baseUrl, app: baseUrl });
    },
  );

  it('guesses no region', () => {
    expect(() => mixpanelHosts({})).toThrow(/region/);
  });
});

describe('buildProfileDeletion', () => {
  it('is the documented call', () => {
    expect(buildProfileDeletion(options, [target('ada'), target('grace')])).toEqual({
      method: 'POST',
      url: 'https://api.mixpanel.com/engage?verbose=1&strict=1',
      headers: { 'content-type': 'application/json' },
      body:
        '[{"$token":"test-token","$distinct_id":"ada","$delete":"null","$ignore_alias":false},' +
        '{"$token":"test-token","$distinct_id":"grace","$delete":"null","$ignore_alias":false}]',
    });
  });

  it('goes to the region of the data', () => {
    const urlOf = (region: 'eu' | 'in') => buildProfileDeletion({ ...options, region }, [target('ada')]).url;
    expect(urlOf('eu')).toMatch(/^https:\/\/api-eu\.mixpanel\.com\/engage\?/);
    expect(urlOf('in')).toMatch(/^https:\/\/api-in\.mixpanel\.com\/engage\?/);
  });

  it('asks to leave the original of an alias alone only where told to', () => {
    const body = buildProfileDeletion({ ...options, ignoreAlias: true }, [target('ada')]).body ?? '';
    expect(JSON.parse(body)).toMatchObject([{ $ignore_alias: true }]);
  });

  it('sends every id as it is, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1 }), (values) => {
        const records: unknown = JSON.parse(buildProfileDeletion(options, values.map(target)).body ?? '');
        expect(records).toMatchObject(values.map((value) => ({ $distinct_id: value })));
      }),
    );
  });
});
