import {
  createPeople,
  createRateLimiter,
  createVendorServer,
  limitOf,
  type People,
  resolveVendorOptions,
  type SandboxClock,
  type VendorOptions,
  type VendorReply,
  type VendorRequest,
  type VendorServer,
} from '@expunge/vendor-sandbox';

/** What the fake Acme accepts. Obviously fake. */
export const acmeSandboxCredentials = { apiKey: 'acme-sandbox-key' } as const;

/** What Acme's documents leave open, or what an account may have set differently. May be changed at any time. */
export interface AcmeSettings {
  /** From taking a deletion to being done. */
  deletionAfterMs: number;
}

/** A fake Acme on a real port, with its people. */
export interface AcmeSandbox extends VendorServer, People {
  /** Acme's time. */
  readonly clock: SandboxClock;
  /** What it accepts. */
  readonly credentials: typeof acmeSandboxCredentials;
  /** Its settings. */
  readonly settings: AcmeSettings;
}

/** Starts a fake Acme. It is written from acme.md alone, never from the connector. */
export async function startAcmeSandbox(
  given: Partial<VendorOptions> & { settings?: Partial<AcmeSettings> } = {},
): Promise<AcmeSandbox> {
  const options = resolveVendorOptions(given);
  const { clock } = options;
  const settings: AcmeSettings = { deletionAfterMs: 0, ...given.settings };
  const people = createPeople(clock);
  // UNFINISHED: the documented limits: calls in a span of time, targets in a call, largest body (guide: The fake vendor)
  const calls = createRateLimiter({ clock: options.limitClock, max: limitOf(options, 10), windowMs: 1000 });

  function handle(request: VendorRequest): VendorReply {
    if (request.headers.authorization !== `Bearer ${acmeSandboxCredentials.apiKey}`) return refusal(401, 'bad_key');
    const waitMs = calls.take('account');
    if (waitMs > 0) return { ...refusal(429, 'too_fast'), headers: { 'retry-after': `${Math.ceil(waitMs / 1000)}` } };
    switch (`${request.method} ${request.segments[0]}`) {
      // UNFINISHED: each call that acme.md documents, with its refusals; what changes the memory goes into `act` (guide: The fake vendor)
      default:
        return refusal(404, 'no_such_path');
    }
  }

  const server = await createVendorServer({ ...options, name: 'Acme', handle, memory: people });
  return { ...server, ...people, clock, credentials: acmeSandboxCredentials, settings };
}

function refusal(status: number, error: string): VendorReply {
  return { status, body: { ok: false, error } };
}
