import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CertificateStatement, checkCertificate } from '../packages/engine/src/proof/certificate.ts';

const folder = join(import.meta.dirname, '../docs/examples');
const certificate = readFileSync(join(folder, 'example-certificate.json'));
const publicKey = readFileSync(join(folder, 'example-public-key.txt'), 'utf8').trim();
const report = readFileSync(join(folder, 'example-report.html'), 'utf8');

function statementOf(text: string): CertificateStatement {
  const verdict = checkCertificate(text, publicKey);
  if (!verdict.isValid) throw new Error(verdict.issue);
  return verdict.statement;
}

function isValid(bytes: Buffer): boolean {
  return checkCertificate(bytes.toString('utf8'), publicKey).isValid;
}

describe('the example certificate', () => {
  it('is valid under the public key beside it, offline', () => {
    const statement = statementOf(certificate.toString('utf8'));
    expect(statement.outcomes).toHaveLength(6);
    expect(statement.outcomes.every(({ assurance }) => assurance === 'verified' || assurance === 'confirmed')).toBe(
      true,
    );
  });

  it('is not valid under another key', () => {
    const otherKey = `${publicKey.startsWith('A') ? 'B' : 'A'}${publicKey.slice(1)}`;
    expect(checkCertificate(certificate.toString('utf8'), otherKey).isValid).toBe(false);
  });

  it('is not valid with one bit flipped, wherever it is', () => {
    const bits = certificate.length * 8;
    // A stride without a common factor with 8 meets every bit of a byte and every part of the file.
    const stride = Math.max(1, Math.floor(bits / 2000)) | 1;
    const stillValid: number[] = [];
    for (let bit = 0; bit < bits; bit += stride) {
      const flipped = Buffer.from(certificate);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (isValid(flipped)) stillValid.push(bit);
    }
    expect(stillValid).toEqual([]);
  });

  it('is not valid with its end cut off', () => {
    expect(isValid(certificate.subarray(0, certificate.length - 40))).toBe(false);
  });
});

describe('the example report', () => {
  it('is about the request of the certificate, and says the same', () => {
    const { request, outcomes } = statementOf(certificate.toString('utf8'));
    expect(report).toContain(`<span class="id">${request.requestId}</span>`);
    for (const { connector } of outcomes) expect(report).toContain(`<span class="name">${connector}</span>`);
    for (const assurance of ['verified', 'confirmed']) {
      const certified = outcomes.filter((outcome) => outcome.assurance === assurance).length;
      expect(report.split(`, ${assurance}</span></span>`)).toHaveLength(certified + 1);
    }
  });

  it('needs nothing from elsewhere and runs nothing', () => {
    expect(report).not.toMatch(/<script|<img|<link|<iframe|<object|<form|\bsrc=|\bhref=|url\(|@import|https?:/i);
    expect(report).toContain("default-src 'none'");
  });

  it.each([
    ['report', report],
    ['certificate', certificate.toString('utf8')],
  ])('names nobody and no place: the %s', (_, text) => {
    expect(text).not.toMatch(/[\w.+-]+@[\w-]+\.\w+/);
    expect(text).not.toMatch(/leaver|bystander|\+1202555/);
    expect(text).not.toMatch(/(?:^|[\s"'(=])(?:\/[a-z_.-]+){2,}|[a-z]:\\\\|127\.0\.0\.1|localhost|sandbox/im);
  });
});
