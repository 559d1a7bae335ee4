import { ConnectorError } from '@expunge/core';

/**
 * The error for a proxy that refused to let a call through, or undefined where it was something else. Nothing happened at
 * the vendor then: a proxy that refuses passes nothing on.
 *
 * @param error - What the dispatcher failed with.
 */
export function proxyRefusal(error: unknown, vendor: string): ConnectorError | undefined {
  const status = refusedStatus(error);
  switch (status) {
    case undefined:
      return undefined;
    case 407: {
      const message =
        "The proxy does not accept its credentials (HTTP 407); check the user and password in the proxy's address.";
      return new ConnectorError({ code: 'setup-wrong', vendor, message });
    }
    case 403: {
      const message = "The proxy forbids the vendor's host (HTTP 403); have it allowed there.";
      return new ConnectorError({ code: 'setup-wrong', vendor, message });
    }
    default: {
      const message = `The proxy made no connection to the vendor (HTTP ${status}).`;
      return new ConnectorError({ code: 'connection-failed', vendor, message });
    }
  }
}

// undici's ProxyAgent tells the proxy's status in the message and nowhere else: of a tunnel the first, of a forwarded
// call the second.
const refusals = [
  /^Proxy response \((\d{3})\) !== 200 when HTTP Tunneling$/,
  /^Proxy Authentication Required \((407)\)$/,
];

function refusedStatus(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const status = refusals.map((refusal) => refusal.exec(error.message)?.[1]).find((found) => found !== undefined);
  return status === undefined ? undefined : Number(status);
}
