import { ConnectorError, type ConnectorErrorCode } from './connector-error.ts';

/**
 * The failure of a call that was never made, because of what the connector was given or set up with.
 *
 * @param message - One sentence with its full stop. "Nothing was sent." is added.
 */
export function notCalled(vendor: string, code: ConnectorErrorCode, message: string): ConnectorError {
  return new ConnectorError({ code, vendor, message: `${message} Nothing was sent.` });
}
