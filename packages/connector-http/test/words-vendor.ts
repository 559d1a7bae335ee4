import {
  asRecord,
  createVendorServer,
  type SandboxClock,
  type VendorReply,
  type VendorRequest,
} from '@expunge/vendor-sandbox';
import type { HttpOptions } from '../src/http-options.ts';

const token = 'words-test-token';
const hourMs = 3_600_000;

/**
 * A vendor that speaks in plain words and sentences, and takes a list of users joined by commas: `POST /requests`, then
 * `GET /requests/{id}` answers `PENDING` or `COMPLETE` and nothing else.
 */
export async function startWordsVendor(clock: SandboxClock) {
  const users = new Set<string>();
  const requests = new Map<string, { readonly users: readonly string[]; readonly doneAt: number }>();

  function runDue(): void {
    for (const request of requests.values()) {
      if (clock.now() >= request.doneAt) for (const user of request.users) users.delete(user);
    }
  }

  function handle({ method, path, headers, json }: VendorRequest): VendorReply {
    runDue();
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: 'Unauthorized' };
    if (method === 'GET' && path === '/account') return { status: 200, body: 'Account of the test' };
    if (method === 'POST' && path === '/requests') return create(asRecord(json())?.users);
    const [, id = ''] = /^\/requests\/([\w-]+)$/.exec(path) ?? [];
    const request = requests.get(id);
    if (request === undefined) return { status: 404, body: 'Cannot find that path' };
    return { status: 200, body: clock.now() >= request.doneAt ? 'COMPLETE' : 'PENDING' };
  }

  function create(list: unknown): VendorReply {
    if (typeof list !== 'string' || list === '') return { status: 400, body: 'Users are missing' };
    const named = list.split(',');
    const known = named.filter((user) => users.has(user));
    if (known.length === 0) return { status: 404, body: `No such user: ${list}` };
    const id = `request-${requests.size + 1}`;
    const act = () => requests.set(id, { users: known, doneAt: clock.now() + hourMs });
    return { status: 200, body: { request: id }, act };
  }

  const server = await createVendorServer({ name: 'Words', clock, handle });
  return { ...server, users, runDue, token };
}

/** Its description. */
export function wordsOptions(baseUrl: string, bearer = token) {
  return {
    vendor: 'words',
    operation: 'user',
    title: 'Words deletion',
    reach: 'person',
    erases: ['The user.'],
    leaves: [],
    baseUrl,
    auth: { type: 'bearer', token: bearer },
    identifiers: [{ type: 'user', from: ['user_id'], separators: [','] }],
    completion: { type: 'polled', firstCheckAfterMs: 0, checkEveryMs: 1000, expectedWithinMs: hourMs },
    repeat: 'harmless',
    submit: {
      request: { method: 'POST', path: '/requests', json: { users: '{id}' } },
      replies: [
        { status: 200, body: [{ at: '/request', is: 'text' }], means: 'accepted' },
        { status: 404, body: [{ at: '', startsWith: 'No such user: ' }], means: 'absent' },
      ],
      receipt: { request: '/request' },
    },
    check: {
      request: { method: 'GET', path: '/requests/{request}' },
      replies: [{ status: 200, body: [{ at: '', oneOf: ['PENDING', 'COMPLETE'] }], means: 'status' }],
      status: { at: '', words: { PENDING: 'pending', COMPLETE: 'deleted' } },
    },
    access: {
      request: { method: 'GET', path: '/account' },
      replies: [{ status: 200, body: [{ at: '', startsWith: 'Account of ' }], means: 'proven' }],
      proven: ['The token is good.'],
    },
  } satisfies HttpOptions;
}
