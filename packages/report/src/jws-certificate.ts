import { createPublicKey } from 'node:crypto';
import { type CertificateResult, checkCertificateStatement, type Ledger, makeCertificate } from '@expunge/engine';
import { base64url, calculateJwkThumbprint, compactVerify, decodeProtectedHeader, exportJWK, importJWK } from 'jose';
import { z } from 'zod';

const type = 'expunge-certificate+jws';

/**
 * Writes a certificate as a JWS in its compact form (RFC 7515, EdDSA with Ed25519 as in RFC 8037), which any JOSE library verifies.
 * Its payload is the statement of the other form, word for word.
 *
 * @returns undefined where the ledger has no such request.
 * @throws LedgerError where the audit log does not bear it out.
 */
export async function makeJwsCertificate(ledger: Ledger, requestId: string, now: number): Promise<string | undefined> {
  const certificate = await makeCertificate(ledger, requestId, now);
  if (certificate === undefined) return undefined;
  const { statement, publicKey }: { readonly statement: string; readonly publicKey: string } = JSON.parse(certificate);
  const jwk = await exportJWK(createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' }));
  const header = { alg: 'EdDSA', typ: type, kid: await calculateJwkThumbprint(jwk), jwk };
  const input = `${base64url.encode(JSON.stringify(header))}.${base64url.encode(statement)}`;
  // The ledger signs itself and gives its private key to nobody, a library included.
  const { signature } = ledger.sign(input);
  return `${input}.${base64url.encode(Buffer.from(signature, 'base64'))}\n`;
}

/** Whether a text is a JWS in its compact form. */
export function isJws(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+\s*$/.test(text);
}

const headerSchema = z.object({
  typ: z.literal(type),
  jwk: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }),
});

/**
 * Checks a certificate in this form, offline, like `checkCertificate` the other.
 *
 * @param publicKey - The ledger's public key (base64 of its SPKI form) as known from elsewhere: a forger signs with a key of their own.
 */
export async function checkJwsCertificate(text: string, publicKey?: string): Promise<CertificateResult> {
  const jws = text.trim();
  const header = readHeader(jws);
  if (header === undefined) return { isValid: false, issue: 'This is a JWS, and no certificate.' };
  if (!jws.split('.').every(isCanonical))
    return { isValid: false, issue: 'It was changed: nobody spells it like that.' };
  try {
    const key = await importJWK(header.jwk, 'EdDSA');
    if (key instanceof Uint8Array) return { isValid: false, issue: 'Its key is no public key.' };
    const { payload } = await compactVerify(jws, key, { algorithms: ['EdDSA'] });
    const der = createPublicKey({ key: header.jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' });
    const signedWith = der.toString('base64');
    if (publicKey !== undefined && publicKey.trim() !== signedWith)
      return { isValid: false, issue: 'It was signed with another key than the one given.' };
    return checkCertificateStatement(Buffer.from(payload).toString('utf8'), signedWith);
  } catch {
    return { isValid: false, issue: 'The signature does not fit: something in it was changed.' };
  }
}

// Base64 has several spellings of the same bytes; here only one is taken.
function isCanonical(part: string): boolean {
  return base64url.encode(base64url.decode(part)) === part;
}

function readHeader(jws: string): z.infer<typeof headerSchema> | undefined {
  try {
    return headerSchema.safeParse(decodeProtectedHeader(jws)).data;
  } catch {
    return undefined;
  }
}
