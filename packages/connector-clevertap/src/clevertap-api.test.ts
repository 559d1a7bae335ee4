import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteProfiles, getProfile } from './clevertap-api.ts';
import { parseCleverTapOptions } from './clevertap-options.ts';

const settings = parseCleverTapOptions({ region: 'in', accountId: 'TEST-ACCOUNT', passcode: 'test-passcode' });
const headers = {
  'x-clevertap-account-id': 'TEST-ACCOUNT',
  'x-clevertap-passcode': 'test-passcode',
  'content-type': 'application/json; charset=utf-8',
};

describe('deleteProfiles', () => {
  it('names identities as the vendor documents it', () => {
    expect(deleteProfiles(settings, 'identity', ['crm-1', 'crm-2'])).toEqual({
      method: 'POST',
      url: 'https://in1.api.clevertap.com/1/delete/profiles.json',
      headers,
      body: '{"identity":["crm-1","crm-2"]}',
    });
  });

  it('names guids as the vendor documents it', () => {
    expect(deleteProfiles(settings, 'guid', ['ctid-1']).body).toBe('{"guid":["ctid-1"]}');
  });

  it('never names both kinds, and sends every value as it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('identity' as const, 'guid' as const),
        fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 100 }),
        (type, values) => {
          const body: unknown = JSON.parse(deleteProfiles(settings, type, values).body ?? '');
          expect(body).toEqual({ [type]: values });
        },
      ),
    );
  });
});

describe('getProfile', () => {
  it('asks by identity, and for a guid by objectId', () => {
    expect(getProfile(settings, 'identity', 'crm-1')).toEqual({
      method: 'GET',
      url: 'https://in1.api.clevertap.com/1/profile.json?identity=crm-1',
      headers,
    });
    expect(getProfile(settings, 'guid', 'ctid-1').url).toBe(
      'https://in1.api.clevertap.com/1/profile.json?objectId=ctid-1',
    );
  });

  it('encodes what would change the question', () => {
    expect(getProfile(settings, 'identity', 'a+b&identity=c d#ü').url).toBe(
      'https://in1.api.clevertap.com/1/profile.json?identity=a%2Bb%26identity%3Dc%20d%23%C3%BC',
    );
  });

  it('asks for exactly the value it was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        const url = new URL(getProfile(settings, 'identity', value).url);
        expect([...url.searchParams]).toEqual([['identity', value]]);
        expect(url.hash).toBe('');
      }),
    );
  });
});
