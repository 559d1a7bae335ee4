import {
  type AccessReport,
  type CallOptions,
  ConnectorError,
  type DeletionConnector,
  notCalled,
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
import { type CleverTapIdentifier, deleteProfiles, getProfile, replySchema } from './clevertap-api.ts';
import { cleverTapCapabilities } from './clevertap-capabilities.ts';
import { cleverTapError } from './clevertap-error.ts';
import { type CleverTapOptions, type CleverTapSettings, parseCleverTapOptions } from './clevertap-options.ts';
import { mapCleverTapStatus } from './map-clevertap-status.ts';
import { expectDevice, readProfile } from './read-clevertap-profile.ts';

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
      call,
      timeoutMs: settings.timeoutMs,
    });
  }

  // How this account answers for somebody who does not exist. Asked once: an absence looks the same, and nothing else does.
  let knownSign: string | undefined;
  // The same, asked right after somebody was shown: at that moment there was no trouble, and the address was right.
  let signBesideSomebody: string | undefined;
  async function signOfNobody(call: CallOptions): Promise<string | undefined> {
    if (knownSign !== undefined) return knownSign;
    const response = await send(getProfile(settings, 'identity', inventedIdentity), call);
    const reading = readProfile(response, inventedIdentity, settings);
    if (reading.type === 'present') {
      const message =
        'CleverTap shows a profile for an identity that was made up: its answers about others prove nothing.';
      throw new ConnectorError({ code: 'answer-contradictory', vendor: 'clevertap', message });
    }
    if (reading.type === 'nothing') knownSign = reading.sign;
    return knownSign;
  }

  async function learnSign(call: CallOptions): Promise<void> {
    if (signBesideSomebody !== undefined) return;
    knownSign = undefined;
    try {
      signBesideSomebody = await signOfNobody(call);
    } catch (error) {
      // The read itself went well, and the next one is another occasion.
      if (!ConnectorError.isInstance(error) || error.code === 'answer-contradictory') throw error;
    }
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
      const reading = readProfile(await send(getProfile(settings, type, value), call), value, settings);
      switch (reading.type) {
        case 'present':
          await learnSign(call);
          return [type === 'guid' ? presentByGuid(value, reading.guids) : { type: 'present' }];
        case 'nothing':
          if (reading.mayBeTrouble === true && signBesideSomebody === undefined) return [unproven];
          return [reading.sign === (await signOfNobody(call)) ? { type: 'absent' } : unlikeNobody];
        case 'unclear':
          return [unclear];
      }
    },

    async checkAccess(call = {}): Promise<AccessReport> {
      // Preferred to /v1/connect: the same headers and host as the deletion, a documented answer, and nothing is set up.
      await signOfNobody(call);
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

/** A person may have several devices. Only where this is the one does its absence mean that the person is gone. */
function presentByGuid(asked: string, guids: readonly string[] | undefined): VerifyOutcome {
  if (guids !== undefined) expectDevice(guids, asked);
  return guids?.length === 1 ? { type: 'present' } : { type: 'present', covers: 'identifier' };
}

const unlikeNobody: VerifyOutcome = {
  type: 'unknown',
  reason: 'CleverTap shows no profile, and does not answer as it does for an identity that was made up.',
};

const unproven: VerifyOutcome = {
  type: 'unknown',
  reason: 'CleverTap refused the look-up in a way that may mean trouble or a wrong address, and has shown nobody yet.',
};

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
  throw notCalled(
    'clevertap',
    'request-too-large',
    `${targets.length} targets are more than the ${maxTargets} of one call.`,
  );
}

function requireOneType(targets: readonly Target[], { type }: Target): string {
  if (targets.every((target) => target.type === type)) return type;
  throw notCalled('clevertap', 'request-rejected', 'CleverTap takes identities or guids in one call, not both.');
}
