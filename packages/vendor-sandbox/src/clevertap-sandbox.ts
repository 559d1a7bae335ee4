import { type CleverTapAccount, type CleverTapKey, createCleverTapAccount } from './clevertap-account.ts';
import { createConcurrencyLimiter } from './kit/concurrency-limiter.ts';
import { asRecord, type VendorReply, type VendorRequest } from './kit/vendor-exchange.ts';
import { createVendorServer, type VendorServer } from './kit/vendor-server.ts';
import { limitOf, type VendorOptions } from './vendor-options.ts';

/** What the CleverTap sandbox accepts. Obviously fake. */
export const cleverTapSandboxCredentials = {
  accountId: 'SANDBOX-ACCOUNT',
  passcode: 'sandbox-passcode',
} as const;

/** Switches for what the documents leave open, or what was seen elsewhere. May be changed at any time. */
export interface CleverTapSettings {
  /** How `GET /1/profile.json` says that there is no such profile: not documented. */
  absentProfile: 'null-record' | 'fail-with-200' | 'fail-without-code' | 'not-found';
  /**
   * How a well-formed deletion is answered. `fail-with-200` and `trouble-without-code` queue nothing; `partial-with-200`
   * queues all but the last id. Such forms were recorded on CleverTap's upload endpoint.
   */
  deleteReply: 'success' | 'fail-with-200' | 'trouble-without-code' | 'partial-with-200';
  /** Whether every profile read fails with HTTP 200 and the documented text of a 503, without its number. */
  readTrouble: boolean;
  /** What a deletion by guid takes away: the whole profile, or this device of it. Not documented. */
  guidDeletion: 'profile' | 'device';
  /** From being queued to being carried out: documented as 24 hours. */
  deletionDelayMs: number;
}

export interface CleverTapSandbox extends VendorServer, CleverTapAccount {
  readonly credentials: typeof cleverTapSandboxCredentials;
  readonly settings: CleverTapSettings;
}

const maxIdsPerRequest = 100;
const maxConcurrent = 3;
const hourMs = 3_600_000;

export interface CleverTapSandboxOptions extends VendorOptions {
  /** What differs from the default settings. */
  settings?: Partial<CleverTapSettings>;
}

/** Fake CleverTap: one account, deletion by identity or guid, read-back, credential check (docs/vendors/clevertap.md). */
export async function startCleverTapSandbox(options: CleverTapSandboxOptions): Promise<CleverTapSandbox> {
  const account = createCleverTapAccount(options.clock);
  const settings: CleverTapSettings = {
    absentProfile: 'null-record',
    deleteReply: 'success',
    readTrouble: false,
    guidDeletion: 'profile',
    deletionDelayMs: 24 * hourMs,
    ...options.settings,
  };
  const concurrency = createConcurrencyLimiter({ max: limitOf(options, maxConcurrent) });

  function handle(request: VendorRequest): VendorReply {
    switch (request.path) {
      case '/1/delete/profiles.json':
        return request.method === 'POST' ? admit(request, 'delete', deleteProfiles) : methodNotAllowed;
      case '/1/profile.json':
        return request.method === 'GET' ? admit(request, 'profile', readProfile) : methodNotAllowed;
      case '/v1/connect':
        return request.method === 'GET' ? (refusal(request) ?? success) : methodNotAllowed;
      default:
        return fail(404, 'Not found');
    }
  }

  /** Credentials, then the cap on calls in flight, which counts per account and per API. */
  function admit(request: VendorRequest, api: string, answer: (request: VendorRequest) => VendorReply): VendorReply {
    const refused = refusal(request);
    if (refused !== undefined) return refused;
    const leave = concurrency.enter(api);
    if (leave === undefined) return fail(429, 'Too many concurrent requests');
    request.onFinished(leave);
    return answer(request);
  }

  function deleteProfiles(request: VendorRequest): VendorReply {
    const payload = parseDeletePayload(request);
    if ('status' in payload) return payload;
    const { key, ids } = payload;
    const queue = (taken: readonly string[]) => () => {
      const isDevice = key === 'guid' && settings.guidDeletion === 'device';
      account.queueDeletion(isDevice ? 'device' : key, taken, settings.deletionDelayMs);
    };
    switch (settings.deleteReply) {
      case 'fail-with-200':
        return { status: 200, body: { status: 'fail', error: 'Request could not be processed', code: 500 } };
      case 'trouble-without-code':
        return troubleWithoutCode;
      case 'partial-with-200':
        return { ...partial(ids), act: queue(ids.slice(0, -1)) };
      case 'success':
        return { ...success, act: queue(ids) };
    }
  }

  function readProfile({ query }: VendorRequest): VendorReply {
    if (settings.readTrouble) return troubleWithoutCode;
    for (const [parameter, key] of readableBy) {
      const value = query.get(parameter);
      if (value === null) continue;
      const profile = account.find(key, value);
      if (profile === undefined) return absentReplies[settings.absentProfile];
      const seen = Math.floor(options.clock.now() / 1000);
      return {
        status: 200,
        body: {
          status: 'success',
          record: {
            ...(profile.email === undefined ? {} : { email: profile.email }),
            profileData: {},
            events: profile.hasEvents ? { 'App Launched': { count: 1, first_seen: seen, last_seen: seen } } : {},
            platformInfo: profile.guids.map((objectId) => ({ platform: 'Android', objectId })),
          },
        },
      };
    }
    return fail(400, 'Sending identity, email or objectId is mandatory');
  }

  const server = await createVendorServer({
    ...options,
    name: 'CleverTap',
    handle,
    memory: account,
  });
  return { ...server, ...account, credentials: cleverTapSandboxCredentials, settings };
}

