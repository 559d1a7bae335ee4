import {
  type AccessReport,
  type CallOptions,
  type DeletionConnector,
  notCalled,
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
import { deleteUsers, deletionTakenSchema, exportNobody, exportSchema, exportUsers } from './braze-api.ts';
import { brazeCapabilities } from './braze-capabilities.ts';
import { brazeError } from './braze-error.ts';
import { type BrazeOptions, parseBrazeOptions } from './braze-options.ts';
import { outcomeOfCount, outcomesOfExport } from './read-braze-answer.ts';

const vendor = 'braze';

/**
 * Deletes people at Braze.
 *
 * @throws OptionsError naming every wrong key.
 */
export function createBrazeConnector(
  options: BrazeOptions,
  collaborators: { readonly dispatcher?: NonNullable<SendOptions['dispatcher']> } = {},
): DeletionConnector {
  const settings = parseBrazeOptions(options);
  const capabilities = brazeCapabilities(settings);
  const { dispatcher } = collaborators;
  const { identifier } = settings;

  async function send(request: HttpRequest, call: CallOptions): Promise<HttpResponse> {
    const response = await sendRequest(request, { vendor, dispatcher, call, timeoutMs: settings.timeoutMs });
    // Which 2XX means success is not documented. It lets the body speak, which alone decides.
    if (response.status < 200 || response.status > 299) throw brazeError(response);
    return response;
  }

  return {
    specVersion: 'v1',
    vendor,
    operation: 'user',
    capabilities,

    targetsOf({ identifiers }) {
      const ids = new Set(identifiers.filter(({ type }) => type === identifier).map(({ value }) => value));
      return [...ids].map((value) => ({ type: identifier, value }));
    },

    async submit(targets, call = {}): Promise<readonly SubmitOutcome[]> {
      refuseMoreThan(capabilities.limits.submit.maxTargets, targets.length);
      // Each id once: how Braze counts equal ones is not documented, and the count is all that it tells.
      const ids = new Set(targets.filter(({ type }) => type === identifier).map(({ value }) => value));
      if (ids.size === 0) return targets.map(() => notSupported);
      const response = await send(deleteUsers(settings, [...ids]), call);
      const { deleted } = parseResponse(response, deletionTakenSchema, { vendor, what: 'the deletion' });
      const outcome = outcomeOfCount(deleted, ids.size);
      return targets.map(({ type }) => (type === identifier ? outcome : notSupported));
    },

    async verify(targets, call = {}): Promise<readonly VerifyOutcome[]> {
      refuseMoreThan(capabilities.limits.verify?.maxTargets ?? 1, targets.length);
      const usable = targets.filter(({ type }) => type === identifier);
      if (usable.length === 0) return targets.map(() => notReadable);
      const ids = new Set(usable.map(({ value }) => value));
      const response = await send(exportUsers(settings, [...ids]), call);
      const shown = parseResponse(response, exportSchema, { vendor, what: 'the export' });
      const outcomes = outcomesOfExport(usable, shown, settings);
      return targets.map((target) => outcomes[usable.indexOf(target)] ?? notReadable);
    },

    async checkAccess(call = {}): Promise<AccessReport> {
      const response = await send(exportNobody(settings), call);
      parseResponse(response, exportSchema, { vendor, what: 'the export of nobody' });
      return {
        proven: ['The API key may read profiles of the workspace (users.export.ids).'],
        unproven: ['Whether the key may delete (users.delete) shows only at the first deletion.'],
      };
    },
  };
}

const notSupported: SubmitOutcome = {
  type: 'rejected',
  reason: 'unsupported',
  message: 'This connector deletes at Braze by the kind of identifier that its option "identifier" says, and no other.',
};

const notReadable: VerifyOutcome = {
  type: 'unknown',
  reason: 'This connector reads at Braze by the kind of identifier that its option "identifier" says, and no other.',
};

function refuseMoreThan(maxTargets: number, count: number): void {
  if (count <= maxTargets) return;
  const message = `At most ${maxTargets} people go into this call to Braze, and these are ${count}.`;
  throw notCalled(vendor, 'request-too-large', message);
}
