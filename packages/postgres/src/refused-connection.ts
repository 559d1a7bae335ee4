import { LedgerError } from '@expunge/engine';

/** What `pg` says of a connection in words alone, with a code of ours. */
export const spokenCodes: readonly (readonly [RegExp, string])[] = [
  [/^SASL: .*client password must be/, 'NO_PASSWORD'],
  [/^The server does not support SSL connections/, 'NO_TLS'],
];

/** What an operator has to correct before a connection can come about. None of it passes by itself. */
export function refusedConnection(code: string | undefined): LedgerError | undefined {
  if (code === undefined) return undefined;
  if (code === 'NO_PASSWORD') {
    return new LedgerError(
      'access-refused',
      "PostgreSQL asks for a password, and the ledger's URL has none: postgres://user:password@host:5432/database.",
    );
  }
  if (code === 'NO_TLS') {
    return new LedgerError(
      'access-refused',
      "The ledger's URL asks for TLS (sslmode), and this server has none. Turn it on there (ssl = on); on a network that no one else can listen to, ask for sslmode=disable.",
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new LedgerError(
      'access-refused',
      `The certificate of the ledger's database is of another host than the ledger's URL names (${code}). Name the host in the URL as it stands in the certificate.`,
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return new LedgerError(
      'access-refused',
      `The certificate of the ledger's database is not valid today (${code}). Renew it there; if it is valid, set this machine's clock.`,
    );
  }
  if (!isOfTls.test(code)) return undefined;
  return new LedgerError(
    'access-refused',
    `The certificate of the ledger's database is not trusted here, or TLS does not come about (${code}). Name the authority that has issued it: sslmode=verify-full&sslrootcert=/path/to/ca.pem in the ledger's URL.`,
  );
}

// How OpenSSL names what it finds in a chain of certificates (https://nodejs.org/api/tls.html#x509-certificate-error-codes),
// and what comes before that: a file that is no certificate, versions that do not meet.
const isOfTls =
  /^(CERT_|CRL_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$)/;

/** What the options in a URL have done before anything was connected: files that it names are read then. */
export function unusableOptions(error: unknown): LedgerError {
  const isFile = error instanceof Error && 'syscall' in error;
  // Nothing else of it: it names the file, or quotes the URL.
  const code = isFile && 'code' in error && /^E[A-Z]+$/.test(String(error.code)) ? ` (${String(error.code)})` : '';
  return new LedgerError(
    'url-wrong',
    isFile
      ? `A file that the ledger's URL names can't be read${code}. See sslrootcert, sslcert and sslkey there, and whether this user may read them.`
      : `The options in the ledger's URL can't be used${code}. See what stands behind the question mark.`,
  );
}
