import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/** Whom and when to believe. */
export interface CertificateTrust {
  /** The authorities that are trusted. Undefined: those that Node trusts. */
  readonly authorities: readonly X509Certificate[] | undefined;
  /** Now, in milliseconds since 1970. */
  readonly now: number;
}

const shortestRsaBits = 2048;
// A chain has two or three; some processors publish older ones besides.
const mostCertificates = 16;

/**
 * Reads certificates from PEM (one or several, the signing one first) or DER.
 *
 * @returns undefined where these are none.
 */
export function readCertificates(source: string | Uint8Array): readonly X509Certificate[] | undefined {
  const text = typeof source === 'string' ? source : Buffer.from(source).toString('latin1');
  const blocks = pemBlocks(text);
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block));
    return typeof source === 'string' ? undefined : [new X509Certificate(source)];
  } catch {
    return undefined;
  }
}

const pemBegin = '-----BEGIN CERTIFICATE-----';
const pemEnd = '-----END CERTIFICATE-----';

// Not a regular expression: it would look for an end from each beginning, and a megabyte of beginnings would take a minute.
function pemBlocks(text: string): string[] {
  const blocks: string[] = [];
  let at = text.indexOf(pemBegin);
  while (at >= 0) {
    const end = text.indexOf(pemEnd, at + pemBegin.length);
    if (end < 0) break;
    blocks.push(text.slice(at, end + pemEnd.length));
    at = text.indexOf(pemBegin, end + pemEnd.length);
  }
  return blocks;
}

/**
 * What keeps a certificate from speaking for a domain: the first of the given ones signs, the others lead to its
 * authority. Checked: its dates, its chain (signatures, dates and the right to issue) up to a trusted authority, its
 * names, its key. Not checked: revocation, path lengths, name constraints; Node has no call for them.
 *
 * @returns A clause for a message: "has expired". Undefined: it is good.
 */
export function certificateFault(
  certificates: readonly X509Certificate[],
  domain: string,
  trust: CertificateTrust,
): string | undefined {
  const [certificate, ...others] = certificates;
  if (certificate === undefined) return 'is missing';
  if (certificates.length > mostCertificates) return `comes with more than ${mostCertificates - 1} others`;
  if (trust.now < certificate.validFromDate.getTime()) return 'is not valid yet';
  if (trust.now > certificate.validToDate.getTime()) return 'has expired';
  // The specification forbids certificates that vouch for themselves, also where somebody trusts them.
  if (certificate.verify(certificate.publicKey)) return 'is self-signed';
  if (!leadsToAuthority(certificate, others, trust, new Set())) return 'was not issued by a trusted authority';
  if (certificate.checkHost(domain, { subject: 'never', wildcards: false }) === undefined) {
    return 'does not name the domain in its subject alternative names';
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  if (asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) < shortestRsaBits) {
    return `has no RSA key of ${shortestRsaBits} bits or more`;
  }
  return undefined;
}

function leadsToAuthority(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  trust: CertificateTrust,
  tried: Set<string>,
): boolean {
  // Certificates can be made that all issue each other. Each is looked at once, so that nobody keeps us busy for hours.
  if (tried.has(certificate.fingerprint256) || !isInTime(certificate, trust.now)) return false;
  tried.add(certificate.fingerprint256);
  const authorities = trust.authorities ?? nodeAuthorities();
  if (authorities.some((authority) => isInTime(authority, trust.now) && isIssuedBy(certificate, authority)))
    return true;
  return others.some((other) => isIssuedBy(certificate, other) && leadsToAuthority(other, others, trust, tried));
}

function isInTime(certificate: X509Certificate, now: number): boolean {
  return certificate.validFromDate.getTime() <= now && now <= certificate.validToDate.getTime();
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

let authoritiesOfNode: readonly X509Certificate[] | undefined;

// Read once and late: there are some hundred and fifty of them.
function nodeAuthorities(): readonly X509Certificate[] {
  authoritiesOfNode ??= rootCertificates.map((pem) => new X509Certificate(pem));
  return authoritiesOfNode;
}
