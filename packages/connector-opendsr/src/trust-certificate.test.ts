import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { type Issued, issueCertificate, issueChain, processorDomain } from '../test/make-certificates.ts';
import { certificateFault, readCertificates } from './trust-certificate.ts';

const chain = await issueChain();
const { root, intermediate, leaf } = chain;
const now = Date.parse('2026-01-05T12:00:00Z');
const read = (...pems: string[]) => readCertificates(pems.join('\n')) ?? [];
const domains = [processorDomain];

function fault(
  certificates: readonly Issued[],
  changes: { now?: number; ca?: readonly Issued[]; domain?: string } = {},
) {
  const authorities = read(...(changes.ca ?? [root]).map(({ pem }) => pem));
  const trust = { authorities, now: changes.now ?? now };
  return certificateFault(read(...certificates.map(({ pem }) => pem)), changes.domain ?? processorDomain, trust);
}

describe('certificateFault', () => {
  it('finds none in a certificate that leads to a trusted authority, in any order of the others', async () => {
    expect(fault([leaf, intermediate])).toBeUndefined();
    expect(fault([leaf, intermediate, root])).toBeUndefined();
    expect(fault([leaf, root, intermediate])).toBeUndefined();
    expect(fault([await issueCertificate({ domains }, root)])).toBeUndefined();
  });

  it('takes an intermediate for an authority where the options trust it', () => {
    expect(fault([leaf], { ca: [intermediate] })).toBeUndefined();
  });

  it('is not kept busy by authorities that all issue each other, nor by a heap of them', async () => {
    const ring = [await issueCertificate({ name: 'A ring', isAuthority: true })];
    const [first] = ring;
    if (first === undefined) throw new Error('There is none.');
    const ringed = await issueCertificate({ domains }, first);
    while (ring.length < 12) ring.push(await issueCertificate({ isAuthority: true, again: first }, first));
    expect(fault([ringed, ...ring])).toBe('was not issued by a trusted authority');
    expect(fault([leaf, intermediate, ...ring])).toBeUndefined();
    expect(fault([leaf, intermediate, ...ring, ...ring])).toBe('comes with more than 15 others');
  });

  it('misses the one in between', () => {
    expect(fault([leaf])).toBe('was not issued by a trusted authority');
  });

  it("believes no authority that nobody trusts, and Node's list where no other is given", () => {
    expect(fault([leaf, intermediate, root], { ca: [intermediate] })).toBeUndefined();
    const ofNode = { authorities: undefined, now };
    expect(certificateFault(read(chain.bundle, root.pem), processorDomain, ofNode)).toBe(
      'was not issued by a trusted authority',
    );
  });

  it('sees a stranger who only carries the name of a trusted authority', async () => {
    const keys = await issueCertificate({ name: 'Stranger', isAuthority: true });
    // Signed with the stranger's key, and saying that the trusted root did it.
    const forged = await issueCertificate({ domains }, { ...keys, certificate: root.certificate });
    expect(fault([forged])).toBe('was not issued by a trusted authority');
  });

  it.each([false, true])(
    'sees a certificate that may not issue others (without a word on its key: %s)',
    async (hasNoKeyUsage) => {
      const shop = { name: 'A shop', domains: ['shop.example.com'], hasNoKeyUsage };
      const noAuthority = await issueCertificate(shop, root);
      const issuedByShop = await issueCertificate({ domains }, noAuthority);
      expect(fault([issuedByShop, noAuthority])).toBe('was not issued by a trusted authority');
    },
  );

  it('sees a self-signed one, even where the options trust it', async () => {
    const selfSigned = await issueCertificate({ domains });
    expect(fault([selfSigned])).toBe('is self-signed');
    expect(fault([selfSigned], { ca: [selfSigned] })).toBe('is self-signed');
    const ownAuthority = await issueCertificate({ domains, isAuthority: true });
    expect(fault([ownAuthority], { ca: [ownAuthority] })).toBe('is self-signed');
  });

  it('sees when it is over and when it has not begun, to the second', () => {
    const { validFromDate, validToDate } = new X509Certificate(leaf.pem);
    expect(fault([leaf, intermediate], { now: validFromDate.getTime() })).toBeUndefined();
    expect(fault([leaf, intermediate], { now: validFromDate.getTime() - 1 })).toBe('is not valid yet');
    expect(fault([leaf, intermediate], { now: validToDate.getTime() })).toBeUndefined();
    expect(fault([leaf, intermediate], { now: validToDate.getTime() + 1 })).toBe('has expired');
  });

  it('sees an intermediate or an authority that has expired', async () => {
    const old = { notAfter: '2026-01-01T00:00:00Z', isAuthority: true };
    const oldIntermediate = await issueCertificate({ name: 'Old', ...old }, root);
    expect(fault([await issueCertificate({ domains }, oldIntermediate), oldIntermediate])).toBe(
      'was not issued by a trusted authority',
    );
    const oldRoot = await issueCertificate({ name: 'Old root', ...old });
    expect(fault([await issueCertificate({ domains }, oldRoot)], { ca: [oldRoot] })).toBe(
      'was not issued by a trusted authority',
    );
  });

  it.each([
    ['another domain', ['opendsr.example.com']],
    ['a domain below', [`a.${processorDomain}`]],
    ['the domain above', ['sandbox.test']],
    ['a wildcard', ['*.sandbox.test']],
    ['no domain at all', undefined],
  ])('wants the domain itself among the names, not %s', async (_what, names) => {
    const other = await issueCertificate({ name: processorDomain, ...(names && { domains: names }) }, root);
    expect(fault([other])).toBe('does not name the domain in its subject alternative names');
  });

  it('does not take the common name for a domain', async () => {
    expect(fault([await issueCertificate({ name: processorDomain }, root)])).toContain('does not name the domain');
  });

  it.each([
    ['a short RSA key', { rsaBits: 1024 }],
    ['a curve', { isEc: true }],
  ])('wants an RSA key of 2,048 bits, not %s', async (_what, options) => {
    expect(fault([await issueCertificate({ domains, ...options }, root)])).toBe('has no RSA key of 2048 bits or more');
  });

  it('finds a fault in nothing', () => {
    expect(fault([])).toBe('is missing');
  });

  it('ends where certificates issue each other', async () => {
    const first = await issueCertificate({ name: 'First', isAuthority: true });
    const second = await issueCertificate({ name: 'Second', isAuthority: true }, first);
    const firstAgain = await issueCertificate({ isAuthority: true }, second);
    const stranger = await issueCertificate({ domains }, second);
    expect(fault([stranger, second, first, firstAgain])).toBe('was not issued by a trusted authority');
  });
});