const readableBy = [
  ['identity', 'identity'],
  ['email', 'email'],
  ['objectId', 'guid'],
] as const;

const success: VendorReply = { status: 200, body: { status: 'success' } };

function fail(code: number, error: string): VendorReply {
  return { status: code, body: { status: 'fail', error, code } };
}

const methodNotAllowed = fail(405, 'Method not allowed');

const troubleWithoutCode: VendorReply = {
  status: 200,
  body: { status: 'fail', error: 'Server Error. Please retry later' },
};

const absentReplies: Record<CleverTapSettings['absentProfile'], VendorReply> = {
  'null-record': { status: 200, body: { status: 'success', record: null } },
  'fail-with-200': { status: 200, body: { status: 'fail', error: 'Profile not found', code: 404 } },
  'fail-without-code': { status: 200, body: { status: 'fail', error: 'Profile not found' } },
  'not-found': fail(404, 'Profile not found'),
};

function partial(ids: readonly string[]): VendorReply {
  const record = ids.at(-1);
  const unprocessed = [{ status: 'fail', code: 500, error: 'Request could not be processed', record }];
  return { status: 200, body: { status: 'partial', processed: ids.length - 1, unprocessed } };
}

function refusal({ headers }: VendorRequest): VendorReply | undefined {
  if (headers['x-clevertap-account-id'] !== cleverTapSandboxCredentials.accountId) {
    return fail(401, 'Account ID is not valid');
  }
  if (headers['x-clevertap-passcode'] !== cleverTapSandboxCredentials.passcode) return fail(401, 'Invalid Credentials');
  return undefined;
}

/** The checks and texts of the vendor's error table; only the one about other things than texts is our own. */
function parseDeletePayload(request: VendorRequest): VendorReply | { key: CleverTapKey; ids: string[] } {
  const payload = asRecord(request.json());
  if (payload === undefined) return fail(400, 'Payload is mandatory');
  const { identity, guid } = payload;
  if (identity === undefined && guid === undefined) {
    return fail(400, 'Sending either identities or guids in payload is mandatory');
  }
  if ([identity, guid].every((ids) => ids === undefined || (Array.isArray(ids) && ids.length === 0))) {
    return fail(400, 'Invalid payload. Empty payload is not allowed.');
  }
  if (identity !== undefined && guid !== undefined) {
    return fail(400, 'Invalid payload. Received both guid and identity. Only one of them is allowed.');
  }
  const key = identity === undefined ? 'guid' : 'identity';
  const given: unknown = payload[key];
  const ids: unknown[] = Array.isArray(given) ? given : [given];
  if (ids.length > maxIdsPerRequest) {
    return fail(400, `Invalid payload. Max 100 ${key === 'guid' ? 'guids' : 'identities'} allowed per request.`);
  }
  const texts = ids.filter((id) => typeof id === 'string' && id !== '').map(String);
  if (texts.length < ids.length) return fail(400, 'Invalid payload. Only texts are allowed.');
  return { key, ids: texts };
}
