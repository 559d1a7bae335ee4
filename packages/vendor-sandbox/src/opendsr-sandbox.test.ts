import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from './start-sandbox.ts';

const id = 'a7551968-d5d6-44b2-9831-815ac9017798';
const hourMs = 3_600_000;
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

let sandbox: Sandbox<'opendsr'>;
beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['opendsr'] });
  sandbox.opendsr.seed(['ada', { email: ['bob@example.com', 'bob@example.test'] }]);
});
afterEach(() => sandbox.close());

function call(method: string, path: string, body?: object, token: string = sandbox.opendsr.credentials.token) {
  return fetch(`${sandbox.opendsr.baseUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body: body === undefined ? null : JSON.stringify(body),
  });
}

async function read(response: Response): Promise<Record<string, string>> {
  return JSON.parse(await response.text());
}

const identity = (identity_type: string, identity_value: string, identity_format = 'raw') => ({
  identity_type,
  identity_value,
  identity_format,
});
const newRequest = (changes: object = {}) => ({
  regulation: 'gdpr',
  subject_request_id: id,
  subject_request_type: 'erasure',
  submitted_time: '2026-01-05T10:00:00Z',
  subject_identities: [identity('controller_customer_id', 'ada')],
  ...changes,
});

describe('the OpenDSR sandbox', () => {
  it('says what it takes, to everybody', async () => {
    const response = await call('GET', '/discovery', undefined, 'nobody');
    expect(await response.json()).toMatchObject({
      api_version: '2.0',
      supported_subject_request_types: ['erasure', 'access', 'portability'],
    });
    expect((await call('GET', `/requests/${id}`, undefined, 'nobody')).status).toBe(401);
  });

  it('takes a request, works on it by the clock, and forgets the person', async () => {
    const created = await call('POST', '/requests', newRequest());
    expect(created.status).toBe(201);
    const answer = await read(created);
    expect(answer).toMatchObject({ subject_request_id: id, expected_completion_time: '2026-01-07T10:00:00.000Z' });
    expect(JSON.parse(Buffer.from(answer.encoded_request ?? '', 'base64').toString())).toEqual(newRequest());
    const statuses: unknown[] = [];
    for (const hours of [0, 24, 24]) {
      sandbox.clock.advance(hours * hourMs);
      statuses.push((await read(await call('GET', `/requests/${id}`))).request_status);
    }
    expect(statuses).toEqual(['pending', 'in_progress', 'completed']);
    expect([
      sandbox.opendsr.has('controller_customer_id', 'ada'),
      sandbox.opendsr.has('email', 'bob@example.com'),
    ]).toEqual([false, true]);
    expect(sandbox.opendsr.count()).toEqual({ profiles: 1, requests: 1 });
  });

  it('finds people by hashes of any of their identities', async () => {
    const hash = createHash('sha256').update('bob@example.test').digest('hex');
    await call('POST', '/requests', newRequest({ subject_identities: [identity('email', hash, 'sha256')] }));
    sandbox.clock.advance(48 * hourMs);
    expect(sandbox.opendsr.has('email', 'bob@example.com')).toBe(false);
    expect(sandbox.opendsr.lookup(['ada'])).toMatchObject([{ id: 'ada', hasProfile: true }]);
  });

  it('calls back what is pending, and nothing later', async () => {
    await call('POST', '/requests', newRequest());
    expect((await call('DELETE', `/requests/${id}`)).status).toBe(202);
    expect((await read(await call('GET', `/requests/${id}`))).request_status).toBe('cancelled');
    const other = 'b7551968-d5d6-44b2-9831-815ac9017798';
    await call('POST', '/requests', newRequest({ subject_request_id: other }));
    sandbox.clock.advance(24 * hourMs);
    expect((await call('DELETE', `/requests/${other}`)).status).toBe(400);
    sandbox.clock.advance(24 * hourMs);
    expect(sandbox.opendsr.has('controller_customer_id', 'ada')).toBe(false);
  });

  it.each([
    ['an id that was used', {}],
    ['an id in upper case', { subject_request_id: id.toUpperCase() }],
    ['no regulation', { regulation: undefined }],
    ['another type of request', { subject_request_type: 'rectification' }],
    ['no time', { submitted_time: 'today' }],
    ['nobody', { subject_identities: [] }],
    ['an identity type that it does not take', { subject_identities: [identity('appsflyer_id', '1')] }],
  ])('refuses %s', async (_what, changes) => {
    await call('POST', '/requests', newRequest());
    const response = await call('POST', '/requests', newRequest(changes));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 400 } });
    expect(sandbox.opendsr.subjectRequests()).toHaveLength(1);
  });

  it('honours the former name, which knows no regulation', async () => {
    const response = await call('POST', '/opengdpr_requests', newRequest({ regulation: undefined }));
    expect(response.status).toBe(201);
    expect((await call('GET', `/opengdpr_requests/${id}`)).status).toBe(200);
  });

  it('knows no other requests and paths', async () => {
    expect((await call('GET', `/requests/${id}`)).status).toBe(404);
    sandbox.opendsr.settings.unknownRequestStatus = 400;
    expect((await call('DELETE', `/requests/${id}`)).status).toBe(400);
    expect((await call('GET', '/status')).status).toBe(404);
  });

  it('signs over the bytes, and keeps callbacks to be delivered', async () => {
    sandbox.opendsr.settings.signing = { certificates: 'the certificates', privateKey: keys.privateKey };
    const url = 'https://company.example.com/opendsr';
    const response = await call('POST', '/requests', newRequest({ status_callback_urls: [url] }));
    const [callback] = sandbox.opendsr.takeCallbacks();
    const isSigned = (body: string, signature: string | null | undefined) =>
      createVerify('sha256')
        .update(body)
        .verify(keys.publicKey, signature ?? '', 'base64');
    expect(isSigned(await response.text(), response.headers.get('x-opendsr-signature'))).toBe(true);
    expect(response.headers.get('x-opendsr-processor-domain')).toBe('opendsr.sandbox.test');
    expect(callback).toMatchObject({ url });
    expect(isSigned(callback?.body ?? '', callback?.headers['X-OpenDSR-Signature'])).toBe(true);
    expect(JSON.parse(callback?.body ?? '')).toMatchObject({ request_status: 'pending', status_callback_url: url });
    sandbox.clock.advance(48 * hourMs);
    expect(sandbox.opendsr.takeCallbacks().map(({ body }) => JSON.parse(body).request_status)).toEqual([
      'in_progress',
      'completed',
    ]);
    const discovery = await read(await call('GET', '/discovery'));
    expect(await (await fetch(discovery.processor_certificate ?? '')).text()).toBe('the certificates');
  });

  it('names the place of a person who makes no sense', () => {
    expect(() => sandbox.opendsr.seed(['ada', { email: 7 }])).toThrow('Person 1: "email"');
    expect(() => sandbox.opendsr.seed([{}])).toThrow('Person 0');
  });
});
