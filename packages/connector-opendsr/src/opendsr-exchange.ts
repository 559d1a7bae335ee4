import type { CallOptions } from '@expunge/core';
import { expectSame, parseResponse, type RawHttpResponse } from '@expunge/http-client';
import type { z } from 'zod';
import { signatureFault } from './check-signature.ts';
import { mapOpenDsrStatus, withForwards } from './map-opendsr-status.ts';
import {
  cancelledSchema,
  cancelRequest,
  createRequest,
  getRequest,
  type NewRequest,
  statusSchema,
} from './opendsr-api.ts';
import { type OpenDsrCall, vendor } from './opendsr-call.ts';
import { beforeSending, isUnknownRequest, openDsrError, unprovenAnswer } from './opendsr-error.ts';
import type { OpenDsrSettings } from './opendsr-options.ts';
import type { OpenDsrProcessor, ProcessorReader } from './opendsr-processor.ts';

/** How a request stands at the processor. Undefined: it knows of none with that id. */
export type RequestState = ReturnType<typeof withForwards> | undefined;

/** The calls about requests, whose answers are verified before they are read. */
export interface OpenDsrExchange {
  /** What is known of the processor. A failure means that nothing was sent. */
  lookUp(callOptions: CallOptions): Promise<OpenDsrProcessor>;
  /** Sends a new request. A 201 comes back verified; every other answer as it is. */
  create(request: NewRequest, processor: OpenDsrProcessor, callOptions: CallOptions): Promise<RawHttpResponse>;
  /** Asks how a request stands. */
  stateOf(id: string, callOptions: CallOptions): Promise<RequestState>;
  /** Calls a request back. Gives the refusal where the processor refuses. */
  cancel(id: string, callOptions: CallOptions): Promise<ReturnType<typeof openDsrError> | undefined>;
  /** Throws unless an answer is proven to be the processor's. */
  requireSigned(response: RawHttpResponse, processor: OpenDsrProcessor, callOptions: CallOptions): Promise<void>;
}

/** What the calls are made with. */
export interface ExchangeParts {
  readonly settings: OpenDsrSettings;
  readonly call: OpenDsrCall;
  readonly reader: ProcessorReader;
  readonly now: () => number;
}

/** Binds the calls of one connector to its settings. */
export function createExchange({ settings, call, reader, now }: ExchangeParts): OpenDsrExchange {
  async function lookUp(callOptions: CallOptions): Promise<OpenDsrProcessor> {
    try {
      return await reader.read(callOptions);
    } catch (error) {
      throw beforeSending(error);
    }
  }

  const faultOf = (response: RawHttpResponse, { certificates }: OpenDsrProcessor) =>
    signatureFault(response, {
      processorDomains: settings.processorDomains,
      certificates,
      authorities: settings.authorities,
      now: now(),
    });

  async function requireSigned(
    response: RawHttpResponse,
    processor: OpenDsrProcessor,
    callOptions: CallOptions,
  ): Promise<void> {
    if (settings.signatures === 'off') return;
    const fault = faultOf(response, processor);
    if (fault === undefined) return;
    if (fault.reason === 'domain-foreign') throw unprovenAnswer(fault);
    // The processor may have changed its certificate since it was read. Whatever fails here leaves the first fault standing.
    const renewed = await reader.reload(callOptions).catch(() => undefined);
    const faultThen = renewed === undefined ? fault : faultOf(response, renewed);
    if (faultThen !== undefined) throw unprovenAnswer(faultThen);
  }

  /** Without signatures there is nothing to look up. */
  const lookUpForSignature = (callOptions: CallOptions) =>
    settings.signatures === 'off' ? undefined : lookUp(callOptions);

  async function readSigned<Schema extends z.ZodType<{ subject_request_id: string }>>(
    response: RawHttpResponse,
    schema: Schema,
    asked: { readonly id: string; readonly what: string },
    callOptions: CallOptions,
    processor: OpenDsrProcessor | undefined,
  ): Promise<z.output<Schema>> {
    if (processor !== undefined) await requireSigned(response, processor, callOptions);
    const answer = parseResponse(response, schema, { vendor, what: asked.what });
    expectSameRequest(answer.subject_request_id, asked);
    return answer;
  }

  return {
    lookUp,
    requireSigned,

    async create(request, processor, callOptions) {
      const response = await call(createRequest(settings, request), callOptions);
      if (response.status === 201) await requireSigned(response, processor, callOptions);
      return response;
    },

    async stateOf(id, callOptions) {
      const processor = await lookUpForSignature(callOptions);
      const response = await call(getRequest(settings, id), callOptions);
      if (isUnknownRequest(response, settings)) return undefined;
      if (response.status !== 200) throw openDsrError(response, settings);
      const asked = { id, what: 'the status of the request' };
      const answer = await readSigned(response, statusSchema, asked, callOptions, processor);
      const outcome = mapOpenDsrStatus(answer.request_status, settings.dialectName);
      return settings.dialectName === 'mparticle-v3' ? withForwards(outcome, answer.extensions) : outcome;
    },

    async cancel(id, callOptions) {
      const processor = await lookUpForSignature(callOptions);
      const response = await call(cancelRequest(settings, id), callOptions);
      if (response.status !== 202) return openDsrError(response, settings);
      if (settings.dialect.cancelReply === 'json') {
        await readSigned(response, cancelledSchema, { id, what: 'the cancellation' }, callOptions, processor);
      } else if (processor !== undefined) {
        await requireSigned(response, processor, callOptions);
      }
      return undefined;
    },
  };
}

/** @throws ConnectorError `answer-contradictory` where a processor answers about another request than it was asked about. */
export function expectSameRequest(named: string, { id, what }: { readonly id: string; readonly what: string }): void {
  const fold = (uuid: string) => uuid.toLowerCase();
  expectSame(named, id, { vendor, what, field: 'subject_request_id', fold });
}
