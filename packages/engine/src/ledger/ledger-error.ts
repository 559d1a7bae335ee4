/** What is wrong with a ledger. */
export type LedgerErrorCode =
  | 'in-use'
  | 'not-a-ledger'
  | 'newer-version'
  | 'damaged'
  | 'key-missing'
  | 'key-wrong'
  | 'not-writable'
  | 'clock-behind'
  | 'disk-full'
  | 'log-broken'
  | 'names-changed'
  | 'not-found'
  | 'unreachable'
  | 'access-refused'
  | 'url-wrong'
  | 'not-empty'
  | 'copy-differs';

/** A ledger that can't be opened, read or written. The message says what to do. Nothing was half done. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  /** What is wrong. */
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
