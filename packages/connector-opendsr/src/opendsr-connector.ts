import {
  type CallOptions,
  type CancelOutcome,
  ConnectorError,
  type DeletionConnector,
  type Receipt,
  type SubmitOutcome,
  type Target,
} from '@expunge/core';
import type { RawHttpResponse } from '@expunge/http-client';
import { z } from 'zod';
import { checkOpenDsrAccess } from './check-opendsr-access.ts';
import { createOpenDsrCall, type OpenDsrCollaborators, vendor } from './opendsr-call.ts';
import { openDsrCapabilities } from './opendsr-capabilities.ts';
import { isConflict, notCalled, openDsrError } from './opendsr-error.ts';
import { createExchange } from './opendsr-exchange.ts';
import { targetOf, targetsByType, wireIdentities } from './opendsr-identities.ts';
import { clockMissing, type OpenDsrOptions, parseOpenDsrOptions } from './opendsr-options.ts';
import { createProcessorReader } from './opendsr-processor.ts';
import { possibleRequestIds, requestIdOf } from './opendsr-request-id.ts';
import { readCreated } from './read-created.ts';
import { unsupportedIdentities } from './unsupported-identities.ts';

/** A connector for an OpenDSR processor, which can also fetch what callbacks are verified with. */
export interface OpenDsrConnector extends DeletionConnector {
  /**
   * Fetches the processor's certificate for `verifyCallback`, after checking it. It may be kept as long as it is valid.
   *
   * @returns PEM, the signing certificate first.
   * @throws ConnectorError `setup-wrong` where signatures are off or the certificate is not to be trusted.
   */
  readCertificate(options?: CallOptions): Promise<string>;
}

const receiptSchema = z.object({ subjectRequestId: z.uuid() });

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * Asks an OpenDSR 2.0 processor to erase people: one request a person, with all identities that the options name.
 *
 * Replies count only when they are proven to be the processor's (option `signatures`).
 *
 * @param collaborators - `now` is needed: `{ now: Date.now }`.
 * @throws OptionsError naming every wrong key.
 */
