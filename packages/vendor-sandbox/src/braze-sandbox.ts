import { type BrazeIdentifier, type BrazeProfile, type BrazeProfiles, createBrazeProfiles } from './braze-profiles.ts';
import { readDeletion, readExport } from './braze-requests.ts';
import {
  createRateLimiter,
  createVendorServer,
  limitOf,
  type RateLimiter,
  resolveVendorOptions,
  type SandboxClock,
  type VendorOptions,
  type VendorReply,
  type VendorRequest,
  type VendorServer,
} from './kit.ts';

/** What the fake Braze accepts. Obviously fake. */
export const brazeSandboxCredentials = { apiKey: 'braze-sandbox-key' } as const;

/** What Braze's documents leave open, or what an account may have set differently. May be changed at any time. */
export interface BrazeSettings {
  /** From taking a deletion to being done everywhere. Braze says: up to five minutes. */
  deletionAfterMs: number;
  /** Whether `deleted` counts ids that nobody has, too. */
  countsUnknownIds: boolean;
  /** Whether an export names the ids that nobody has. Braze says: it may. */
  namesUnknownIds: boolean;
  /** The HTTP status of success. Not documented; 201 was seen. */
  successStatus: number;
  /** Whether the key has the permission `users.delete`. */
  mayDelete: boolean;
  /** Whether the key has the permission `users.export.ids`. */
  mayExport: boolean;
  /** Calls of `/users/delete` a minute. Read once, at the start. */
  deletionsPerMinute: number;
  /** Calls of `/users/export/ids` a minute. Read once, at the start. */
  exportsPerMinute: number;
}

/** A fake Braze on a real port, with its profiles. */
export interface BrazeSandbox extends VendorServer, BrazeProfiles {
  /** Braze's time. */
  readonly clock: SandboxClock;
  /** What it accepts. */
  readonly credentials: typeof brazeSandboxCredentials;
  /** Its settings. */
  readonly settings: BrazeSettings;
}

const minuteMs = 60_000;
const maxIds = 50;

/** Starts a fake Braze. It is written from docs/vendors/braze.md alone, never from the connector. */
export async function startBrazeSandbox(
  given: Partial<VendorOptions> & { settings?: Partial<BrazeSettings> } = {},
): Promise<BrazeSandbox> {
  const options = resolveVendorOptions(given);
  const { clock, limitClock } = options;
  const settings: BrazeSettings = {
    deletionAfterMs: 5 * minuteMs,
    countsUnknownIds: true,
    namesUnknownIds: true,
    successStatus: 201,
    mayDelete: true,
    mayExport: true,
    deletionsPerMinute: 20_000,
    exportsPerMinute: 250,
    ...given.settings,
  };
  const profiles = createBrazeProfiles(clock);
  const limiterOf = (perMinute: number) =>
    createRateLimiter({ clock: limitClock, max: limitOf(options, perMinute), windowMs: minuteMs });
  const deletions = limiterOf(settings.deletionsPerMinute);
  const exports = limiterOf(settings.exportsPerMinute);

  function handle(request: VendorRequest): VendorReply {
    if (request.headers.authorization !== `Bearer ${brazeSandboxCredentials.apiKey}`) {
      return refusal(401, 'Unauthorized');
    }
    switch (`${request.method} ${request.path}`) {
      case 'POST /users/delete':
        if (!settings.mayDelete) return refusal(403, 'Access Denied');
        return limited(deletions, settings.deletionsPerMinute, () => takeDeletion(readDeletion(request.json())));
      case 'POST /users/export/ids':
        if (!settings.mayExport) return refusal(403, 'Access Denied');
        return limited(exports, settings.exportsPerMinute, () => showProfiles(request.json()));
      default:
        return refusal(404, 'Not Found');
    }
  }

  function limited(calls: RateLimiter, perMinute: number, answer: () => VendorReply): VendorReply {
    const waitMs = calls.take('workspace');
    const reply = waitMs > 0 ? refusal(429, 'Rate Limited') : answer();
    const now = limitClock.now();
    return {
      ...reply,
      headers: {
        // The reset is a point in time, which a caller can only measure against the vendor's own clock.
        date: new Date(now).toUTCString(),
        'x-ratelimit-limit': `${perMinute}`,
        'x-ratelimit-remaining': `${Math.max(0, perMinute - calls.used('workspace'))}`,
        'x-ratelimit-reset': `${Math.ceil((now + (waitMs > 0 ? waitMs : minuteMs)) / 1000)}`,
      },
    };
  }

  function takeDeletion(identifiers: readonly BrazeIdentifier[] | undefined): VendorReply {
    if (identifiers === undefined) return refusal(400, 'Bad Request');
    if (identifiers.length > maxIds) return refusal(400, 'The max number of ids per request was exceeded');
    const counted = settings.countsUnknownIds
      ? identifiers
      : identifiers.filter((identifier) => profiles.find(identifier) !== undefined);
    return {
      status: settings.successStatus,
      body: { deleted: counted.length },
      act: () => profiles.forget(identifiers, settings.deletionAfterMs),
    };
  }

  function showProfiles(body: unknown): VendorReply {
    const asked = readExport(body);
    if (asked === undefined) return refusal(400, 'Bad Request');
    const { identifiers, fields } = asked;
    if (identifiers.length > maxIds) {
      return refusal(400, 'The max number of external_ids and aliases per request was exceeded');
    }
    const found = new Set(identifiers.flatMap((identifier) => profiles.find(identifier) ?? []));
    const unknown = identifiers.filter((identifier) => profiles.find(identifier) === undefined);
    return {
      status: settings.successStatus,
      body: {
        message: 'success',
        users: [...found].map((profile) => partOf(profile, fields)),
        ...(settings.namesUnknownIds && unknown.length > 0
          ? { invalid_user_ids: unknown.map(({ value }) => value) }
          : {}),
      },
    };
  }

  const server = await createVendorServer({ ...options, name: 'Braze', handle, memory: profiles });
  return { ...server, ...profiles, clock, credentials: brazeSandboxCredentials, settings };
}

function partOf(profile: BrazeProfile, fields: readonly string[]): object {
  return Object.fromEntries(Object.entries(profile).filter(([field]) => fields.includes(field)));
}

function refusal(status: number, message: string): VendorReply {
  return { status, body: { message, errors: [] } };
}
