import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issueCertificate, issueChain, processorDomain } from '../test/make-certificates.ts';
import { startProcessor } from '../test/sandbox-processor.ts';
import { type CallbackTrust, verifyCallback } from './verify-callback.ts';

const chain = await issueChain();
const ownAddress = 'https://company.example.com/opendsr';

let processor: Awaited<ReturnType<typeof startProcessor>>;
let trust: CallbackTrust;
beforeEach(async () => {
  processor = await startProcessor(chain);
  trust = {
    processorDomains: [processorDomain],
    certificate: chain.bundle,
    ca: chain.root.pem,
    statusCallbackUrls: [ownAddress],
    now: processor.clock.now(),
  };
});
afterEach(() => processor.sandbox.close());

/** What the processor posts about a new request. */
async function callbackFor(address = ownAddress) {
  const connector = processor.connect({ statusCallbackUrls: [address] });
  // What is forged in the reply is not the matter here.
  const [outcome] = await connector
    .submit(connector.targetsOf({ identifiers: [{ type: 'email', value: 'ada@example.com' }] }))
    .catch(() => []);
  const [post] = processor.opendsr.takeCallbacks();
  if (post === undefined) throw new Error('There is no callback.');
  return { connector, outcome, callback: { headers: post.headers, body: Buffer.from(post.body) } };
}

describe('verifyCallback', () => {
  it('accepts what the processor posts, with the receipt and the outcome that check would give', async () => {
    const { connector, outcome, callback } = await callbackFor();
    const receipt = outcome?.type === 'accepted' ? (outcome.receipt ?? {}) : {};
    expect(verifyCallback(callback, { ...trust, certificate: await connector.readCertificate() })).toEqual({
      type: 'accepted',
      httpStatus: 202,
      receipt,
      outcome: { state: 'pending', vendorStatus: 'pending', canCancel: true },
    });
    processor.clock.advance(48 * 3_600_000);
    const posts = processor.opendsr.takeCallbacks();
    const verdicts = posts.map(({ headers, body }) => verifyCallback({ headers, body: Buffer.from(body) }, trust));
    expect(verdicts).toMatchObject([
      { type: 'accepted', receipt, outcome: { vendorStatus: 'in_progress' } },
      { type: 'accepted', receipt, outcome: { state: 'deleted' } },
    ]);
  });

  it('takes headers in any case, by the former name, and a signature over several lines', async () => {
    processor.opendsr.settings.headerNames = 'opengdpr';
    const { callback } = await callbackFor();
    expect(Object.keys(callback.headers)).toContain('X-OpenGDPR-Signature');
    const folded = Object.fromEntries(
      Object.entries(callback.headers).map(([name, value]) => [name.toUpperCase(), value.replace(/(.{76})/g, '$1\n ')]),
    );
    expect(verifyCallback({ ...callback, headers: folded }, trust).type).toBe('accepted');
  });

  it.each([
    ['unsigned', 401, 'domain-foreign'],
    ['domain-foreign', 401, 'domain-foreign'],
    ['signature-missing', 400, 'signature-invalid'],
    ['signature-wrong', 400, 'signature-invalid'],
    ['body-changed', 400, 'signature-invalid'],
  ] as const)('refuses one that is %s with %i', async (forgery, httpStatus, reason) => {
    processor.opendsr.settings.forgery = forgery;
    const { callback } = await callbackFor();
    expect(verifyCallback(callback, trust)).toMatchObject({ type: 'refused', httpStatus, reason });
  });

  it('refuses every single changed byte', async () => {
    const { callback } = await callbackFor();
    for (let index = 0; index < callback.body.length; index += 1) {
      const body = Buffer.from(callback.body);
      body.writeUInt8(body.readUInt8(index) ^ 1, index);
      expect(verifyCallback({ ...callback, body }, trust)).toMatchObject({ reason: 'signature-invalid' });
    }
  });

  it('refuses one that is meant for somebody else, though well signed', async () => {
    const { callback } = await callbackFor('https://company.example.org/opendsr');
    expect(verifyCallback(callback, trust)).toMatchObject({ httpStatus: 400, reason: 'address-foreign' });
    expect(verifyCallback(callback, { ...trust, statusCallbackUrls: [] })).toMatchObject({ reason: 'address-foreign' });
  });

  it('refuses by its certificate: over, not yet, of strangers, of another domain, or none', async () => {
    const { callback } = await callbackFor();
    const strangers = await issueChain();
    const other = await issueCertificate({ domains: ['opendsr.stranger.test'] }, chain.intermediate);
    const changes: Partial<CallbackTrust>[] = [
      { now: Date.parse('2027-01-01T00:00:01Z') },
      { now: Date.parse('2024-12-31T00:00:00Z') },
      { ca: strangers.root.pem },
      { ca: undefined },
      { ca: 'no PEM' },
      { certificate: other.pem + chain.intermediate.pem },
      { certificate: '' },
    ];
    for (const change of changes) {
      expect(verifyCallback(callback, { ...trust, ...change })).toMatchObject({
        httpStatus: 401,
        reason: 'certificate-invalid',
      });
    }
  });

  it('refuses a signature by another key of the same authority', async () => {
    const { callback } = await callbackFor();
    const other = await issueCertificate({ domains: [processorDomain] }, chain.intermediate);
    const certificate = other.pem + chain.intermediate.pem;
    expect(verifyCallback(callback, { ...trust, certificate })).toMatchObject({ reason: 'signature-invalid' });
  });

  it('counts a header that came twice as missing', async () => {
    const { callback } = await callbackFor();
    const doubled = Object.fromEntries(Object.entries(callback.headers).map(([name, value]) => [name, [value, value]]));
    expect(verifyCallback({ ...callback, headers: doubled }, trust)).toMatchObject({ reason: 'domain-foreign' });
  });

  it.each(['failed', 'Completed', ''])('refuses the status word %j', async (word) => {
    processor.opendsr.settings.statusWord = word;
    const { callback } = await callbackFor();
    expect(verifyCallback(callback, trust)).toMatchObject({ httpStatus: 400, reason: 'body-invalid' });
  });

  it.each(['', 'no base64 !', '====', 'AAAA'])('refuses the signature %j', async (signature) => {
    const { callback } = await callbackFor();
    const headers = { ...callback.headers, 'X-OpenDSR-Signature': signature };
    expect(verifyCallback({ ...callback, headers }, trust)).toMatchObject({ reason: 'signature-invalid' });
  });

  it('says nothing that came in', async () => {
    const { callback } = await callbackFor('https://ada.example.org/opendsr');
    expect(JSON.stringify(verifyCallback(callback, trust))).not.toContain('ada');
  });
});
