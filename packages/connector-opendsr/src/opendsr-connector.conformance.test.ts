import { describeConnector } from '@expunge/conformance';
import { startSandbox } from '@expunge/vendor-sandbox';
import { issueChain, processorDomain } from '../test/make-certificates.ts';
import { createOpenDsrConnector } from './opendsr-connector.ts';
import type { OpenDsrOptions } from './opendsr-options.ts';

const chain = await issueChain();
const threeDaysMs = 3 * 86_400_000;

const cases = [
  { title: 'raw, signed', format: 'raw', signatures: 'required', dialect: 'opendsr' },
  { title: 'sha256, unsigned', format: 'sha256', signatures: 'off', dialect: 'opendsr' },
  { title: 'as mParticle’s version 3', format: 'raw', signatures: 'required', dialect: 'mparticle-v3' },
  { title: 'by the former name', format: 'raw', signatures: 'required', dialect: 'opengdpr' },
] as const;

for (const { title, format, signatures, dialect } of cases) {
  describeConnector(`connector-opendsr, ${title}`, async () => {
    const signing = { certificates: chain.bundle, privateKey: chain.leaf.privateKey };
    const { opendsr, clock, close } = await startSandbox({
      vendors: ['opendsr'],
      settings: {
        opendsr: {
          signing: signatures === 'off' ? undefined : signing,
          headerNames: dialect === 'opengdpr' ? dialect : 'opendsr',
        },
      },
    });
    const { token } = opendsr.credentials;
    const requestIdSecret = 'request-id-secret-of-the-test';
    const connect = (changes: Partial<OpenDsrOptions> = {}, dispatcher?: never) =>
      createOpenDsrConnector(
        {
          baseUrl: dialect === 'mparticle-v3' ? opendsr.baseUrlV3 : opendsr.baseUrl,
          dialect,
          auth: { type: 'bearer', token },
          identities: { controller_customer_id: format },
          regulation: 'gdpr',
          requestIdSecret,
          signatures,
          processorDomains: [processorDomain],
          ca: chain.root.pem,
          ...changes,
        },
        { now: clock.now, ...(dispatcher === undefined ? {} : { dispatcher }) },
      );
    const idOf = (subject: { identifiers: readonly { value: string }[] }) => subject.identifiers[0]?.value ?? '';
    return {
      connector: connect(),
      vendor: opendsr,
      clock,
      subjectOf: (value) => ({ identifiers: [{ type: 'controller_customer_id', value }] }),
      seed: (subject) => {
        opendsr.seed([{ controller_customer_id: idOf(subject) }]);
      },
      isGone: (subject) => !opendsr.has('controller_customer_id', idOf(subject)),
      settle: () => clock.advance(threeDaysMs),
      close,
      secrets: [token, requestIdSecret],
      submitPath: /requests$/,
      refusals: [
        { type: 'status', status: 200, body: { error: { code: 400, message: 'refused' } } },
        { type: 'status', status: 201, body: { error: { code: 400, message: 'refused' } } },
        { type: 'status', status: 202, body: {} },
      ],
      connectorThrough: (dispatcher) => connect({}, dispatcher),
      connectorWithWrongCredentials: connect({ auth: { type: 'bearer', token: 'wrong-token' } }),
      impatientConnector: connect({ timeoutMs: 300 }),
    };
  });
}
