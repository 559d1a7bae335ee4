import { describe, expect, it } from 'vitest';
import {
  cancelRequest,
  createRequest,
  discoverySchema,
  getCertificate,
  getDiscovery,
  getRequest,
} from './opendsr-api.ts';
import { parseOpenDsrOptions } from './opendsr-options.ts';

const id = 'a7551968-d5d6-44b2-9831-815ac9017798';
const options = {
  baseUrl: 'https://opendsr.example.com/v2/',
  auth: { type: 'bearer', token: 'test-token' },
  identities: { email: 'raw' },
  regulation: 'gdpr',
  requestIdSecret: 'request-id-secret-of-the-test',
};
const settings = parseOpenDsrOptions(options);
const headers = { accept: 'application/json', authorization: 'Bearer test-token' };
const request = {
  id,
  submittedAt: '2026-01-05T10:00:00.000Z',
  identities: [{ identity_type: 'email', identity_value: 'ada@example.com', identity_format: 'raw' }],
} as const;

describe('the requests of OpenDSR', () => {
  it('are those of the specification', () => {
    expect(createRequest(settings, request)).toEqual({
      method: 'POST',
      url: 'https://opendsr.example.com/v2/requests',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        regulation: 'gdpr',
        subject_request_id: id,
        subject_request_type: 'erasure',
        submitted_time: '2026-01-05T10:00:00.000Z',
        subject_identities: request.identities,
        api_version: '2.0',
      }),
    });
    const url = `https://opendsr.example.com/v2/requests/${id}`;
    expect(getRequest(settings, id)).toEqual({ method: 'GET', url, headers });
    expect(cancelRequest(settings, id)).toEqual({ method: 'DELETE', url, headers });
    expect(getDiscovery(settings)).toEqual({ method: 'GET', url: 'https://opendsr.example.com/v2/discovery', headers });
  });

  it('are those of OpenGDPR under the former name', () => {
    const former = parseOpenDsrOptions({ ...options, dialect: 'opengdpr' });
    expect(createRequest(former, request).url).toBe('https://opendsr.example.com/v2/opengdpr_requests');
    expect(JSON.parse(createRequest(former, request).body ?? '')).not.toHaveProperty('regulation');
    expect(getRequest(former, id).url).toBe(`https://opendsr.example.com/v2/opengdpr_requests/${id}`);
  });

  it('fetch the certificate with credentials from the same origin alone', () => {
    expect(getCertificate(settings, 'https://opendsr.example.com/cert.pem').headers).toHaveProperty('authorization');
    for (const url of ['https://static.example.com/cert.pem', 'https://opendsr.example.com:8443/cert.pem']) {
      expect(getCertificate(settings, url)).toEqual({ method: 'GET', url, headers: {} });
    }
  });

  it('cannot be led elsewhere by an id', () => {
    expect(getRequest(settings, '../discovery?x#').url).toBe(
      'https://opendsr.example.com/v2/requests/..%2Fdiscovery%3Fx%23',
    );
  });
});

describe('discoverySchema', () => {
  it('takes the request types as a list or as one text', () => {
    const discovery = { supported_identities: [], supported_subject_request_types: 'erasure' };
    expect(discoverySchema.parse(discovery).supported_subject_request_types).toEqual(['erasure']);
    const listed = { ...discovery, supported_subject_request_types: ['erasure', 'access'] };
    expect(discoverySchema.parse(listed).supported_subject_request_types).toEqual(['erasure', 'access']);
  });
});
