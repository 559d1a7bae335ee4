import { createSign } from 'node:crypto';
import type { OpenDsrSettings } from './opendsr-settings.ts';

/** A body and the headers that vouch for it, or fail to. */
export interface SignedBody {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Signs a body as the specification has it: RSA with SHA-256 over its bytes, in Base64. Or forges, as the settings say. */
export function signBody(settings: OpenDsrSettings, value: object): SignedBody {
  const body = JSON.stringify(value);
  const { signing, forgery } = settings;
  if (signing === undefined || forgery === 'unsigned') return { headers: {}, body };
  const prefix = settings.headerNames === 'opendsr' ? 'X-OpenDSR' : 'X-OpenGDPR';
  const domain = forgery === 'domain-foreign' ? 'opendsr.stranger.test' : settings.processorDomain;
  const headers: Record<string, string> = { [`${prefix}-Processor-Domain`]: domain };
  if (forgery !== 'signature-missing') {
    const signed = forgery === 'signature-wrong' ? `${body} ` : body;
    headers[`${prefix}-Signature`] = createSign('sha256').update(signed).sign(signing.privateKey, 'base64');
  }
  return { headers, body: forgery === 'body-changed' ? body.replace('{', '{ ') : body };
}
