import {
  type CallOptions,
  ConnectorError,
  type DeletionConnector,
  notCalled,
  type Receipt,
  type SubmitOutcome,
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
  accountSchema,
  canBeInPath,
  createDeletion,
  deletionSchema,
  deletionTakenSchema,
  getAccount,
  getDeletion,
  getUser,
  userSchema,
} from './acme-api.ts';
import { acmeCapabilities } from './acme-capabilities.ts';
import { acmeError, refusalOf } from './acme-error.ts';
import { type AcmeOptions, parseAcmeOptions } from './acme-options.ts';
import { mapAcmeStatus } from './map-acme-status.ts';

const vendor = 'acme';

/**
 * Deletes people at Acme by user id.
 *
 * @throws OptionsError naming every wrong key.
 */
export function createAcmeConnector(
  options: AcmeOptions,
  collaborators: { readonly dispatcher?: NonNullable<SendOptions['dispatcher']> } = {},
): DeletionConnector {
  const settings = parseAcmeOptions(options);
  const capabilities = acmeCapabilities(settings);
  const { dispatcher } = collaborators;

  function send(request: HttpRequest, call: CallOptions): Promise<HttpResponse> {
    return sendRequest(request, { vendor, dispatcher, call, timeoutMs: settings.timeoutMs });
  }

  return {
    specVersion: 'v1',
    vendor,
    operation: 'user',
    capabilities,

    targetsOf({ identifiers }) {
      const ids = new Set(identifiers.filter(({ type }) => type === 'user_id').map(({ value }) => value));
      return [...ids].map((value) => ({ type: 'user_id', value }));
    },

    async submit(targets, call = {}): Promise<readonly SubmitOutcome[]> {
      refuseMoreThan(capabilities.limits.submit.maxTargets, targets.length);
      const ids = targets.filter(({ type }) => type === 'user_id').map(({ value }) => value);
      if (ids.length === 0) return targets.map(() => notSupported);
      const response = await send(createDeletion(settings, ids), call);
      // The body decides: Acme refuses with HTTP 200 too.
      if (response.status !== 200 || refusalOf(response) !== undefined) throw acmeError(response);
      const taken = parseResponse(response, deletionTakenSchema, { vendor, what: 'the deletion' });
      const unknown = new Set(taken.unknown);
      return targets.map(({ type, value }): SubmitOutcome => {
        if (type !== 'user_id') return notSupported;
        if (unknown.has(value)) return { type: 'absent', vendorStatus: 'unknown' };
        return { type: 'accepted', receipt: { job: taken.job } };
      });
    },

    async check(receipt, _targets, call = {}) {
      const response = await send(getDeletion(settings, jobOf(receipt)), call);
      // Acme forgets a deletion after 30 days. A 404 without this word comes from somewhere else.
      if (response.status === 404 && refusalOf(response) === 'unknown_job') {
        return { state: 'lost', vendorStatus: 'unknown_job' };
      }
      if (response.status !== 200) throw acmeError(response);
      return mapAcmeStatus(parseResponse(response, deletionSchema, { vendor, what: 'the state' }).state);
    },

    async verify(targets, call = {}): Promise<readonly VerifyOutcome[]> {
      refuseMoreThan(1, targets.length);
      const [target] = targets;
      if (target === undefined) return [];
      if (target.type !== 'user_id' || !canBeInPath(target.value)) {
        return [{ type: 'unknown', reason: 'Acme can’t be asked for this identifier.' }];
      }
      const response = await send(getUser(settings, target.value), call);
      if (response.status === 404 && refusalOf(response) === 'unknown_user') return [{ type: 'absent' }];
      if (response.status !== 200) throw acmeError(response);
      const { user } = parseResponse(response, userSchema, { vendor, what: 'the user' });
      if (user.id === target.value) return [{ type: 'present' }];
      const message = 'Acme answered about another person than was asked for.';
      throw new ConnectorError({ code: 'answer-contradictory', vendor, message });
    },

    async checkAccess(call = {}) {
      const response = await send(getAccount(settings), call);
      if (response.status !== 200 || refusalOf(response) !== undefined) throw acmeError(response);
      parseResponse(response, accountSchema, { vendor, what: 'the account' });
      return {
        proven: ['The API key can read the account.'],
        unproven: ['Whether the key has the role "privacy" shows only at the first deletion.'],
      };
    },
  };
}

const notSupported: SubmitOutcome = {
  type: 'rejected',
  reason: 'unsupported',
  message: 'Acme deletes by user_id only.',
};

/** A receipt comes from the caller's storage, and may be of another connector. */
function jobOf({ job }: Receipt): string {
  if (typeof job === 'string') return job;
  throw notCalled(vendor, 'request-rejected', 'The receipt is not one of an Acme deletion.');
}

function refuseMoreThan(maxTargets: number, count: number): void {
  if (count <= maxTargets) return;
  const message = `Acme takes ${maxTargets} people in one call, and these are ${count}. Nothing was sent.`;
  throw new ConnectorError({ code: 'request-too-large', vendor, message });
}
