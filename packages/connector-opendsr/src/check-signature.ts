import { constants, verify, type X509Certificate } from 'node:crypto';
import { type CertificateTrust, certificateFault } from './trust-certificate.ts';

/** A reply or callback as it came: its headers by their names in lower case, and its body byte for byte. */
export interface SignedMessage {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Uint8Array;
}

/** What a signature is checked against. */
export interface SignatureTrust extends CertificateTrust {
  /** The processor domains that may sign, in lower case. */
  readonly processorDomains: readonly string[];
  /** The processor's certificate, and those that lead to its authority. */
  readonly certificates: readonly X509Certificate[];
}

/** Why a message is not believed. */
export interface SignatureFault {
  /** Which check it failed first. */
  readonly reason: 'domain-foreign' | 'certificate-invalid' | 'signature-invalid';
  /** One sentence without anything that came in. */
  readonly message: string;
}

/**
 * Checks a message in the order of the protocol's security guidelines: the domain, the certificate for it, the
 * signature over the raw bytes. The body is not looked into.
 *
 * @returns What is wrong first. Undefined: the message is the processor's.
 */
export function signatureFault(message: SignedMessage, trust: SignatureTrust): SignatureFault | undefined {
  const domain = headerOf(message, 'processor-domain')?.trim().toLowerCase();
  if (domain === undefined) {
    return { reason: 'domain-foreign', message: 'It is not signed: it names no processor domain.' };
  }
  if (!trust.processorDomains.includes(domain)) {
    return { reason: 'domain-foreign', message: 'It names a processor domain that is not allowed to sign.' };
  }
  const fault = certificateFault(trust.certificates, domain, trust);
  const [certificate] = trust.certificates;
  if (fault !== undefined || certificate === undefined) {
    return { reason: 'certificate-invalid', message: `The processor's certificate ${fault}.` };
  }
  const signature = readSignature(headerOf(message, 'signature'));
  if (signature === undefined) {
    return { reason: 'signature-invalid', message: 'It has no signature that can be read.' };
  }
  const key = { key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING };
  if (!verify('sha256', message.bytes, key, signature)) {
    return { reason: 'signature-invalid', message: 'Its signature is not that of the body.' };
  }
  return undefined;
}

/** Whether a message claims to be signed. */
export function isSigned(message: SignedMessage): boolean {
  return headerOf(message, 'signature') !== undefined;
}

// The protocol was called OpenGDPR once, and everybody has to honour the old headers.
function headerOf({ headers }: SignedMessage, name: 'processor-domain' | 'signature'): string | undefined {
  return headers[`x-opendsr-${name}`] ?? headers[`x-opengdpr-${name}`];
}

// The specification prints signatures over several lines. Node's decoder skips whatever is no base64: such a text is none.
function readSignature(text: string | undefined): Uint8Array | undefined {
  const compact = text?.replace(/\s+/g, '') ?? '';
  return /^[A-Za-z0-9+/]+={0,2}$/.test(compact) ? Buffer.from(compact, 'base64') : undefined;
}
