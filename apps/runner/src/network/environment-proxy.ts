import { UserError } from '../user-error.ts';
import { parseProxyAddress } from './parse-proxy-address.ts';

/** The proxy that the environment asks for. */
export interface EnvironmentProxy {
  /** Its address. */
  readonly url: URL;
  /** Hosts that are reached without it, separated by commas. */
  readonly except: string;
}

// This machine is never reached through a proxy, whatever NO_PROXY says.
const thisMachine = 'localhost,127.0.0.1,[::1]';

/**
 * Reads HTTPS_PROXY and NO_PROXY, in either case; lower case wins, as for other programs.
 *
 * @throws UserError where HTTPS_PROXY is no address.
 */
export function environmentProxy(
  environment: Readonly<Record<string, string | undefined>>,
): EnvironmentProxy | undefined {
  const name = environment.https_proxy === undefined ? 'HTTPS_PROXY' : 'https_proxy';
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  const url = parseProxyAddress(text.includes('://') ? text : `http://${text}`);
  if (url === undefined) {
    throw new UserError(
      `The environment variable ${name} is no address of a proxy. Write http://host:port, or unset it.`,
    );
  }
  const except = environment.no_proxy ?? environment.NO_PROXY ?? '';
  return { url, except: `${thisMachine},${except}` };
}
