import { inspect } from 'node:util';
import { ConnectorError, type Receipt, type SubmitOutcome } from '@expunge/core';
import type { OpenDsrSettings } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issueCertificate, issueChain, processorDomain } from '../test/make-certificates.ts';
import { signingOf, startProcessor } from '../test/sandbox-processor.ts';
import type { OpenDsrConnector } from './opendsr-connector.ts';

const chain = await issueChain();
const expired = await issueCertificate(
  { domains: [processorDomain], notAfter: '2026-01-01T00:00:00Z' },
  chain.intermediate,
);
const foreign = await issueCertificate({ domains: ['opendsr.stranger.test'] }, chain.intermediate);
const selfSigned = await issueCertificate({ domains: [processorDomain] });
const strangers = await issueChain();
const renewed = await issueCertificate({ domains: [processorDomain] }, chain.intermediate);

let processor: Awaited<ReturnType<typeof startProcessor>>;
let connector: OpenDsrConnector;
beforeEach(async () => {
  processor = await startProcessor(chain);
  connector = processor.connect();
});
afterEach(() => processor.sandbox.close());

const ada = () => connector.targetsOf({ identifiers: [{ type: 'controller_customer_id', value: 'ada-1' }] });
const submitAda = () => connector.submit(ada());

async function failureOf(call: Promise<unknown> | undefined): Promise<ConnectorError> {
  const result = await call?.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!ConnectorError.isInstance(result)) throw new Error('The call did not fail as a connector fails.');
  expect(inspect(result)).not.toMatch(/ada-1|sandbox-opendsr-token|request-id-secret/);
  return result;
}

function receiptOf([outcome]: readonly SubmitOutcome[]): Receipt {
  if (outcome?.type !== 'accepted' || outcome.receipt === undefined) throw new Error('There is no receipt.');
  return outcome.receipt;
}

const forgeries: readonly OpenDsrSettings['forgery'][] = [
  'unsigned',
  'signature-missing',
  'signature-wrong',
  'body-changed',
  'domain-foreign',
  'request-foreign',
];

describe.each(forgeries)('a reply that is %s', (forgery) => {
  it('to a new request claims nothing, and leaves open what the processor did', async () => {
    processor.opendsr.settings.forgery = forgery;
    expect(await failureOf(submitAda())).toMatchObject({
      code: 'answer-contradictory',
      effect: 'in-doubt',
      isRetryable: false,
    });
    // The processor did act: saying that nothing happened would have been wrong.
    expect(processor.opendsr.subjectRequests()).toHaveLength(1);
    processor.opendsr.settings.forgery = 'nothing';
    const since = new Date(processor.clock.now()).toISOString();
    expect(await connector.recover?.(ada(), since)).toEqual({
      subjectRequestId: processor.opendsr.subjectRequests()[0]?.id,
    });
  });

  it('about a request never says that it is done', async () => {
    const receipt = receiptOf(await submitAda());
    processor.clock.advance(48 * 3_600_000);
    processor.opendsr.settings.forgery = forgery;
    expect((await failureOf(connector.check?.(receipt, []))).code).toBe('answer-contradictory');
    const since = new Date(processor.clock.now() - 48 * 3_600_000).toISOString();
    expect((await failureOf(connector.recover?.(ada(), since))).code).toBe('answer-contradictory');
  });

  it('to a cancellation never says that it is called back', async () => {
    const receipt = receiptOf(await submitAda());
    processor.opendsr.settings.forgery = forgery;
    expect((await failureOf(connector.cancel?.(receipt, []))).code).toBe('answer-contradictory');
  });
});

it('does not believe a well-signed reply whose echo names other identities', async () => {
  processor.opendsr.settings.forgery = 'echo-foreign';
  expect(await failureOf(submitAda())).toMatchObject({ code: 'answer-contradictory', effect: 'in-doubt' });
});

it('does not parse before the signature is good', async () => {
  // No JSON, and signed by nobody: what is said about it must come from the signature's check.
  processor.opendsr.faults.add({ fault: { type: 'status', status: 201, body: '{{{' }, method: 'POST' });
  expect((await failureOf(submitAda())).code).toBe('answer-contradictory');
});

