import {
  asRecord,
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
  /** From taking a deletion to being done. Acme says: within 24 hours. */
  deletionAfterMs: number;
  /** Whether the plan's deletions are used up. */
  isPlanUsedUp: boolean;
}

/** A fake Acme on a real port, with its people. */
export interface AcmeSandbox extends VendorServer, People {
  readonly clock: SandboxClock;
  readonly credentials: typeof acmeSandboxCredentials;
  readonly settings: AcmeSettings;
}

/** Starts a fake Acme. It is written from acme.md alone, never from the connector. */
export async function startAcmeSandbox(
  given: Partial<VendorOptions> & { settings?: Partial<AcmeSettings> } = {},
): Promise<AcmeSandbox> {
  const options = resolveVendorOptions(given);
  const { clock } = options;
  const settings: AcmeSettings = { deletionAfterMs: 24 * 3_600_000, isPlanUsedUp: false, ...given.settings };
  const people = createPeople(clock);
  const jobs: { readonly takenAt: number; readonly doneAt: number }[] = [];
  const calls = createRateLimiter({ clock: options.limitClock, max: limitOf(options, 10), windowMs: 1000 });

  // #region handle
  function handle(request: VendorRequest): VendorReply {
    if (request.headers.authorization !== `Bearer ${acmeSandboxCredentials.apiKey}`) return refusal(401, 'bad_key');
    const waitMs = calls.take('account');
    if (waitMs > 0) {
      return { ...refusal(429, 'too_fast'), headers: { 'retry-after': `${Math.ceil(waitMs / 1000)}` } };
    }
    const [version, collection, id, ...rest] = request.segments;
    if (version !== 'v1' || rest.length > 0) return refusal(404, 'no_such_path');
    switch (`${request.method} ${collection}${id === undefined ? '' : '/id'}`) {
      case 'GET account':
        return success({ account: 'acc_1' });
      case 'GET users/id':
        return people.has(id ?? '') ? success({ user: { id } }) : refusal(404, 'unknown_user');
      case 'POST deletions':
        return takeDeletion(asRecord(request.json())?.user_ids);
      case 'GET deletions/id':
        return stateOf(jobs[Number(id?.replace('job-', ''))]);
      default:
        return refusal(404, 'no_such_path');
    }
  }

  function takeDeletion(ids: unknown): VendorReply {
    if (!Array.isArray(ids) || ids.length === 0 || !ids.every((id) => typeof id === 'string')) {
      return refusal(400, 'bad_ids');
    }
    if (ids.length > 100) return refusal(413, 'too_many_ids');
    if (settings.isPlanUsedUp) return refusal(200, 'plan_limit');
    const takenAt = clock.now();
    return {
      ...success({ job: `job-${jobs.length}`, unknown: ids.filter((id) => !people.has(id)) }),
      // What changes the memory stands in `act`: a fault may answer without it, or do it without an answer.
      act: () => {
        jobs.push({ takenAt, doneAt: takenAt + settings.deletionAfterMs });
        people.forget(ids, settings.deletionAfterMs);
      },
    };
  }
  // #endregion

  function stateOf(job: { readonly takenAt: number; readonly doneAt: number } | undefined): VendorReply {
    if (job === undefined) return refusal(404, 'unknown_job');
    if (clock.now() >= job.doneAt) return success({ state: 'done' });
    return success({ state: clock.now() < job.takenAt + 3_600_000 ? 'queued' : 'running' });
  }

  const server = await createVendorServer({ ...options, name: 'Acme', handle, memory: people });
  return { ...server, ...people, clock, credentials: acmeSandboxCredentials, settings };
}

function success(fields: object): VendorReply {
  return { status: 200, body: { ok: true, ...fields } };
}

function refusal(status: number, error: string): VendorReply {
  return { status, body: { ok: false, error } };
}
