import { type OpenDsrSettings, type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { createOpenDsrConnector } from '../src/opendsr-connector.ts';
import type { OpenDsrOptions } from '../src/opendsr-options.ts';
import { type Issued, type issueChain, processorDomain } from './make-certificates.ts';

/** The authorities and the processor's certificate of a test file. */
export type TestChain = Awaited<ReturnType<typeof issueChain>>;

/** What the sandbox signs with. */
export function signingOf(certificates: string, { privateKey }: Issued) {
  return { certificates, privateKey };
}

/** A signing fake processor that knows three people, and connectors for it. */
export async function startProcessor(chain: TestChain, settings: Partial<OpenDsrSettings> = {}) {
  const sandbox: Sandbox<'opendsr'> = await startSandbox({
    vendors: ['opendsr'],
    settings: { opendsr: { signing: signingOf(chain.bundle, chain.leaf), ...settings } },
  });
  const { opendsr, clock } = sandbox;
  opendsr.seed([
    { controller_customer_id: 'ada-1', email: 'ada@example.com', ios_advertising_id: ['ada-phone', 'ada-tablet'] },
    { controller_customer_id: 'grace-2', email: 'grace@example.com' },
    { controller_customer_id: 'alan-3', email: 'alan@example.com' },
  ]);
  const options: OpenDsrOptions = {
    baseUrl: opendsr.baseUrl,
    auth: { type: 'bearer', token: opendsr.credentials.token },
    identities: { controller_customer_id: 'raw', email: 'sha256', ios_advertising_id: 'raw' },
    regulation: 'gdpr',
    requestIdSecret: 'request-id-secret-of-the-test',
    processorDomains: [processorDomain],
    ca: chain.root.pem,
  };
  return {
    sandbox,
    opendsr,
    clock,
    options,
    connect: (changes: Partial<OpenDsrOptions> = {}, now = clock.now) =>
      createOpenDsrConnector({ ...options, ...changes }, { now }),
    /** Who is still known. */
    people: () => ['ada-1', 'grace-2', 'alan-3'].filter((id) => opendsr.has('controller_customer_id', id)),
    /** The bodies of the requests that were sent, oldest first. */
    sent: () =>
      opendsr.requests
        .filter(({ method }) => method === 'POST')
        .map(({ body }): Record<string, unknown> => JSON.parse(body)),
    calls: () => opendsr.requests.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/, '{id}')}`),
  };
}
