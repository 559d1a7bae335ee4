/** What a failed call means: whether it may be tried again, and whether anything can have happened at the vendor. */
interface ErrorMeaning {
  /** Whether the same call may succeed later. */
  readonly isRetryable: boolean;
  /** `nothing`: it is certain that the vendor did nothing. `in-doubt`: it may have acted. */
  readonly effect: 'nothing' | 'in-doubt';
}

/** The closed table of codes. Every caller decides by it; no code is added without a row. */
const meaningByCode = {
  /** The vendor does not accept the credentials. Pauses the connector. */
  'credentials-rejected': { isRetryable: false, effect: 'nothing' },
  /** The credentials are good, and may not do this. Pauses the connector. */
  'permission-missing': { isRetryable: false, effect: 'nothing' },
  /** The call was refused because of what is in it: by the vendor, or by the connector before it was sent. */
  'request-rejected': { isRetryable: false, effect: 'nothing' },
  /** The call was too large for the vendor: in bytes or in targets. */
  'request-too-large': { isRetryable: false, effect: 'nothing' },
  /** The address or the set-up is wrong: no such project, space, source or database; no valid call. Pauses the connector. */
  'setup-wrong': { isRetryable: false, effect: 'nothing' },
  /** Too many calls. */
  'rate-limited': { isRetryable: true, effect: 'nothing' },
  /** The plan's volume is used up. */
  'quota-spent': { isRetryable: true, effect: 'nothing' },
  /** No connection came about: refused, unknown host, TLS, connect time-out. */
  'connection-failed': { isRetryable: true, effect: 'nothing' },
  /** The caller gave the call up before anything was sent. No refusal: whatever can't work is not to be repeated. */
  'not-sent': { isRetryable: true, effect: 'nothing' },
  /** The connection broke after the call was sent. */
  'connection-lost': { isRetryable: true, effect: 'in-doubt' },
  /** No complete answer in time. */
  'timed-out': { isRetryable: true, effect: 'in-doubt' },
  /** The caller's signal ended the call after it was sent. */
  aborted: { isRetryable: true, effect: 'in-doubt' },
  /** The vendor reports trouble of its own. */
  'vendor-unavailable': { isRetryable: true, effect: 'in-doubt' },
  /** The answer is not one the vendor documents: other shape, other words, cut off, too long, a redirect. */
  'response-unexpected': { isRetryable: true, effect: 'in-doubt' },
  /**
   * The vendor's answer contradicts what was asked: it may have acted on something else. A person has to look; the call
   * is not repeated. Pauses the connector.
   */
  'answer-contradictory': { isRetryable: false, effect: 'in-doubt' },
} as const satisfies Record<string, ErrorMeaning>;

/** Every way a call can fail. */
export type ConnectorErrorCode = keyof typeof meaningByCode;

/** All codes, for tables and tests. */
export const connectorErrorCodes = Object.keys(meaningByCode) as readonly ConnectorErrorCode[];

/** What a {@link ConnectorError} is made of. */
export interface ConnectorErrorOptions {
  /** What happened. */
  readonly code: ConnectorErrorCode;
  /** The vendor's name, as in `DeletionConnector.vendor`. */
  readonly vendor: string;
  /** What happened and what to do, in our own words. No identifier, no body, no URL, no header, no secret. */
  readonly message: string;
  /** The HTTP status, where there was one. */
  readonly httpStatus?: number | undefined;
  /** A code from the vendor's documented list. Anything that is not a short plain word is dropped. */
  readonly vendorStatus?: string | undefined;
  /** How long the vendor asks to wait, in milliseconds from the reply. */
  readonly retryAfterMs?: number | undefined;
}

// `instanceof` fails between two installed copies of this package; a registered symbol does not.
const marker = Symbol.for('expunge.ConnectorError.v1');

/**
 * A call to a vendor that failed. It carries no body, URL, header or identifier, by construction:
 * those would leak people and credentials into logs.
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  /** What happened. */
  readonly code: ConnectorErrorCode;
  /** The vendor's name. */
  readonly vendor: string;
  /** Whether the same call may succeed later. Read from the table of codes. */
  readonly isRetryable: boolean;
  /** Whether the vendor can have acted. Read from the table of codes. */
  readonly effect: 'nothing' | 'in-doubt';
  /** The HTTP status, where there was one. */
  readonly httpStatus: number | undefined;
  /** The vendor's own code, where it is a documented word. */
  readonly vendorStatus: string | undefined;
  /** How long the vendor asks to wait, in milliseconds from the reply. */
  readonly retryAfterMs: number | undefined;

  constructor(options: ConnectorErrorOptions) {
    super(options.message);
    const meaning = meaningByCode[options.code];
    this.code = options.code;
    this.vendor = options.vendor;
    this.isRetryable = meaning.isRetryable;
    this.effect = meaning.effect;
    this.httpStatus = options.httpStatus;
    this.vendorStatus = isPlainWord(options.vendorStatus) ? options.vendorStatus : undefined;
    this.retryAfterMs = options.retryAfterMs;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether a value is a ConnectorError, also one of another installed copy of this package. */
  static isInstance(value: unknown): value is ConnectorError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }
}

function isPlainWord(word: string | undefined): boolean {
  return word !== undefined && /^[\w.:-]{1,64}$/.test(word);
}
