/** How a processor departs from OpenDSR 2.0: routes, fields and words (docs/vendors/opendsr.md). */
export interface OpenDsrDialect {
  /** The path of requests under the base URL. */
  readonly requestsPath: 'requests' | 'opengdpr_requests' | 'opendsr_requests';
  /** The version that requests carry, unless the options say another. Undefined: they carry none. */
  readonly apiVersion: string | undefined;
  /** Whether a request names the regulation. OpenGDPR 1.0 has no such field. */
  readonly namesRegulation: boolean;
  /** What a taken cancellation is answered with: the documented object, or text without a meaning. */
  readonly cancelReply: 'json' | 'text';
}

/** The dialects that are spoken. */
export const dialects = {
  /** OpenDSR 2.0 by the specification. */
  opendsr: { requestsPath: 'requests', apiVersion: '2.0', namesRegulation: true, cancelReply: 'json' },
  /** OpenGDPR 1.0, the former name: routes and headers carry it. */
  opengdpr: { requestsPath: 'opengdpr_requests', apiVersion: '1.0', namesRegulation: false, cancelReply: 'json' },
  /** AppsFlyer's: own route, own spelling of two statuses, error codes of its own, no fixed version. */
  appsflyer: { requestsPath: 'opendsr_requests', apiVersion: undefined, namesRegulation: false, cancelReply: 'text' },
} as const satisfies Record<string, OpenDsrDialect>;

/** The name of a dialect. */
export type OpenDsrDialectName = keyof typeof dialects;
