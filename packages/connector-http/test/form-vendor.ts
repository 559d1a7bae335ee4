import { createVendorServer, type SandboxClock, type VendorReply, type VendorRequest } from '@expunge/vendor-sandbox';
import type { HttpOptions } from '../src/http-options.ts';

const password = 'form-test-password';

/** A vendor that answers HTTP 200 whatever happens, and says in the body what did. Forms in, JSON out. */
export async function startFormVendor(clock: SandboxClock) {
  const contacts = new Set<string>();

  function handle({ path, headers, body }: VendorRequest): VendorReply {
    const isForm = headers['content-type'] === 'application/x-www-form-urlencoded';
    if (path !== '/api' || !isForm) return ok({ result: 'error', code: 4, message: 'unknown call' });
    if (headers.authorization !== `Basic ${Buffer.from(`tester:${password}`).toString('base64')}`) {
      return ok({ result: 'error', code: 1, message: 'login failed' });
    }
    const form = new URLSearchParams(body);
    const email = form.get('email') ?? '';
    switch (form.get('action')) {
      case 'ping':
        return ok({ result: 'pong' });
      case 'find':
        return ok({ result: 'ok', contact: contacts.has(email) ? { email } : null });
      case 'delete':
        if (!contacts.has(email)) return ok({ result: 'error', code: 7, message: `${email} is unknown` });
        return { ...ok({ result: 'ok', removed: 1 }), act: () => contacts.delete(email) };
      default:
        return ok({ result: 'error', code: 4, message: 'unknown action' });
    }
  }

  const server = await createVendorServer({ name: 'Form', clock, handle });
  return { ...server, contacts, password };
}

function ok(body: unknown): VendorReply {
  return { status: 200, body };
}

/** Its description. */
export function formOptions(baseUrl: string, secret = password) {
  const loginFailed = {
    status: 200,
    body: [{ at: '/code', equals: 1 }],
    means: 'credentials-rejected' as const,
    message: 'The vendor refuses user name and password (code 1).',
    vendorStatus: '1',
  };
  return {
    vendor: 'form',
    operation: 'contact',
    title: 'Form deletion',
    reach: 'profile',
    erases: ['The contact.'],
    leaves: ['Its history.'],
    baseUrl,
    auth: { type: 'basic', username: 'tester', password: secret },
    identifiers: [{ type: 'email', from: ['email'] }],
    completion: { type: 'immediate' },
    repeat: 'harmless',
    submit: {
      request: { method: 'POST', path: '/api', form: { action: 'delete', email: '{id}' } },
      replies: [
        {
          status: 200,
          body: [
            { at: '/result', equals: 'ok' },
            { at: '/removed', equals: 1 },
          ],
          means: 'deleted',
        },
        { status: 200, body: [{ at: '/code', equals: 7 }], means: 'absent', vendorStatus: '7' },
        loginFailed,
      ],
    },
    verify: {
      afterMs: 0,
      request: { method: 'POST', path: '/api', form: { action: 'find', email: '{id}' } },
      replies: [
        { status: 200, body: [{ at: '/contact/email', sameAs: 'id' }], means: 'present' },
        {
          status: 200,
          body: [
            { at: '/result', equals: 'ok' },
            { at: '/contact', equals: null },
          ],
          means: 'absent',
        },
        loginFailed,
      ],
    },
    access: {
      request: { method: 'POST', path: '/api', form: { action: 'ping' } },
      replies: [{ status: 200, body: [{ at: '/result', equals: 'pong' }], means: 'proven' }, loginFailed],
      proven: ['User name and password are good.'],
      unproven: [],
    },
  } satisfies HttpOptions;
}
