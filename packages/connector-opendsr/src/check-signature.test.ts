import { createSign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueCertificate, issueChain, processorDomain } from '../test/make-certificates.ts';
import { isSigned, signatureFault } from './check-signature.ts';
import { readCertificates } from './trust-certificate.ts';

const { root, intermediate, leaf, bundle } = await issueChain();
const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
const signature = createSign('sha256').update(bytes).sign(leaf.privateKey, 'base64');
const signed = { 'x-opendsr-processor-domain': processorDomain, 'x-opendsr-signature': signature };
const trust = {
  processorDomains: [processorDomain],
  certificates: readCertificates(bundle) ?? [],
  authorities: readCertificates(root.pem),
  now: Date.parse('2026-01-05T12:00:00Z'),
};

describe('signatureFault', () => {
  it('is none for a signature over the very bytes, also where they are no text', () => {
    expect(signatureFault({ headers: signed, bytes }, trust)).toBeUndefined();
    const decoded = Buffer.from(bytes.toString('utf8'));
    expect(signatureFault({ headers: signed, bytes: decoded }, trust)?.reason).toBe('signature-invalid');
  });

  it('takes domains in any case', () => {
    const headers = { ...signed, 'x-opendsr-processor-domain': ' OpenDSR.Sandbox.Test ' };
    expect(signatureFault({ headers, bytes }, trust)).toBeUndefined();
  });

  it('asks in order: the domain first, then the certificate, then the signature', () => {
    const allWrong = {
      headers: { ...signed, 'x-opendsr-processor-domain': 'opendsr.stranger.test', 'x-opendsr-signature': 'AAAA' },
      bytes,
    };
    const late = { ...trust, now: Date.parse('2030-01-01T00:00:00Z') };
    expect(signatureFault(allWrong, late)?.reason).toBe('domain-foreign');
    const rightDomain = { ...allWrong, headers: { ...signed, 'x-opendsr-signature': 'AAAA' } };
    expect(signatureFault(rightDomain, late)?.reason).toBe('certificate-invalid');
    expect(signatureFault(rightDomain, trust)?.reason).toBe('signature-invalid');
  });

  it('wants the certificate to name the domain that signs, not only another allowed one', async () => {
    const other = await issueCertificate({ domains: ['opendsr.example.com'] }, intermediate);
    const both = {
      ...trust,
      processorDomains: [processorDomain, 'opendsr.example.com'],
      certificates: readCertificates(`${other.pem}${intermediate.pem}`) ?? [],
    };
    const headers = {
      'x-opendsr-processor-domain': processorDomain,
      'x-opendsr-signature': createSign('sha256').update(bytes).sign(other.privateKey, 'base64'),
    };
    expect(signatureFault({ headers, bytes }, both)?.reason).toBe('certificate-invalid');
  });

  it('takes no other digest than SHA-256', () => {
    const sha1 = createSign('sha1').update(bytes).sign(leaf.privateKey, 'base64');
    const headers = { ...signed, 'x-opendsr-signature': sha1 };
    expect(signatureFault({ headers, bytes }, trust)?.reason).toBe('signature-invalid');
  });
});

describe('isSigned', () => {
  it('sees a signature by either name', () => {
    expect(isSigned({ headers: { 'x-opengdpr-signature': signature }, bytes })).toBe(true);
    expect(isSigned({ headers: {}, bytes })).toBe(false);
  });
});
