import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { checkCertificate, createEngine, type Ledger, makeCertificate } from '@expunge/engine';
import { openSqliteLedger } from '@expunge/engine/sqlite';
import { calculateJwkThumbprint, compactVerify, EmbeddedJWK, importSPKI } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeConfigured } from '../test/fake-connector.ts';
import { checkJwsCertificate, isJws, makeJwsCertificate } from './jws-certificate.ts';

let ledger: Ledger;
let jws: string;
const now = Date.parse('2026-12-01T12:00:00Z');

beforeAll(async () => {
  ledger = await openSqliteLedger({ path: ':memory:' });
  const connectors = [fakeConfigured()];
  const engine = createEngine({ ledger, connectors });
  await engine.accept([
    {
      id: 'R-1',
      law: 'gdpr',
      receivedAt: '2026-12-01T10:00:00.000Z',
      subject: { identifiers: [{ type: 'user_id', value: 'ada' }] },
    },
  ]);
  await engine.run();
  jws = (await makeJwsCertificate(ledger, 'R-1', now)) ?? '';
});
afterAll(() => ledger.close());

const publicKey = () => ledger.signing().publicKey;
const parts = () => jws.trim().split('.') as [string, string, string];
const decode = (part: string) => Buffer.from(part, 'base64url').toString('utf8');

describe('a certificate as a JWS', () => {
  it('is verified by a JOSE library, with the key that was published', async () => {
    const key = await importSPKI(`-----BEGIN PUBLIC KEY-----\n${publicKey()}\n-----END PUBLIC KEY-----`, 'EdDSA');
    const { payload, protectedHeader } = await compactVerify(jws.trim(), key);
    expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({ request: { requestId: 'R-1' } });
    expect(protectedHeader.kid).toBe(await calculateJwkThumbprint(protectedHeader.jwk ?? {}));
    await expect(compactVerify(jws.trim(), EmbeddedJWK)).resolves.toBeDefined();
  });

  it("is verified by Node's crypto alone", () => {
    const [header, payload, signature] = parts();
    const key = createPublicKey({ key: Buffer.from(publicKey(), 'base64'), format: 'der', type: 'spki' });
    const isSigned = (text: string) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
    expect(isSigned(`${header}.${payload}`)).toBe(true);
    expect(isSigned(`${header}.${payload}x`)).toBe(false);
  });

  it('states what the other form states, word for word', async () => {
    const json = (await makeCertificate(ledger, 'R-1', now)) ?? '';
    expect(decode(parts()[1])).toBe(JSON.parse(json).statement);
    expect(await checkJwsCertificate(jws, publicKey())).toEqual(checkCertificate(json, publicKey()));
    expect((await checkJwsCertificate(jws)).isValid).toBe(true);
    expect(decode(parts()[1])).not.toContain('ada');
    expect(await makeJwsCertificate(ledger, 'R-2', now)).toBeUndefined();
  });

  it('fails with anything changed in it', async () => {
    const { length } = jws.trim();
    const everySeventh = Array.from({ length: Math.floor(length / 7) }, (_, index) => index * 7);
    for (const at of [...everySeventh, length - 2, length - 1]) {
      const other = jws[at] === 'A' ? 'B' : 'A';
      const changed = `${jws.slice(0, at)}${other}${jws.slice(at + 1)}`;
      expect({ at, isValid: isJws(changed) && (await checkJwsCertificate(changed)).isValid }).toEqual({
        at,
        isValid: false,
      });
    }
  });

  it('fails where it was signed with another key, with none, or says what its entries do not', async () => {
    const forger = generateKeyPairSync('ed25519');
    const signed = (header: object, statement: string) => {
      const input = [JSON.stringify(header), statement]
        .map((text) => Buffer.from(text).toString('base64url'))
        .join('.');
      return `${input}.${sign(null, Buffer.from(input), forger.privateKey).toString('base64url')}`;
    };
    const header = { ...JSON.parse(decode(parts()[0])), jwk: forger.publicKey.export({ format: 'jwk' }) };
    const statement = JSON.parse(decode(parts()[1]));
    const forged = signed(header, JSON.stringify(statement));
    expect(await checkJwsCertificate(forged, publicKey())).toMatchObject({
      isValid: false,
      issue: expect.stringContaining('another key'),
    });
    const lying = { ...statement, outcomes: [] };
    expect(await checkJwsCertificate(signed(header, JSON.stringify(lying)))).toMatchObject({ isValid: false });
    for (const wrong of [{ ...header, alg: 'none' }, { ...header, typ: 'JWT' }, { alg: 'HS256' }, {}]) {
      expect(await checkJwsCertificate(signed(wrong, JSON.stringify(statement)))).toMatchObject({ isValid: false });
    }
  });
});
