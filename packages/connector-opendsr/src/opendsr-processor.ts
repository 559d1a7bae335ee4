import type { X509Certificate } from 'node:crypto';
import type { CallOptions } from '@expunge/core';
import { parseResponse } from '@expunge/http-client';
import { type Discovery, discoverySchema, getCertificate, getDiscovery } from './opendsr-api.ts';
import { type OpenDsrCall, vendor } from './opendsr-call.ts';
import { notCalled, openDsrError } from './opendsr-error.ts';
import { isLoopbackUrl, type OpenDsrSettings } from './opendsr-options.ts';
import { certificateFault, readCertificates } from './trust-certificate.ts';

/** What is known of a processor. */
export interface OpenDsrProcessor {
  readonly discovery: Discovery;
  /** The signing certificate first. Empty where signatures are off. */
  readonly certificates: readonly X509Certificate[];
  /** The certificates as they were published. */
  readonly pem: string;
}

/** Reads what a processor says about itself, and keeps it as long as its certificate is good. */
export interface ProcessorReader {
  /** What is known, read where it is not known yet or the certificate ran out. */
  read(callOptions: CallOptions): Promise<OpenDsrProcessor>;
  /** The same, read anew. */
  reload(callOptions: CallOptions): Promise<OpenDsrProcessor>;
}

/** Makes the reader of one connector. */
export function createProcessorReader(
  settings: OpenDsrSettings,
  call: OpenDsrCall,
  now: () => number,
): ProcessorReader {
  let known: OpenDsrProcessor | undefined;

  /** What keeps the certificate from signing for each of the domains. Undefined: it signs for one of them. */
  function faultOf(certificates: readonly X509Certificate[]): string | undefined {
    const trust = { authorities: settings.authorities, now: now() };
    const faults = settings.processorDomains.map((domain) => certificateFault(certificates, domain, trust));
    return faults.includes(undefined) ? undefined : faults[0];
  }

  async function reload(callOptions: CallOptions): Promise<OpenDsrProcessor> {
    const response = await call(getDiscovery(settings), callOptions);
    if (response.status !== 200) throw openDsrError(response, settings);
    const discovery = parseResponse(response, discoverySchema, { vendor, what: 'the discovery' });
    if (!discovery.supported_subject_request_types.includes('erasure')) {
      throw notCalled('setup-wrong', 'The processor says that it takes no erasure requests.');
    }
    const published =
      settings.signatures === 'off'
        ? { certificates: [], pem: '' }
        : await fetchCertificates(certificateUrl(discovery), callOptions);
    known = { discovery, ...published };
    return known;
  }

  function certificateUrl({ processor_certificate: url }: Discovery): string {
    if (!url) {
      const advice = "Where it does not sign, say signatures: 'off' in the options, and know that TLS is all then.";
      throw notCalled('setup-wrong', `The processor publishes no certificate. ${advice}`);
    }
    if (settings.isLoopback && isLoopbackUrl(url)) return url;
    const isHttps = URL.canParse(url) && new URL(url).protocol === 'https:';
    if (!isHttps || !settings.certificateHosts.includes(new URL(url).hostname)) {
      const advice = 'Where that host is right, name it in certificateHosts.';
      throw notCalled(
        'setup-wrong',
        `The processor's certificate is not at an https URL on an allowed host. ${advice}`,
      );
    }
    return url;
  }

  async function fetchCertificates(url: string, callOptions: CallOptions) {
    const response = await call(getCertificate(settings, url), callOptions);
    if (response.status !== 200) throw openDsrError(response, settings);
    const certificates = readCertificates(response.bytes);
    if (certificates === undefined) {
      throw notCalled('setup-wrong', "What the processor publishes as its certificate can't be read as one.");
    }
    const fault = faultOf(certificates);
    if (fault !== undefined) throw notCalled('setup-wrong', `The processor's certificate ${fault}.`);
    return { certificates, pem: certificates.map((certificate) => certificate.toString()).join('') };
  }

  return {
    reload,
    read(callOptions) {
      const isGood =
        known !== undefined && (settings.signatures === 'off' || faultOf(known.certificates) === undefined);
      return isGood && known !== undefined ? Promise.resolve(known) : reload(callOptions);
    },
  };
}
