import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';
import type { WireIdentity } from './opendsr-identities.ts';
import type { OpenDsrSettings } from './opendsr-options.ts';

/** What a new request says. */
export interface NewRequest {
  readonly id: string;
  /** RFC 3339. */
  readonly submittedAt: string;
  readonly identities: readonly WireIdentity[];
}

/** `POST /requests`: asks for the erasure of one person. */
export function createRequest(settings: OpenDsrSettings, request: NewRequest): HttpRequest {
  const { dialect, regulation, apiVersion, statusCallbackUrls, fields, extensions } = settings;
  const body = {
    ...fields,
    ...(dialect.namesRegulation ? { regulation } : {}),
    subject_request_id: request.id,
    subject_request_type: 'erasure',
    submitted_time: request.submittedAt,
    subject_identities: dialect.identities === 'by-type' ? byType(request.identities) : request.identities,
    ...(apiVersion === undefined ? {} : { api_version: apiVersion }),
    ...(statusCallbackUrls.length === 0 ? {} : { status_callback_urls: statusCallbackUrls }),
    ...(extensions === undefined ? {} : { extensions }),
  };
  return {
    method: 'POST',
    url: `${settings.baseUrl}/${dialect.requestsPath}`,
    headers: { ...headersOf(settings), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

// mParticle's version 3 calls the format an encoding.
function byType(identities: readonly WireIdentity[]): object {
  return Object.fromEntries(
    identities.map(({ identity_type, identity_value, identity_format }) => [
      identity_type,
      { value: identity_value, encoding: identity_format },
    ]),
  );
}

/** `GET /requests/{subject_request_id}`: how a request stands. */
export function getRequest(settings: OpenDsrSettings, id: string): HttpRequest {
  return { method: 'GET', url: requestUrl(settings, id), headers: headersOf(settings) };
}

/** `DELETE /requests/{subject_request_id}`: calls a request back that is still pending. */
export function cancelRequest(settings: OpenDsrSettings, id: string): HttpRequest {
  return { method: 'DELETE', url: requestUrl(settings, id), headers: headersOf(settings) };
}

/** `GET /discovery`: what the processor can do, and where its certificate is. */
export function getDiscovery(settings: OpenDsrSettings): HttpRequest {
  return { method: 'GET', url: `${settings.baseUrl}/discovery`, headers: headersOf(settings) };
}

/** The certificate's own address. Credentials go along only to where all other calls go. */
export function getCertificate(settings: OpenDsrSettings, url: string): HttpRequest {
  const isSameOrigin = new URL(url).origin === new URL(settings.baseUrl).origin;
  return { method: 'GET', url, headers: isSameOrigin ? authorization(settings) : {} };
}

/** The answer to a new request. */
export const createdSchema = z.object({
  subject_request_id: z.string(),
  expected_completion_time: z.string().nullish(),
  /** Base64 of what was sent. It names the person: compared, and never kept. */
  encoded_request: z.string().nullish(),
});

/** What became of an erasure at a partner whom mParticle forwards it to. */
const forwardSchema = z.object({
  domain: z.string().regex(/^[\w.-]{1,100}$/),
  status: z.string().regex(/^[\w-]{1,64}$/),
});

/** The answer about a request. */
export const statusSchema = z.object({
  subject_request_id: z.string(),
  request_status: z.string(),
  extensions: z.array(forwardSchema).nullish().catch(undefined),
});

/** How erasures stand that were forwarded. */
export type Forwards = z.output<typeof statusSchema>['extensions'];

/** The answer to a cancellation. */
export const cancelledSchema = z.object({ subject_request_id: z.string() });

/** The answer of the discovery. AppsFlyer documents the request types as a text. */
export const discoverySchema = z.object({
  api_version: z.string().nullish(),
  supported_identities: z.array(z.object({ identity_type: z.string(), identity_format: z.string() })),
  supported_subject_request_types: z.union([z.array(z.string()), z.string().transform((word) => [word])]),
  processor_certificate: z.string().nullish(),
});

/** What a processor says about itself. */
export type Discovery = z.output<typeof discoverySchema>;

const errorSchema = z.object({ code: z.number().int(), af_gdpr_code: z.string().nullish() });

/** A refusal: as the specification has it, or without the object around it, as mParticle writes it. */
export const refusalSchema = z.union([z.object({ error: errorSchema }).transform(({ error }) => error), errorSchema]);

/** The body of a callback. */
export const callbackSchema = statusSchema.extend({ status_callback_url: z.string() });

function requestUrl(settings: OpenDsrSettings, id: string): string {
  return `${settings.baseUrl}/${settings.dialect.requestsPath}/${encodeURIComponent(id)}`;
}

function headersOf(settings: OpenDsrSettings): Record<string, string> {
  return { accept: 'application/json', ...authorization(settings) };
}

function authorization({ auth }: OpenDsrSettings): Record<string, string> {
  switch (auth.type) {
    case 'bearer':
      return { authorization: `Bearer ${auth.token}` };
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` };
    case 'header':
      return { [auth.name]: auth.value };
    case 'none':
      return {};
  }
}
