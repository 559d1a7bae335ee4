import type { AccessReport, CallOptions } from '@expunge/core';
import { isSigned } from './check-signature.ts';
import { getRequest } from './opendsr-api.ts';
import { isUnknownRequest, notCalled, openDsrError, readRefusal } from './opendsr-error.ts';
import type { ExchangeParts, OpenDsrExchange } from './opendsr-exchange.ts';
import type { OpenDsrSettings } from './opendsr-options.ts';
import type { OpenDsrProcessor } from './opendsr-processor.ts';
import { unsupportedIdentities } from './unsupported-identities.ts';

// Nobody's request. It is only asked about.
const inventedRequest = '00000000-0000-4000-8000-000000000000';

/** What a check of the access is made with. */
type AccessParts = Omit<ExchangeParts, 'now'> & { readonly exchange: OpenDsrExchange };

/** Reads the discovery, checks identities and certificate against it, and asks about an invented request. */
export async function checkOpenDsrAccess(parts: AccessParts, callOptions: CallOptions): Promise<AccessReport> {
  const { settings, reader } = parts;
  const processor = await reader.reload(callOptions);
  const wanted = Object.entries(settings.identities).map(([identity_type, identity_format]) => ({
    identity_type,
    identity_format,
  }));
  const unsupported = unsupportedIdentities(processor.discovery, wanted);
  if (unsupported !== undefined) throw notCalled('setup-wrong', `${unsupported} Change the option identities.`);
  const proven = [
    `The processor speaks ${versionOf(processor)} and takes erasure requests by ` +
      `${wanted.map(({ identity_type, identity_format }) => `${identity_type} (${identity_format})`).join(', ')}.`,
    ...certificateProof(settings, processor),
  ];
  const unproven = [
    'Whether these credentials may create and cancel requests shows only at the first one.',
    'Whether the people to be deleted are known to the processor: OpenDSR has no word for it.',
    settings.signatures === 'off'
      ? "Replies are not verified, because signatures is 'off': nothing but TLS shows who answers."
      : 'Whether the certificate was revoked is not checked. Whether replies are signed with it shows at the first request.',
  ];
  const credentials = await probeCredentials(parts, processor, callOptions);
  return credentials === undefined
    ? { proven, unproven: [...unproven, credentialsUnclear] }
    : { proven: [...proven, ...credentials], unproven };
}

const credentialsUnclear =
  'Whether the credentials are good: a question about an invented request was refused in a way that does not tell.';

/** @returns What was shown; undefined where the answer does not tell. */
async function probeCredentials(
  { settings, call, exchange }: AccessParts,
  processor: OpenDsrProcessor,
  callOptions: CallOptions,
): Promise<readonly string[] | undefined> {
  const response = await call(getRequest(settings, inventedRequest), callOptions);
  if (!isUnknownRequest(response, settings)) {
    if (response.status === 400 && readRefusal(response) !== undefined) return undefined;
    throw openDsrError(response, settings);
  }
  const proven = ['The processor answered a question about an invented request without refusing the credentials.'];
  if (settings.signatures === 'off' || !isSigned(response)) return proven;
  await exchange.requireSigned(response, processor, callOptions);
  return [...proven, 'That answer was signed by the processor.'];
}

function certificateProof({ signatures, processorDomains }: OpenDsrSettings, processor: OpenDsrProcessor): string[] {
  const [certificate] = processor.certificates;
  if (signatures === 'off' || certificate === undefined) return [];
  const until = certificate.validToDate.toISOString().slice(0, 10);
  return [
    `Its certificate was issued by a trusted authority for ${processorDomains.join(' or ')} and is valid until ${until}.`,
  ];
}

function versionOf({ discovery }: OpenDsrProcessor): string {
  const version = discovery.api_version ?? '';
  return /^[\w.-]{1,20}$/.test(version) ? `version ${version}` : 'a version that it does not name';
}
