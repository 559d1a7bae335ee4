import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate with its key. */
export interface Issued {
  /** PEM. */
  readonly pem: string;
  /** PEM (PKCS #8). */
  readonly privateKey: string;
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** What a certificate says. */
export interface IssueOptions {
  readonly name?: string;
  /** Domains in the subject alternative names. */
  readonly domains?: readonly string[];
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** Whether it may issue others. */
  readonly isAuthority?: boolean;
  readonly rsaBits?: number;
  /** Says nothing about what its key may be used for. */
  readonly hasNoKeyUsage?: boolean;
  /** Another certificate for the name and the key of this one. */
  readonly again?: Issued;
  /** Elliptic curves instead of RSA. */
  readonly isEc?: boolean;
}

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]) } as const;
const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
let serial = 1;

/** Issues a certificate, by an issuer or by itself. Everything in it is invented. */
export async function issueCertificate(options: IssueOptions, issuer?: Issued): Promise<Issued> {
  const algorithm = options.isEc === true ? ec : { ...rsa, modulusLength: options.rsaBits ?? 2048 };
  const keys = options.again?.keys ?? (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']));
  serial += 1;
  const name = options.again?.certificate.subject ?? `CN=${options.name ?? 'Invented certificate'} ${serial}`;
  const isAuthority = options.isAuthority === true;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial.toString(16).padStart(4, '0'),
    subject: name,
    issuer: issuer?.certificate.subject ?? name,
    notBefore: new Date(options.notBefore ?? '2025-01-01T00:00:00Z'),
    notAfter: new Date(options.notAfter ?? '2027-01-01T00:00:00Z'),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: issuer === undefined ? algorithm : rsa,
    extensions: [
      new BasicConstraintsExtension(isAuthority, undefined, true),
      ...(options.hasNoKeyUsage === true
        ? []
        : [new KeyUsagesExtension(isAuthority ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature, true)]),
      ...(options.domains === undefined
        ? []
        : [new SubjectAlternativeNameExtension(options.domains.map((value) => ({ type: 'dns', value })))]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    pem: `${certificate.toString('pem')}\n`,
    privateKey: PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    certificate,
    keys,
  };
}

/** The domain of the processor in tests. */
export const processorDomain = 'opendsr.sandbox.test';

/** An authority, one below it, and a processor's certificate issued by that one. */
export async function issueChain() {
  const root = await issueCertificate({ name: 'Invented root', isAuthority: true });
  const intermediate = await issueCertificate({ name: 'Invented intermediate', isAuthority: true }, root);
  const leaf = await issueCertificate({ domains: [processorDomain] }, intermediate);
  return { root, intermediate, leaf, bundle: `${leaf.pem}${intermediate.pem}` };
}
