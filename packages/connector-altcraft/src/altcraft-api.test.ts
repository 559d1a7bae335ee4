import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteProfile, getProfile, listDatabases, matchingFields, profileIdFields } from './altcraft-api.ts';
import { type AltcraftMatching, parseAltcraftOptions } from './altcraft-options.ts';

const options = { host: 'altcraft.example.com', token: 't0k3n', databaseId: 7 };
const settings = parseAltcraftOptions(options);
const xml = parseAltcraftOptions({ ...options, format: 'xml' });
const email: AltcraftMatching = { matching: 'email', type: 'email' };
const phone: AltcraftMatching = { matching: 'phone', type: 'phone' };
const text: AltcraftMatching = { matching: 'custom', type: 'CRM_ID', fieldType: 'string' };
const number: AltcraftMatching = { matching: 'custom', type: 'CRM_ID', fieldType: 'number' };

describe('deleteProfile', () => {
  it('is the documented request', () => {
    expect(deleteProfile(settings, profileIdFields('65a1b2c3d4e5f60718293a4b'))).toEqual({
      method: 'POST',
      url: 'https://altcraft.example.com/api/v1.1/profiles/delete',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: '{"token":"t0k3n","db_id":7,"matching":"profile_id","profile_id":"65a1b2c3d4e5f60718293a4b"}',
    });
  });

  it('is the documented request in XML', () => {
    expect(deleteProfile(xml, profileIdFields('65a1b2c3d4e5f60718293a4b'))).toEqual({
      method: 'POST',
      url: 'https://altcraft.example.com/api/v1.1/profiles/delete',
      headers: { 'content-type': 'application/xml; charset=utf-8', accept: 'application/xml' },
      body:
        '<?xml version="1.0" encoding="UTF-8"?><xml><token>t0k3n</token><db_id>7</db_id><matching>profile_id</matching>' +
        '<profile_id>65a1b2c3d4e5f60718293a4b</profile_id></xml>',
    });
  });
});

describe('the reads', () => {
  it('ask for one profile, and for the list of databases', () => {
    expect(getProfile(settings, { matching: 'email', email: 'ada@example.com' })).toMatchObject({
      url: 'https://altcraft.example.com/api/v1.1/profiles/get/',
      body: '{"token":"t0k3n","db_id":7,"matching":"email","email":"ada@example.com"}',
    });
    expect(listDatabases(settings)).toMatchObject({
      url: 'https://altcraft.example.com/api/v1.1/databases/list/',
      body: '{"token":"t0k3n","from_id":1,"limit":1000}',
    });
  });
});

describe('matchingFields', () => {
  it('names a person in each documented mode', () => {
    expect(matchingFields(settings, email, 'ada@example.com')).toEqual({ matching: 'email', email: 'ada@example.com' });
    expect(matchingFields(settings, phone, '+79000000000')).toEqual({ matching: 'phone', phone: '+79000000000' });
    expect(matchingFields(settings, { matching: 'profile_id', type: 'profile_id' }, 'abc')).toEqual({
      matching: 'profile_id',
      profile_id: 'abc',
    });
    expect(matchingFields(settings, text, '123420')).toEqual({
      matching: 'custom',
      field_name: 'CRM_ID',
      field_value: '123420',
    });
    expect(matchingFields(settings, number, '123420')).toEqual({
      matching: 'custom',
      field_name: 'CRM_ID',
      field_value: 123420,
    });
  });

  it('narrows email and phone to the resource, and nothing else', () => {
    const narrowed = parseAltcraftOptions({ ...options, resourceId: 24 });
    expect(matchingFields(narrowed, email, 'a@example.com')).toMatchObject({ resource_id: 24 });
    expect(matchingFields(narrowed, phone, '+1')).toMatchObject({ resource_id: 24 });
    expect(matchingFields(narrowed, text, '1')).not.toHaveProperty('resource_id');
    expect(matchingFields(narrowed, { matching: 'profile_id', type: 'profile_id' }, '1')).not.toHaveProperty(
      'resource_id',
    );
  });

  it.each(['', 'abc', '007', '+7', '7.5', '1e3', ' 7', '9007199254740993', 'Infinity', '-0'])(
    'sends no number for %j',
    (value) => {
      expect(matchingFields(settings, number, value)).toBe('not-a-whole-number');
    },
  );

  it('sends a whole number as exactly that number', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(matchingFields(settings, number, String(value))).toMatchObject({ field_value: value });
      }),
    );
  });

  it('puts no text into XML that XML can’t carry', () => {
    expect(matchingFields(xml, email, 'a\u0000@example.com')).toBe('not-xml-text');
    expect(matchingFields(settings, email, 'a\u0000@example.com')).toMatchObject({ email: 'a\u0000@example.com' });
  });

  it('never lets a value change another field', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        const fields = matchingFields(settings, email, value);
        if (typeof fields === 'string') throw new Error(fields);
        expect(JSON.parse(deleteProfile(settings, fields).body ?? '')).toEqual({
          token: 't0k3n',
          db_id: 7,
          matching: 'email',
          email: value,
        });
      }),
    );
  });
});
