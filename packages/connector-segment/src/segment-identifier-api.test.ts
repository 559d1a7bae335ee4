import { parseOptions } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildDetachIdentifier, buildListIdentifiers } from './segment-identifier-api.ts';
import { type SegmentIdentifierSettings, segmentOptionsSchema } from './segment-options.ts';

function settingsOf(change: object = {}): SegmentIdentifierSettings {
  const options = {
    api: 'identifier',
    token: 'test-token',
    region: 'us',
    spaceId: 'spa_1',
    identifierTypes: ['email'],
    ...change,
  };
  const settings = parseOptions('connector-segment', segmentOptionsSchema, options);
  if (settings.api !== 'identifier') throw new Error('not the options of the identifier deletion');
  return settings;
}

describe('requests to the Unify API', () => {
  it('detaches one identifier as documented', () => {
    const request = buildDetachIdentifier(settingsOf(), { userId: 'u-77', type: 'email', id: 'ada@example.test' });
    expect(request).toEqual({
      method: 'POST',
      url: 'https://profiles.segment.com/v1/spaces/spa_1/collections/users/profiles/user_id:u-77/external_ids/delete',
      headers: {
        // The token as user name with an empty password: "test-token:".
        authorization: 'Basic dGVzdC10b2tlbjo=',
        accept: 'application/json',
        'content-type': 'application/json',
      },
      body: '{"delete_external_ids":[{"id":"ada@example.test","type":"email"}]}',
    });
  });

  it('goes to the European host', () => {
    const { url } = buildListIdentifiers(settingsOf({ region: 'eu' }), 'u-77', { limit: 100 });
    expect(url).toBe(
      'https://profiles.euw1.segment.com/v1/spaces/spa_1/collections/users/profiles/user_id:u-77/external_ids?limit=100',
    );
  });

  it('percent-encodes what would change the address, a plus included', () => {
    const { url } = buildDetachIdentifier(settingsOf(), { userId: '+49/1?2#3:4 5', type: 'email', id: 'x' });
    expect(url).toContain('/user_id:%2B49%2F1%3F2%233%3A4%205/external_ids/delete');
  });

  it('leaves nothing raw but letters, digits, "-" and "_"', () => {
    const { url } = buildDetachIdentifier(settingsOf(), { userId: "a-b_c.d!e~f*g'h(i)", type: 'email', id: 'x' });
    expect(url).toContain('/user_id:a-b_c%2Ed%21e%7Ef%2Ag%27h%28i%29/external_ids/delete');
  });

  it('looks up in lower case, and sends the identifier itself as it is', () => {
    const request = buildDetachIdentifier(settingsOf(), { userId: 'U-77', type: 'email', id: 'Ada@Example.test' });
    expect(request.url).toContain('user_id:u-77/');
    expect(request.body).toContain('Ada@Example.test');
  });

  it('keeps every user id within its own part of the path', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (userId) => {
        const { pathname, search } = new URL(
          buildDetachIdentifier(settingsOf(), { userId, type: 'email', id: 'x' }).url,
        );
        const parts = pathname.split('/');
        expect(parts).toHaveLength(10);
        expect(decodeURIComponent(parts[7] ?? '')).toBe(`user_id:${userId.toLowerCase()}`);
        expect(search).toBe('');
      }),
    );
  });

  it('asks for the next page by its cursor', () => {
    const url = new URL(buildListIdentifiers(settingsOf(), 'u-77', { limit: 100, next: 'map_a+b' }).url);
    expect(Object.fromEntries(url.searchParams)).toEqual({ limit: '100', next: 'map_a+b' });
  });
});
