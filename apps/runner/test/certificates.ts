import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its key, PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** Certifies others. */
export interface Authority extends Certified {
  readonly name: string;
  readonly signingKey: webcrypto.CryptoKey;
}

/** Makes an authority that clients trust when they are told to. */
export async function makeAuthority(): Promise<Authority> {
  const name = 'CN=Invented authority';
  const keys = await makeKeys();
  const extensions = [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
  ];
  return {
    ...(await certify(name, keys, { name, signingKey: keys.privateKey }, extensions)),
    name,
    signingKey: keys.privateKey,
  };
}

/** Makes a server's certificate for some hosts. */
export async function certifyServer(hosts: readonly string[], authority: Authority): Promise<Certified> {
  const names = new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns', value })));
  return certify('CN=Invented vendor', await makeKeys(), authority, [names]);
}

/** Makes a client's certificate. */
export async function certifyClient(authority: Authority): Promise<Certified> {
  return certify('CN=Invented company', await makeKeys(), authority, []);
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

function makeKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function certify(
  subject: string,
  keys: webcrypto.CryptoKeyPair,
  issuer: Pick<Authority, 'name' | 'signingKey'>,
  extensions: Extension[],
): Promise<Certified> {
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: issuer.name,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    publicKey: keys.publicKey,
    signingKey: issuer.signingKey,
    signingAlgorithm: algorithm,
    extensions,
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: certificate.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') };
}