export function createOpenDsrConnector(
  options: OpenDsrOptions,
  collaborators: OpenDsrCollaborators = {},
): OpenDsrConnector {
  const settings = parseOpenDsrOptions(options);
  const now = collaborators.now ?? clockMissing();
  const call = createOpenDsrCall(settings, collaborators.dispatcher);
  const reader = createProcessorReader(settings, call, now);
  const exchange = createExchange({ settings, call, reader, now });
  const idScope = { secret: settings.requestIdSecret, baseUrl: settings.baseUrl };
  const receiptOf = (id: string): Receipt => ({ subjectRequestId: id });

  /** What a refusal of a new request comes to. The request may be there all the same: taken earlier in this minute. */
  async function afterRefusal(response: RawHttpResponse, id: string, callOptions: CallOptions): Promise<SubmitOutcome> {
    const refusal = openDsrError(response, settings);
    const hasConflict = isConflict(response, settings);
    if (!hasConflict && refusal.code !== 'request-rejected') throw refusal;
    const state = await exchange.stateOf(id, callOptions);
    switch (state?.state) {
      case 'pending':
      case 'unknown':
        return { type: 'accepted', receipt: receiptOf(id) };
      case 'deleted':
      case 'partial':
      case 'cancelled':
        // An earlier request of this very minute that has ended. A minute later the next one has an id of its own.
        return { type: 'deferred', reason: 'conflict', retryAfterMs: minuteMs };
      case undefined:
        // The processor works on another request for the same identities; once that has ended, it takes this one.
        if (hasConflict) return { type: 'deferred', reason: 'conflict', retryAfterMs: dayMs };
        throw refusal;
    }
  }

  async function submitOne(target: Target, callOptions: CallOptions): Promise<SubmitOutcome> {
    const identities = wireIdentities(target, settings.identities);
    if (identities === undefined) return rejected('unsupported', typesNotConfigured);
    if (
      settings.dialect.identities === 'by-type' &&
      new Set(identities.map(({ identity_type }) => identity_type)).size < identities.length
    ) {
      return rejected('not-addressable', 'A request holds one identity of a type, and this target has several.');
    }
    if (!identities.every(({ identity_value: value }) => value.isWellFormed())) {
      return rejected('not-addressable', 'An identity holds half a character, which no JSON can carry as it is.');
    }
    // Before anything else: `recover` looks from the time on at which the caller began.
    const at = now();
    const request = { id: requestIdOf(idScope, target, at), submittedAt: new Date(at).toISOString(), identities };
    const processor = await exchange.lookUp(callOptions);
    const unsupported = unsupportedIdentities(processor.discovery, identities);
    if (unsupported !== undefined) return rejected('unsupported', `${unsupported} Nothing was sent.`);
    const response = await exchange.create(request, processor, callOptions);
    if (response.status === 201) return readCreated(response, request);
    return afterRefusal(response, request.id, callOptions);
  }

  return {
    specVersion: 'v1',
    vendor,
    operation: 'erasure',
    capabilities: openDsrCapabilities(settings),

    targetsOf(subject) {
      const { identities, dialect } = settings;
      if (dialect.identities === 'by-type') return targetsByType(subject.identifiers, identities);
      return [targetOf(subject.identifiers, identities) ?? []].flat();
    },

    async submit(targets, callOptions = {}) {
      const [target, ...others] = targets;
      if (target === undefined) return [];
      if (others.length > 0) throw notCalled('request-too-large', 'An OpenDSR request is about one person.');
      return [await submitOne(target, callOptions)];
    },

    async check(receipt, _targets, callOptions = {}) {
      try {
        const state = await exchange.stateOf(requestOf(receipt), callOptions);
        return state ?? { state: 'lost', vendorStatus: 'unknown-request' };
      } catch (error) {
        // What a processor answers about a request that it does not know is documented for two of them only.
        if (ConnectorError.isInstance(error) && error.code === 'request-rejected' && error.httpStatus === 400) {
          return { state: 'unknown', vendorStatus: 'HTTP-400', reason: questionRefused };
        }
        throw error;
      }
    },

    async cancel(receipt, _targets, callOptions = {}): Promise<CancelOutcome> {
      const id = requestOf(receipt);
      const refusal = await exchange.cancel(id, callOptions);
      if (refusal !== undefined && refusal.code !== 'request-rejected' && refusal.code !== 'setup-wrong') throw refusal;
      // Accepted is not cancelled, and a refusal does not say why: how the request stands now decides.
      const state = await exchange.stateOf(id, callOptions);
      if (state?.state === 'cancelled') return { type: 'cancelled' };
      const hasBegun = state?.state === 'pending' && state.canCancel === false;
      if (state?.state === 'deleted' || state?.state === 'partial' || hasBegun) return { type: 'too-late' };
      throw refusal ?? cancellationUnclear();
    },

    async recover(targets, since, callOptions = {}) {
      const [target, ...others] = targets;
      if (target === undefined || others.length > 0) return undefined;
      const sentAt = Date.parse(since);
      if (Number.isNaN(sentAt)) throw notCalled('request-rejected', '`since` is no time.');
      for (const id of possibleRequestIds(idScope, target, sentAt)) {
        const state = await exchange.stateOf(id, callOptions);
        // One that was called back is not the one that was just sent: that would have to be sent anew in any case.
        if (state !== undefined && state.state !== 'cancelled') return receiptOf(id);
      }
      return undefined;
    },

    checkAccess: (callOptions = {}) => checkOpenDsrAccess({ settings, call, reader, exchange }, callOptions),

    async readCertificate(callOptions = {}) {
      if (settings.signatures === 'off') throw notCalled('setup-wrong', "Signatures are 'off' in the options.");
      return (await exchange.lookUp(callOptions)).pem;
    },
  };
}

const questionRefused =
  'The processor refuses the question about the request, and does not say whether it knows it. Ask the processor.';

const typesNotConfigured =
  'The person has an identity of a type that the option `identities` does not name. A request without it would leave that part out.';

function rejected(reason: 'unsupported' | 'not-addressable', message: string): SubmitOutcome {
  return { type: 'rejected', reason, message };
}

function requestOf(receipt: Receipt): string {
  const known = receiptSchema.safeParse(receipt);
  if (!known.success) throw notCalled('request-rejected', 'This is not a receipt of an OpenDSR request.');
  return known.data.subjectRequestId;
}

function cancellationUnclear(): ConnectorError {
  const message =
    'The processor took the cancellation and does not call the request cancelled: whether it will be is open.';
  return new ConnectorError({ code: 'response-unexpected', vendor, message });
}
