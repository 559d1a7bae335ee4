import {
  type AccessReport,
  type CallOptions,
  type CheckOutcome,
  ConnectorError,
  type DeletionConnector,
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
  accessSchema,
  deletePeople,
  deletionSchema,
  deletionTakenSchema,
  getAccess,
  getDeletion,
  getPerson,
  personSchema,
} from './acme-api.ts';
import { acmeCapabilities } from './acme-capabilities.ts';
import { acmeError } from './acme-error.ts';
import { type AcmeOptions, parseAcmeOptions } from './acme-options.ts';
import { mapAcmeStatus } from './map-acme-status.ts';
import { unfinished } from './unfinished.ts';

const vendor = 'acme';

/**
 * Deletes people at Acme.
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
  const types = new Set(capabilities.identifiers.map(({ type }) => type));

  function send(request: HttpRequest, call: CallOptions): Promise<HttpResponse> {
    return sendRequest(request, { vendor, dispatcher, call, timeoutMs: settings.timeoutMs });
  }

  return {
    specVersion: 'v1',
    vendor,
    operation: unfinished('what this deletion is called in reports: user, profile, gdpr (guide: The contract)'),
    capabilities,

    targetsOf({ identifiers }) {
      const usable = identifiers.filter(({ type }) => types.has(type));
      return [...new Map(usable.map(({ type, value }) => [JSON.stringify([type, value]), { type, value }])).values()];
    },

    async submit(targets, call = {}): Promise<readonly SubmitOutcome[]> {
      refuseMoreThan(capabilities.limits.submit.maxTargets, targets.length);
      if (targets.length === 0) return [];
      return unfinished(
        'send deletePeople(); success by the body, else throw acmeError(); one outcome per target, in order (guide: The connector)',
        ...[call, send, deletePeople, deletionTakenSchema, parseResponse, acmeError],
      );
    },

    async check(receipt, _targets, call = {}): Promise<CheckOutcome> {
      return unfinished(
        'send getDeletion(), and map its state; delete check() if Acme tells no states (guide: The connector)',
        ...[receipt, call, getDeletion, deletionSchema, mapAcmeStatus],
      );
    },

    async verify(targets, call = {}): Promise<readonly VerifyOutcome[]> {
      refuseMoreThan(capabilities.limits.verify?.maxTargets ?? 1, targets.length);
      if (targets.length === 0) return [];
      return unfinished(
        'send getPerson(); absent only by Acme’s own word; delete verify() if Acme shows nobody (guide: The connector)',
        ...[call, getPerson, personSchema],
      );
    },

    async checkAccess(call = {}): Promise<AccessReport> {
      return unfinished(
        'send getAccess(); say what it proves and what it does not (guide: The connector)',
        call,
        getAccess,
        accessSchema,
      );
    },
  };
}

function refuseMoreThan(maxTargets: number, count: number): void {
  if (count <= maxTargets) return;
  const message = `Acme takes ${maxTargets} people in one call, and these are ${count}. Nothing was sent.`;
  throw new ConnectorError({ code: 'request-too-large', vendor, message });
}