describe('readCertificates', () => {
  it('reads PEM with text around it, several of them, and DER', () => {
    expect(readCertificates(`some words\n${chain.bundle}more words`)).toHaveLength(2);
    expect(readCertificates(Buffer.from(chain.bundle))).toHaveLength(2);
    expect(readCertificates(new X509Certificate(leaf.pem).raw)).toHaveLength(1);
  });

  it.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', leaf.privateKey])(
    'reads no certificate from other text (%#)',
    (text) => {
      expect(readCertificates(text)).toBeUndefined();
      expect(readCertificates(Buffer.from(text))).toBeUndefined();
    },
  );

  it.each([
    ['beginnings without an end', '-----BEGIN CERTIFICATE-----', ''],
    ['beginnings with one end', '-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'],
    ['ends without a beginning', '-----END CERTIFICATE-----', ''],
  ])('reads none from 8 MiB of %s, with little work', (_what, piece, last) => {
    const text = `${piece.repeat((8 * 1024 * 1024) / piece.length)}${last}`;
    const before = process.cpuUsage();
    expect(readCertificates(text)).toBeUndefined();
    // CPU time of this process, and not a clock: what looks for an end from each beginning takes an hour.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
  });

  it("reads all of Node's authorities", () => {
    expect(rootCertificates.map((pem) => readCertificates(pem)?.length)).toEqual(rootCertificates.map(() => 1));
  });
});
