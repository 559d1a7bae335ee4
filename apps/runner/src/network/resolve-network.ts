import { z } from 'zod';
import type { ConfigIssue } from '../config/config-error.ts';
import type { NetworkConfig } from '../config/config-schema.ts';
import type { KeyPath } from '../config/key-lines.ts';
import { resolveSecrets, type SecretSources } from '../config/resolve-secrets.ts';
import { fitsTogether } from './client-certificate.ts';
import type { NetworkSettings } from './make-dispatcher.ts';
import { parseProxyAddress, secretsOf } from './parse-proxy-address.ts';

/** How a vendor is reached, with its references replaced. */
export interface ResolvedNetwork {
  /** What a dispatcher is made of. */
  readonly settings: Pick<NetworkSettings, 'proxy' | 'clientCertificate'>;
  /** What must not be printed. */
  readonly secrets: readonly string[];
  /** What is wrong. */
  readonly issues: readonly ConfigIssue[];
  /** What is not wrong and not good either. */
  readonly warnings: readonly ConfigIssue[];
}

/** Reads `network` of one connector. */
export function resolveNetwork(config: NetworkConfig, path: KeyPath, sources: SecretSources): ResolvedNetwork {
  const resolved = resolveSecrets({ ...config }, path, sources);
  const issues = [...resolved.issues];
  const warnings = [...resolved.warnings];
  const secrets = [...resolved.secrets];
  if (issues.length > 0) return { settings: {}, secrets, issues, warnings };

  let proxy: URL | undefined;
  if (typeof resolved.options.proxy === 'string') {
    proxy = parseProxyAddress(resolved.options.proxy);
    const at = [...path, 'proxy'];
    if (proxy === undefined) {
      const message =
        'must be the address of an HTTP proxy: http://host:port, with "%" and "@" in a password as %25 and %40.';
      issues.push({ path: at, message });
    } else {
      secrets.push(...secretsOf(proxy));
      if (typeof config.proxy === 'string' && proxy.password !== '') {
        const message = 'has a password in it that stands in the file. Write { env: NAME } or { file: PATH } instead.';
        warnings.push({ path: at, message });
      }
    }
  }

  const certificate = resolvedCertificateSchema.safeParse(resolved.options.clientCertificate).data;
  if (certificate === undefined) return { settings: { proxy }, secrets, issues, warnings };
  const clientCertificate = { cert: certificate.certificate, key: certificate.key, passphrase: certificate.passphrase };
  if (!fitsTogether(clientCertificate)) {
    const message = 'certificate and key must be PEM and belong together, and the passphrase must open the key.';
    issues.push({ path: [...path, 'clientCertificate'], message });
  }
  return { settings: { proxy, clientCertificate }, secrets, issues, warnings };
}

const resolvedCertificateSchema = z.object({
  certificate: z.string(),
  key: z.string(),
  passphrase: z.string().optional(),
});
