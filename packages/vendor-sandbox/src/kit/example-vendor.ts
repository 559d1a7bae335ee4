import { createLazySchedule } from './lazy-schedule.ts';
import { createRateLimiter } from './rate-limiter.ts';
import type { SandboxClock } from './sandbox-clock.ts';
import { asRecord, type VendorReply, type VendorRequest } from './vendor-exchange.ts';
import { createVendorServer } from './vendor-server.ts';

/** Fake Acme: `POST /v1/forget {"email": "..."}`, carried out an hour later, two calls a second. */
export async function startAcmeSandbox(clock: SandboxClock) {
  const people = new Set<string>();
  const schedule = createLazySchedule(clock);
  const calls = createRateLimiter({ clock, max: 2, windowMs: 1000 });

  function handle(request: VendorRequest): VendorReply {
    if (request.headers.authorization !== 'Bearer acme-test-token') return { status: 401, body: { error: 'token' } };
    if (request.method !== 'POST' || request.path !== '/v1/forget') return { status: 404, body: { error: 'path' } };
    const waitMs = calls.take('acme');
    if (waitMs > 0) return { status: 429, headers: { 'retry-after': `${Math.ceil(waitMs / 1000)}` }, body: {} };
    const email = asRecord(request.json())?.email;
    if (typeof email !== 'string') return { status: 400, body: { error: 'email' } };
    return {
      status: 202,
      body: { queued: true },
      act: () => schedule.plan(clock.now() + 3_600_000, () => people.delete(email)),
    };
  }

  const server = await createVendorServer({ name: 'Acme', clock, handle });
  return {
    ...server,
    seed: (emails: readonly string[]) => {
      for (const email of emails) people.add(email);
    },
    has: (email: string) => {
      schedule.runDue();
      return people.has(email);
    },
  };
}
