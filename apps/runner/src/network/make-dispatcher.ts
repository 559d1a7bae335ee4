import type { Dispatcher } from 'undici';
import type { ClientCertificate } from './client-certificate.ts';
import type { EnvironmentProxy } from './environment-proxy.ts';

/** How a vendor is reached. */
export interface NetworkSettings {
  /** The proxy of this vendor. */
  readonly proxy?: URL | undefined;
  /** The proxy of the environment, which counts where the vendor has none of its own. */
  readonly environmentProxy?: EnvironmentProxy | undefined;
  /** For mutual TLS. */
  readonly clientCertificate?: ClientCertificate | undefined;
}

const connectTimeoutMs = 10_000;

/**
 * Makes what a connector sends its calls with.
 *
 * @returns undefined where there is nothing special about the way: connectors have a dispatcher of their own.
 */
export async function makeDispatcher(settings: NetworkSettings): Promise<Dispatcher | undefined> {
  const { proxy, environmentProxy, clientCertificate } = settings;
  if (proxy === undefined && environmentProxy === undefined && clientCertificate === undefined) return undefined;
  const { Agent, EnvHttpProxyAgent, ProxyAgent } = await import('undici');
  const toVendor = { ...clientCertificate, timeout: connectTimeoutMs };
  // One call per connection at a time, as with the dispatcher that connectors have of their own.
  const shared = { pipelining: 1, connectTimeout: connectTimeoutMs, requestTls: toVendor };
  if (proxy !== undefined) return new ProxyAgent({ ...shared, uri: proxy.href });
  if (environmentProxy !== undefined) {
    const { url, except } = environmentProxy;
    // Vendors are reached by HTTPS; what is plain HTTP is a sandbox, on this machine.
    return new EnvHttpProxyAgent({
      ...shared,
      httpProxy: '',
      httpsProxy: url.href,
      noProxy: except,
      connect: toVendor,
    });
  }
  return new Agent({ pipelining: 1, connect: toVendor });
}
