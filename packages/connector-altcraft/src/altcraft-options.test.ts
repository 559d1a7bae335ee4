import { OptionsError } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { parseAltcraftOptions } from './altcraft-options.ts';

const account = { host: 'altcraft.example.com', token: 'test-token', databaseId: 7 };

function issuesOf(options: unknown): readonly { path: readonly (string | number)[]; message: string }[] {
  try {
    parseAltcraftOptions(options);
  } catch (error) {
    if (OptionsError.isInstance(error)) return error.issues;
    throw error;
  }
  return [];
}

const keysOf = (options: unknown) => issuesOf(options).map((issue) => issue.path.join('.'));

describe('the options of connector-altcraft', () => {
  it('need a host or a base URL, and guess neither', () => {
    const { host, ...rest } = account;
    const message = 'exactly one of host and baseUrl is needed';
    expect(issuesOf(rest)).toEqual([{ path: [], message }]);
    expect(issuesOf({ ...account, baseUrl: 'http://127.0.0.1:1' })).toEqual([{ path: [], message }]);
    expect(parseAltcraftOptions({ ...rest, host }).baseUrl).toBe('https://altcraft.example.com');
    expect(parseAltcraftOptions({ ...rest, baseUrl: 'http://127.0.0.1:4703/' }).baseUrl).toBe('http://127.0.0.1:4703');
  });

  it.each(['https://altcraft.example.com', 'altcraft.example.com/api', ''])('refuse %j as a host', (host) => {
    expect(keysOf({ ...account, host })).toEqual(['host']);
  });

  it('have safe defaults', () => {
    expect(parseAltcraftOptions(account)).toMatchObject({
      matchings: [{ matching: 'email', type: 'email' }],
      format: 'json',
      lookUp: true,
      allowSubscriptionMatch: false,
      readBackById: true,
      absentCodes: [],
      readBackAfterMs: 0,
      timeoutMs: 30_000,
      limits: { callsInFlight: 1 },
    });
  });

  it('give every way to match an identifier type of its own', () => {
    const customFields = [
      { fieldName: 'CRM_ID', fieldType: 'number' },
      { fieldName: 'loyalty_card', fieldType: 'string' },
    ];
    expect(parseAltcraftOptions({ ...account, matching: ['phone', 'profile_id'], customFields }).matchings).toEqual([
      { matching: 'phone', type: 'phone' },
      { matching: 'profile_id', type: 'profile_id' },
      { matching: 'custom', type: 'CRM_ID', fieldType: 'number' },
      { matching: 'custom', type: 'loyalty_card', fieldType: 'string' },
    ]);
  });

  it('use email by default only where no custom field is set up', () => {
    const customFields = [{ fieldName: 'CRM_ID', fieldType: 'string' }];
    expect(parseAltcraftOptions({ ...account, customFields }).matchings.map(({ type }) => type)).toEqual(['CRM_ID']);
  });

  it('refuse to match by nothing, by one name twice, or by a field called like a built-in', () => {
    const field = { fieldName: 'CRM_ID', fieldType: 'string' };
    expect(keysOf({ ...account, matching: [] })).toEqual(['matching']);
    expect(keysOf({ ...account, matching: ['email', 'email'] })).toEqual(['matching']);
    expect(keysOf({ ...account, customFields: [field, field] })).toEqual(['matching']);
    expect(keysOf({ ...account, customFields: [{ ...field, fieldName: 'email' }] })).toEqual([
      'customFields.0.fieldName',
    ]);
  });

  it.each([0, 400, 401, 402, 403, 429, 500, 503, 599, 404.5])('refuse %d as a code for absence', (code) => {
    expect(keysOf({ ...account, absentCodes: [404, code] })).toEqual(['absentCodes.1']);
  });

  it('take any other number as a code for absence', () => {
    expect(parseAltcraftOptions({ ...account, absentCodes: [404, 440, 1] }).absentCodes).toEqual([404, 440, 1]);
  });

  it('name every wrong key at once', () => {
    const wrong = {
      hots: 'altcraft.example.com',
      token: '',
      databaseId: '7',
      resourceId: 0,
      matching: ['mail'],
      customFields: [{ fieldName: '_x', fieldTyp: 'number' }],
      format: 'yaml',
      lookUp: 'yes',
      limits: { callsInFlight: 11, perSecond: 1 },
    };
    expect(keysOf(wrong).toSorted()).toEqual([
      '',
      'customFields.0.fieldName',
      'customFields.0.fieldTyp',
      'customFields.0.fieldType',
      'databaseId',
      'format',
      'hots',
      'limits.callsInFlight',
      'limits.perSecond',
      'lookUp',
      'matching.0',
      'resourceId',
      'token',
    ]);
  });

  it('never repeat a secret in the message', () => {
    const message = JSON.stringify(issuesOf({ ...account, token: 'secret-word-of-the-test\n' }));
    expect(message).toContain('line break');
    expect(message).not.toContain('secret');
  });
});
