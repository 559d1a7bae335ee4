/** A request as a plain value: what a connector's pure builders make, so that a test can compare it with the vendor's documents. */
export interface HttpRequest {
  /** The HTTP method. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The absolute URL, with every piece of data percent-encoded. */
  readonly url: string;
  /** Header names in lower case, with their values. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, encoded already. */
  readonly body?: string;
}

/** A vendor's answer, read to the end. It may hold personal data: it is parsed, never logged and never thrown. */
export interface HttpResponse {
  /** The HTTP status. Success is decided by the vendor's own response schema, not by a 2xx. */
  readonly status: number;
  /** Header names in lower case; of a repeated header the first value. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text (UTF-8). */
  readonly text: string;
}

/** An answer as it came over the wire. A signature is checked over its bytes: decoding to text and back can change them. */
export interface RawHttpResponse extends HttpResponse {
  /** The body, byte for byte. `text` is what these bytes say in UTF-8. */
  readonly bytes: Uint8Array;
}
