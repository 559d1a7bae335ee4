import type { CheckOutcome, Receipt } from '@expunge/core';
import { readJson } from '@expunge/http-client';
import { signatureFault } from './check-signature.ts';
import { mapOpenDsrStatus } from './map-opendsr-status.ts';
import { callbackSchema } from './opendsr-api.ts';
import type { OpenDsrDialectName } from './opendsr-dialect.ts';
import { readCertificates } from './trust-certificate.ts';

/** What a processor posted to one of your addresses. */
export interface OpenDsrCallback {
  /** The headers, by names in any case, as Node's `request.headers` has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body byte for byte, before anything has parsed it. */
  readonly body: Uint8Array;
}

/** What a callback is checked against. */
export interface CallbackTrust {
  /** The domains that may sign. */
  readonly processorDomains: readonly string[];
  /** The processor's certificate, from `readCertificate()` of the connector. PEM. */
  readonly certificate: string;
  /** The authorities that may have issued it, in PEM. Left out: those that Node trusts. */
  readonly ca?: string | undefined;
  /** Your own addresses, as they stand in `statusCallbackUrls`. */
  readonly statusCallbackUrls: readonly string[];
  /** Now, in milliseconds since 1970. */
  readonly now: number;
  /** The processor's dialect. Default: `opendsr`. */
  readonly dialect?: OpenDsrDialectName | undefined;
}

/** The callback is the processor's, and it is for you. */
export interface CallbackAccepted {
  /** Discriminator. */
  readonly type: 'accepted';
  /** What to answer. */
  readonly httpStatus: 202;
  /** Equal to the receipt of the request that it is about. Whether that is one of yours is yours to look up. */
  readonly receipt: Receipt;
  /** How the request stands, as `check` would say it. */
  readonly outcome: CheckOutcome;
}

/** The callback is not to be believed, or not for you. */
export interface CallbackRefused {
  /** Discriminator. */
  readonly type: 'refused';
  /** What to answer: 401 for domain and certificate, 400 for signature, body and address. */
  readonly httpStatus: 400 | 401;
  /** Which check it failed first. */
  readonly reason: 'domain-foreign' | 'certificate-invalid' | 'signature-invalid' | 'body-invalid' | 'address-foreign';
  /** One sentence without anything that came in: safe to log. */
  readonly message: string;
}

/** What came of checking a callback. */
export type CallbackVerdict = CallbackAccepted | CallbackRefused;

/**
 * Checks a callback: domain, certificate, signature over the raw bytes, and only then the body. Pure: it fetches
 * nothing, reads no clock and remembers nothing, so a repeated callback is accepted again.
 */
export function verifyCallback(callback: OpenDsrCallback, trust: CallbackTrust): CallbackVerdict {
  const certificates = readCertificates(trust.certificate);
  const authorities = trust.ca === undefined ? undefined : readCertificates(trust.ca);
  if (certificates === undefined || (trust.ca !== undefined && authorities === undefined)) {
    return refused('certificate-invalid', 'The certificates to check against are no PEM.');
  }
  const message = { headers: lowerCased(callback.headers), bytes: callback.body };
  const processorDomains = trust.processorDomains.map((domain) => domain.toLowerCase());
  const fault = signatureFault(message, { certificates, authorities, processorDomains, now: trust.now });
  if (fault !== undefined) return refused(fault.reason, fault.message);
  return readBody(callback.body, trust);
}

function readBody(bytes: Uint8Array, trust: CallbackTrust): CallbackVerdict {
  const body = callbackSchema.safeParse(readJson(Buffer.from(bytes).toString('utf8')));
  if (!body.success) return refused('body-invalid', 'Its body is not that of a callback.');
  const { subject_request_id: id, request_status: status, status_callback_url: address } = body.data;
  if (!trust.statusCallbackUrls.includes(address)) {
    return refused('address-foreign', 'It is meant for an address that is not one of yours.');
  }
  const outcome = mapOpenDsrStatus(status, trust.dialect ?? 'opendsr');
  if (outcome.state === 'unknown') return refused('body-invalid', outcome.reason);
  return { type: 'accepted', httpStatus: 202, receipt: { subjectRequestId: id.toLowerCase() }, outcome };
}

function refused(reason: CallbackRefused['reason'], message: string): CallbackRefused {
  const isAboutTheSender = reason === 'domain-foreign' || reason === 'certificate-invalid';
  return { type: 'refused', httpStatus: isAboutTheSender ? 401 : 400, reason, message };
}

// A header that came twice could be read in two ways: it counts as missing.
function lowerCased(headers: OpenDsrCallback['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : undefined]),
  );
}