describe('a certificate', () => {
  it.each([
    ['that has expired', signingOf(`${expired.pem}${chain.intermediate.pem}`, expired), 'has expired'],
    ['of another domain', signingOf(`${foreign.pem}${chain.intermediate.pem}`, foreign), 'does not name the domain'],
    ['that vouches for itself', signingOf(selfSigned.pem, selfSigned), 'is self-signed'],
    ['of strangers', signingOf(strangers.bundle, strangers.leaf), 'was not issued by a trusted authority'],
    ['without the one between', signingOf(chain.leaf.pem, chain.leaf), 'was not issued by a trusted authority'],
    ['that is none', signingOf('no certificate', chain.leaf), "can't be read"],
  ])('%s keeps anything from being sent', async (_what, signing, words) => {
    processor.opendsr.settings.signing = signing;
    const error = await failureOf(submitAda());
    expect(error).toMatchObject({ code: 'setup-wrong', effect: 'nothing' });
    expect(error.message).toContain(words);
    expect(processor.sent()).toEqual([]);
    expect((await failureOf(connector.checkAccess())).code).toBe('setup-wrong');
  });

  it('that is not published keeps anything from being sent', async () => {
    processor.opendsr.settings.signing = undefined;
    const error = await failureOf(submitAda());
    expect(error).toMatchObject({ code: 'setup-wrong', effect: 'nothing' });
    expect(error.message).toContain("signatures: 'off'");
  });

  it.each(['https://opendsr.stranger.test/certificate.pem', 'http://opendsr.sandbox.test/certificate.pem', 'nonsense'])(
    'is not fetched from %s',
    async (url) => {
      processor.opendsr.settings.certificateUrl = url;
      const error = await failureOf(submitAda());
      expect(error).toMatchObject({ code: 'setup-wrong', effect: 'nothing' });
      expect(error.message).toContain('certificateHosts');
      expect(processor.calls()).toEqual(['GET /v2/discovery']);
    },
  );

  it('that runs out is read anew, and one that has run out by then is refused', async () => {
    await submitAda();
    // The certificates of the test end with 2026.
    processor.clock.advance(400 * 24 * 3_600_000);
    const error = await failureOf(submitAda());
    expect(error).toMatchObject({ code: 'setup-wrong', effect: 'nothing' });
    expect(processor.sent()).toHaveLength(1);
  });

  it('that runs out while a reply is on its way leaves the request in doubt', async () => {
    const inTime = processor.clock.now();
    let reads = 0;
    // In time until the request is sent, out of time when its reply comes.
    connector = processor.connect({}, () => {
      reads += 1;
      return reads <= 2 ? inTime : Date.parse('2028-01-01T00:00:00Z');
    });
    expect(await failureOf(submitAda())).toMatchObject({ code: 'answer-contradictory', effect: 'in-doubt' });
    expect(processor.opendsr.subjectRequests()).toHaveLength(1);
  });

  it('that the processor changed is read anew, and the new one believed', async () => {
    const receipt = receiptOf(await submitAda());
    processor.opendsr.settings.signing = signingOf(`${renewed.pem}${chain.intermediate.pem}`, renewed);
    expect(await connector.check?.(receipt, [])).toMatchObject({ state: 'pending' });
    expect(processor.calls().slice(-3)).toEqual(['GET /v2/requests/{id}', 'GET /v2/discovery', 'GET /certificate.pem']);
  });

  it('that cannot be read anew leaves the reply unbelieved', async () => {
    const receipt = receiptOf(await submitAda());
    processor.opendsr.settings.forgery = 'signature-wrong';
    processor.opendsr.faults.add({ fault: { type: 'reset-before' }, path: /discovery/ });
    expect((await failureOf(connector.check?.(receipt, []))).code).toBe('answer-contradictory');
  });

  it('is handed out for callbacks after it was checked', async () => {
    expect(await connector.readCertificate()).toContain('BEGIN CERTIFICATE');
    processor.opendsr.settings.signing = signingOf(selfSigned.pem, selfSigned);
    expect((await failureOf(processor.connect().readCertificate())).code).toBe('setup-wrong');
    const withoutSignatures = processor.connect({ signatures: 'off' });
    expect((await failureOf(withoutSignatures.readCertificate())).code).toBe('setup-wrong');
  });
});

