import { createManualClock, createVendorServer, type VendorReply, type VendorRequest } from '@expunge/vendor-sandbox';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpConnector } from './http-connector.ts';
import type { HttpOptions } from './http-options.ts';

/** A vendor that says "not there" with a bare 404, behind a gateway that says so of every path that it does not know. */
async function startVendor() {
  const users = new Set(['ada', 'grace']);
  function handle({ method, path }: VendorRequest): VendorReply {
    if (path === '/api/v2/me') return { status: 200, body: { account: 7 } };
    const [, user] = /^\/api\/v2\/users\/(\w+)$/.exec(path) ?? [];
    if (user === undefined || !users.has(user)) return { status: 404 };
    if (method === 'GET') return { status: 200, body: { id: user } };
    return { status: 204, act: () => users.delete(user) };
  }
  const server = await createVendorServer({ name: 'Gateway', clock: createManualClock(), handle });
  onTestFinished(() => server.close());
  return { ...server, users };
}

function optionsFor(baseUrl: string): HttpOptions {
  return {
    vendor: 'gateway',
    operation: 'user',
    title: 'Gateway deletion',
    reach: 'person',
    erases: [],
    leaves: [],
    baseUrl,
    identifiers: [{ type: 'user', from: ['user_id'] }],
    completion: { type: 'immediate' },
    repeat: 'harmless',
    submit: {
      request: { method: 'DELETE', path: '/users/{id}' },
      replies: [
        { status: 204, body: 'empty', means: 'deleted' },
        { status: 404, body: 'empty', means: 'absent' },
      ],
    },
    verify: {
      afterMs: 0,
      request: { method: 'GET', path: '/users/{id}' },
      replies: [
        { status: 200, body: [{ at: '/id', sameAs: 'id' }], means: 'present' },
        { status: 404, body: 'empty', means: 'absent' },
      ],
    },
    access: {
      request: { method: 'GET', path: '/me' },
      replies: [{ status: 200, body: [{ at: '/account', equals: 7 }], means: 'proven' }],
      proven: ['The account.'],
    },
  };
}

const user = (value: string) => [{ type: 'user', value }];

describe('a 404 without a body', () => {
  it('is no absence at a wrong base path', async () => {
    const vendor = await startVendor();
    const connector = createHttpConnector(optionsFor(`${vendor.url}/api/v3`));
    for (const call of [() => connector.submit(user('ada')), () => connector.verify?.(user('ada'))]) {
      await expect(call()).rejects.toMatchObject({ code: 'setup-wrong', effect: 'nothing' });
    }
    expect([...vendor.users]).toEqual(['ada', 'grace']);
  });

  it('is one once the access has been proven, which is asked once', async () => {
    const vendor = await startVendor();
    const connector = createHttpConnector(optionsFor(`${vendor.url}/api/v2`));
    for (const _again of [1, 2, 3]) expect(await connector.submit(user('nobody'))).toEqual([{ type: 'absent' }]);
    expect(await connector.verify?.(user('nobody'))).toEqual([{ type: 'absent' }]);
    expect(vendor.requests.filter(({ path }) => path === '/api/v2/me')).toHaveLength(1);
  });

  it('is one once the same call has met somebody who is there', async () => {
    const vendor = await startVendor();
    const connector = createHttpConnector(optionsFor(`${vendor.url}/api/v2`));
    expect(await connector.verify?.(user('ada'))).toEqual([{ type: 'present' }]);
    expect(await connector.verify?.(user('nobody'))).toEqual([{ type: 'absent' }]);
    expect(vendor.requests.map(({ path }) => path)).toEqual(['/api/v2/users/ada', '/api/v2/users/nobody']);
    // Another path has shown nothing of this one.
    expect(await connector.submit(user('nobody'))).toEqual([{ type: 'absent' }]);
    expect(vendor.requests.at(-1)?.path).toBe('/api/v2/me');
  });

  it('is refused in a description that can not prove the service', () => {
    const { access: _access, ...options } = optionsFor('http://127.0.0.1:1');
    expect(() => createHttpConnector(options)).toThrow(
      /submit.replies.1.body: takes what a wrong address answers for absent.*describe access.*verify.replies.1.body/,
    );
  });
});
