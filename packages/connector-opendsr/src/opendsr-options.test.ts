import { OptionsError } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { issueChain } from '../test/make-certificates.ts';
import { parseOpenDsrOptions } from './opendsr-options.ts';

const { root, bundle } = await issueChain();
const good = {
  baseUrl: 'https://opendsr.example.com/v2',
  auth: { type: 'bearer', token: 'test-token' },
  identities: { email: 'sha256' },
  regulation: 'gdpr',
  requestIdSecret: 'request-id-secret-of-the-test',
};

function issuesOf(options: unknown): readonly { path: readonly (string | number)[]; message: string }[] {
  try {
    parseOpenDsrOptions(options);
  } catch (error) {
    if (OptionsError.isInstance(error)) return error.issues;
    throw error;
  }
  return [];
}

const keysOf = (options: unknown) => issuesOf(options).map((issue) => issue.path.join('.'));

describe('the options of connector-opendsr', () => {
  it('have defaults: signatures are required, of the host that is asked', () => {
    expect(parseOpenDsrOptions(good)).toMatchObject({
      signatures: 'required',
      processorDomains: ['opendsr.example.com'],
      certificateHosts: ['opendsr.example.com'],
      dialectName: 'opendsr',
      apiVersion: '2.0',
      statusCallbackUrls: [],
      authorities: undefined,
      isLoopback: false,
      limits: { callsPerMinute: 60, callsInFlight: 2 },
    });
  });

  it('are needed: nothing about the processor is guessed', () => {
    expect(keysOf({}).sort()).toEqual(['auth', 'baseUrl', 'identities', 'regulation', 'requestIdSecret']);
  });

  it('name every wrong key at once', () => {
    const wrong = {
      ...good,
      auth: { type: 'basic', username: 'a:b', password: '' },
      identities: { 'E-Mail': 'raw', email: 'sha512' },
      regulation: 'lgpd',
      requestIdSecret: 'short',
      processorDomains: ['https://opendsr.example.com'],
      statusCallbackUrls: ['http://company.example.com/opendsr'],
      fields: { subject_identities: [] },
      limits: { callsPerHour: 1 },
      dialekt: 'opendsr',
    };
    expect(keysOf(wrong).sort()).toEqual(
      [
        'auth.password',
        'auth.username',
        'dialekt',
        'fields',
        'identities.E-Mail',
        'identities.email',
        'limits.callsPerHour',
        'processorDomains.0',
        'regulation',
        'requestIdSecret',
        'statusCallbackUrls.0',
      ].sort(),
    );
  });

  it.each([
    'http://opendsr.example.com/v2',
    'ftp://opendsr.example.com',
    'https://key:word@opendsr.example.com',
    'https://opendsr.example.com?a=1',
    'opendsr.example.com',
    '',
  ])('refuse %j as a base URL', (baseUrl) => {
    expect(keysOf({ ...good, baseUrl })).toContain('baseUrl');
  });

  it('take plain http on loopback alone, and then want to be told who signs', () => {
    for (const baseUrl of ['http://127.0.0.1:4705/v2', 'http://localhost:4705/v2/', 'http://[::1]:4705']) {
      expect(keysOf({ ...good, baseUrl })).toEqual(['processorDomains']);
      expect(parseOpenDsrOptions({ ...good, baseUrl, signatures: 'off' }).isLoopback).toBe(true);
      const settings = parseOpenDsrOptions({ ...good, baseUrl, processorDomains: ['OpenDSR.Example.com'] });
      expect(settings.processorDomains).toEqual(['opendsr.example.com']);
      expect(settings.baseUrl.endsWith('/')).toBe(false);
    }
    expect(keysOf({ ...good, baseUrl: 'http://127.0.0.1.example.com' })).toContain('baseUrl');
  });

  it('take authorities as one text, several, or a list, and nothing that is no certificate', () => {
    expect(parseOpenDsrOptions({ ...good, ca: root.pem }).authorities).toHaveLength(1);
    expect(parseOpenDsrOptions({ ...good, ca: bundle }).authorities).toHaveLength(2);
    expect(parseOpenDsrOptions({ ...good, ca: [root.pem, bundle] }).authorities).toHaveLength(3);
    expect(keysOf({ ...good, ca: 'no PEM' })).toEqual(['ca']);
    expect(keysOf({ ...good, ca: [root.pem, root.privateKey] })).toEqual(['ca']);
    expect(keysOf({ ...good, ca: [] })).toEqual(['ca']);
  });

  it.each([
    ['opendsr', 'requests', '2.0', true],
    ['opengdpr', 'opengdpr_requests', '1.0', false],
    ['appsflyer', 'opendsr_requests', undefined, false],
    ['mparticle-v3', 'requests', '3.0', true],
  ] as const)('know the dialect %s', (dialect, requestsPath, apiVersion, namesRegulation) => {
    const raw = { ...good, identities: { email: 'raw' }, dialect };
    expect(parseOpenDsrOptions(raw)).toMatchObject({ dialect: { requestsPath, namesRegulation } });
    expect(parseOpenDsrOptions(raw).apiVersion).toBe(apiVersion);
    expect(parseOpenDsrOptions({ ...raw, apiVersion: '9' }).apiVersion).toBe('9');
  });

  it('tell mParticle raw identities only', () => {
    const identities = { email: 'sha256' };
    expect(keysOf({ ...good, dialect: 'mparticle-v3', identities })).toEqual(['identities']);
  });

  it('never repeat a secret in the message', () => {
    const auth = { type: 'bearer', token: 'secret word' };
    expect(JSON.stringify(issuesOf({ ...good, auth, requestIdSecret: 'secret' }))).not.toMatch(/"secret|secret word/);
  });
});
