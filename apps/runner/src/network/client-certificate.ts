import { createSecureContext } from 'node:tls';

/** What the server of a vendor is shown. */
export interface ClientCertificate {
  /** The certificate with its chain, PEM. */
  readonly cert: string;
  /** Its private key, PEM. */
  readonly key: string;
  /** What opens the key. */
  readonly passphrase?: string | undefined;
}

/** Whether certificate, key and passphrase are what they should be, and belong together. */
export function fitsTogether({ cert, key, passphrase }: ClientCertificate): boolean {
  try {
    createSecureContext({ cert, key, passphrase });
    return true;
  } catch {
    return false;
  }
}