describe('the credentials', () => {
  it('go to the processor, and to a certificate on another host never', async () => {
    const elsewhere = await startProcessor(chain);
    try {
      processor.opendsr.settings.certificateUrl = `${elsewhere.opendsr.url}/certificate.pem`;
      await submitAda();
      const [fetched] = elsewhere.opendsr.requests;
      expect(fetched).toMatchObject({ path: '/certificate.pem' });
      expect(fetched?.headers.authorization).toBeUndefined();
      expect(processor.opendsr.requests.every(({ headers }) => headers.authorization !== undefined)).toBe(true);
    } finally {
      await elsewhere.sandbox.close();
    }
  });

  it.each([
    [{ type: 'basic', username: 'key', password: 'word' }, 'authorization', 'Basic a2V5OndvcmQ='],
    [{ type: 'header', name: 'X-Api-Key', value: 'bare-key' }, 'x-api-key', 'bare-key'],
    [{ type: 'none' }, 'authorization', undefined],
  ] as const)('are sent as %o', async (auth, header, value) => {
    connector = processor.connect({ auth });
    await failureOf(submitAda());
    expect(processor.opendsr.requests[0]?.headers[header]).toBe(value);
  });
});

describe('without signatures', () => {
  it('unsigned replies count, and forged ones too: the options and the reports say so', async () => {
    processor.opendsr.settings.signing = undefined;
    connector = processor.connect({ signatures: 'off' });
    expect(connector.capabilities.title).toContain('not verified');
    expect(await submitAda()).toMatchObject([{ type: 'accepted' }]);
    const { unproven } = await connector.checkAccess();
    expect(unproven.join(' ')).toContain('not verified');
  });

  it('an echo that cannot be read is not compared', async () => {
    processor.opendsr.settings.forgery = 'echo-unreadable';
    expect(await connector.submit(ada())).toMatchObject([{ type: 'accepted' }]);
  });

  it('a reply about another request still does not count', async () => {
    connector = processor.connect({ signatures: 'off' });
    processor.opendsr.settings.forgery = 'request-foreign';
    expect((await failureOf(submitAda())).code).toBe('answer-contradictory');
  });
});

describe('checkAccess', () => {
  it('proves identities, certificate and credentials, touches nobody, and says what it could not show', async () => {
    const report = await connector.checkAccess();
    expect(report.proven.join(' ')).toMatch(
      /version 2\.0 .* email \(sha256\).* valid until 2027-01-01\..* credentials/,
    );
    expect(report.unproven.join(' ')).toMatch(/may create .* revoked/);
    expect(processor.calls()).toEqual(['GET /v2/discovery', 'GET /certificate.pem', 'GET /v2/requests/{id}']);
    expect(processor.opendsr.requests.some(({ acted }) => acted)).toBe(false);
  });

  it('names what the processor does not take of the configured identities', async () => {
    connector = processor.connect({ identities: { email: 'md5', controller_customer_id: 'raw', appsflyer_id: 'raw' } });
    const error = await failureOf(connector.checkAccess());
    expect(error.code).toBe('setup-wrong');
    expect(error.message).toContain('does not take email (md5), appsflyer_id (raw). It takes');
  });

  it('shows a signed refusal as a proof, and stops at a forged one', async () => {
    processor.opendsr.settings.signsRefusals = true;
    expect((await connector.checkAccess()).proven.at(-1)).toContain('signed by the processor');
    processor.opendsr.settings.forgery = 'signature-wrong';
    expect((await failureOf(connector.checkAccess())).code).toBe('answer-contradictory');
  });

  it('does not take a 400 for a proof of the credentials', async () => {
    processor.opendsr.settings.unknownRequestStatus = 400;
    const { proven, unproven } = await connector.checkAccess();
    expect(proven.join(' ')).not.toContain('credentials');
    expect(unproven.join(' ')).toContain('Whether the credentials are good');
  });

  it('repeats no words of the processor that are not plain', async () => {
    processor.opendsr.settings.apiVersion = 'call ada@example.com';
    processor.opendsr.settings.supportedIdentities = [
      { identity_type: 'call ada@example.com', identity_format: 'raw' },
    ];
    expect((await failureOf(connector.checkAccess())).message).not.toContain('@');
  });
});
