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
  /**
   * How identities stand in a request: a list, or an object by type. That holds one identity of a type, so a person with
   * two of one type takes two requests.
   */
  readonly identities: 'list' | 'by-type';
}

/** The dialects that are spoken. */
export const dialects = {
  /** OpenDSR 2.0 by the specification. */
  opendsr: {
    requestsPath: 'requests',
    apiVersion: '2.0',
    namesRegulation: true,
    cancelReply: 'json',
    identities: 'list',
  },
  /** OpenGDPR 1.0, the former name: routes and headers carry it. */
  opengdpr: {
    requestsPath: 'opengdpr_requests',
    apiVersion: '1.0',
    namesRegulation: false,
    cancelReply: 'json',
    identities: 'list',
  },
  /** AppsFlyer's: own route, own spelling of two statuses, error codes of its own, no fixed version. */
  appsflyer: {
    requestsPath: 'opendsr_requests',
    apiVersion: undefined,
    namesRegulation: false,
    cancelReply: 'text',
    identities: 'list',
  },
  /** mParticle's version 3: identities by type, raw only, and what became of erasures that it forwards. */
  'mparticle-v3': {
    requestsPath: 'requests',
    apiVersion: '3.0',
    namesRegulation: true,
    cancelReply: 'json',
    identities: 'by-type',
  },
} as const satisfies Record<string, OpenDsrDialect>;

/** The name of a dialect. */
export type OpenDsrDialectName = keyof typeof dialects;
