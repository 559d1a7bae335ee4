import { createVendorServer, type SandboxClock, type VendorReply, type VendorRequest } from '@expunge/vendor-sandbox';
import type { HttpOptions } from '../src/http-options.ts';

const token = 'users-test-token';

/** A vendor that deletes one user at once: `DELETE /v1/users/{id}`, 404 with a code of its own for a stranger. */
export async function startUsersVendor(clock: SandboxClock) {
  const users = new Set<string>();

  function handle({ method, path, headers }: VendorRequest): VendorReply {
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: { error: { code: 'bad_token' } } };
    if (path === '/v1/me' && method === 'GET') return { status: 200, body: { me: { scopes: ['users'] } } };
    const [, id] = /^\/v1\/users\/([^/]+)$/.exec(path) ?? [];
    if (id === undefined) return { status: 404, body: { error: { code: 'no_such_route' } } };
    const user = decodeURIComponent(id);
    if (!users.has(user)) return { status: 404, body: { error: { code: 'user_not_found' } } };
    if (method === 'GET') return { status: 200, body: { user: { id: user } } };
    if (method !== 'DELETE') return { status: 405, body: { error: { code: 'method' } } };
    return { status: 200, body: { user: { id: user, deleted: true } }, act: () => users.delete(user) };
  }

  const server = await createVendorServer({ name: 'Users', clock, handle });
  return { ...server, users, token };
}

/** Its description. */
export function usersOptions(baseUrl: string, bearer = token) {
  return {
    vendor: 'users',
    operation: 'user',
    title: 'Users deletion',
    reach: 'person',
    erases: ['The user.'],
    leaves: [],
    baseUrl,
    auth: { type: 'bearer', token: bearer },
    identifiers: [{ type: 'user', from: ['user_id'] }],
    completion: { type: 'immediate' },
    repeat: 'harmless',
    submit: {
      request: { method: 'DELETE', path: '/v1/users/{id}' },
      replies: [
        {
          status: 200,
          body: [
            { at: '/user/id', sameAs: 'id' },
            { at: '/user/deleted', equals: true },
          ],
          means: 'deleted',
        },
        {
          status: 404,
          body: [{ at: '/error/code', equals: 'user_not_found' }],
          means: 'absent',
          vendorStatus: 'user_not_found',
        },
      ],
    },
    verify: {
      afterMs: 0,
      request: { method: 'GET', path: '/v1/users/{id}' },
      replies: [
        { status: 200, body: [{ at: '/user/id', sameAs: 'id' }], means: 'present' },
        { status: 404, body: [{ at: '/error/code', equals: 'user_not_found' }], means: 'absent' },
      ],
    },
    access: {
      request: { method: 'GET', path: '/v1/me' },
      replies: [{ status: 200, body: [{ at: '/me/scopes', is: 'list' }], means: 'proven' }],
      proven: ['The token is good.'],
      unproven: ['Whether it may delete shows only at the first deletion.'],
    },
  } satisfies HttpOptions;
}
