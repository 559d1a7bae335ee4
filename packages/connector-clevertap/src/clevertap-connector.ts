import {
  type AccessReport,
  type CallOptions,
  ConnectorError,
  type ConnectorErrorCode,
  type DeletionConnector,
  type SubmitOutcome,
  type Target,
  type VerifyOutcome,
} from '@expunge/core';
import {
  type HttpRequest,
  type HttpResponse,
  parseResponse,
  type SendOptions,
  sendRequest,
} from '@expunge/http-client';
import {
  type CleverTapIdentifier,
  deleteProfiles,
  getProfile,
  profileReplySchema,
  replySchema,
} from './clevertap-api.ts';
import { cleverTapCapabilities } from './clevertap-capabilities.ts';
import { cleverTapError, readRefusal } from './clevertap-error.ts';
import { type CleverTapOptions, type CleverTapSettings, parseCleverTapOptions } from './clevertap-options.ts';
import { mapCleverTapStatus } from './map-clevertap-status.ts';

// Nobody's identity. A deletion is never sent for it; it is only looked up.
const inventedIdentity = 'expunge-access-check-nobody';

const accepted: SubmitOutcome = { type: 'accepted' };

/**
 * Deletes profiles at CleverTap by identity or guid.
 *
 * CleverTap queues a deletion and never says when it is done: completion is known by time and by reading back.
 *
 * @throws OptionsError naming every wrong key.
 */
export function createCleverTapConnector(
  options: CleverTapOptions,
  collaborators: { readonly dispatcher?: NonNullable<SendOptions['dispatcher']> } = {},
): DeletionConnector {
  const settings = parseCleverTapOptions(options);

  function send(request: HttpRequest, call: CallOptions): Promise<HttpResponse> {
    const { dispatcher } = collaborators;
    return sendRequest(request, {
      vendor: 'clevertap',
      dispatcher,
      signal: call.signal,
      timeoutMs: settings.timeoutMs,
    });
  }

  return {
    specVersion: 'v1',
    vendor: 'clevertap',
    operation: 'profile',
    capabilities: cleverTapCapabilities(settings),

    targetsOf(subject) {
      const targets = new Map<string, Target>();
      for (const { type, value } of subject.identifiers) {
        if (isCleverTapIdentifier(type)) targets.set(`${type}:${value}`, { type, value });
      }
      return [...targets.values()];
    },

    async submit(targets, call = {}): Promise<readonly SubmitOutcome[]> {
      const [first] = targets;
      if (first === undefined) return [];
      requireRoom(targets, settings.limits.maxTargets);
      const type = requireOneType(targets, first);
      if (!isCleverTapIdentifier(type)) return targets.map(() => unsupported);
      // Whether CleverTap minds an id that is named twice in a call is not documented.
      const values = [...new Set(targets.map((target) => target.value))];
      const response = await send(deleteProfiles(settings, type, values), call);
      requireTaken(response, settings);
      // One verdict for the whole call: CleverTap neither counts nor names what it did not know.
      return targets.map(() => accepted);
    },

    async verify(targets, call = {}): Promise<readonly VerifyOutcome[]> {
      const [target] = targets;
      if (target === undefined) return [];
      requireRoom(targets, 1);
      const { type, value } = target;
      if (!isCleverTapIdentifier(type) || !value.isWellFormed()) {
        return [{ type: 'unknown', reason: 'CleverTap can’t be asked by this identifier.' }];
      }
      return [readProfile(await send(getProfile(settings, type, value), call), settings)];
    },

    async checkAccess(call = {}): Promise<AccessReport> {
      // Preferred to /v1/connect: the same headers and host as the deletion, a documented answer, and nothing is set up.
      readProfile(await send(getProfile(settings, 'identity', inventedIdentity), call), settings);
      return {
        proven: ['CleverTap answered the look-up of an invented profile without refusing account id and passcode.'],
        unproven: [
          'Whether the passcode may delete profiles shows only at the first deletion.',
          'Whether the people to be deleted live in this account: CleverTap accepts unknown identities silently.',
        ],
      };
    },
  };
}

function requireTaken(response: HttpResponse, settings: CleverTapSettings): void {
  if (response.status !== 200) throw cleverTapError(response, settings);
  const reply = parseResponse(response, replySchema, { vendor: 'clevertap', what: 'the deletion' });
  if (mapCleverTapStatus(reply.status) !== 'taken') throw cleverTapError(response, settings);
}

/**
 * What a profile read says. How CleverTap answers for a profile that it does not have is not documented: a success
 * without a record, a `fail` that gives no number, and a 404 of CleverTap's own are taken for it, and nothing else.
 */
function readProfile(response: HttpResponse, settings: CleverTapSettings): VerifyOutcome {
  const refusal = readRefusal(response);
  if (refusal !== undefined) {
    const status = response.status === 200 ? refusal.code : response.status;
    if (status === 404 || (status === undefined && !refusal.hasCode)) return { type: 'absent' };
    if (status === 400) return unclear;
    throw cleverTapError(response, settings);
  }
  if (response.status !== 200) throw cleverTapError(response, settings);
  const reply = parseResponse(response, profileReplySchema, { vendor: 'clevertap', what: 'the profile look-up' });
  if (mapCleverTapStatus(reply.status) !== 'taken') throw cleverTapError(response, settings);
  return Object.keys(reply.record ?? {}).length > 0 ? { type: 'present' } : { type: 'absent' };
}

const unclear: VerifyOutcome = {
  type: 'unknown',
  reason: 'CleverTap rejected the look-up (400), which does not say whether there is such a profile.',
};

const unsupported: SubmitOutcome = {
  type: 'rejected',
  reason: 'unsupported',
  message: 'CleverTap deletes by identity or guid only.',
};

function isCleverTapIdentifier(type: string): type is CleverTapIdentifier {
  return type === 'identity' || type === 'guid';
}

function requireRoom(targets: readonly Target[], maxTargets: number): void {
  if (targets.length <= maxTargets) return;
  throw notCalled('request-too-large', `${targets.length} targets are more than the ${maxTargets} of one call.`);
}

function requireOneType(targets: readonly Target[], { type }: Target): string {
  if (targets.every((target) => target.type === type)) return type;
  throw notCalled('request-rejected', 'CleverTap takes identities or guids in one call, not both.');
}

function notCalled(code: ConnectorErrorCode, message: string): ConnectorError {
  return new ConnectorError({ code, vendor: 'clevertap', message: `${message} Nothing was sent.` });
}
