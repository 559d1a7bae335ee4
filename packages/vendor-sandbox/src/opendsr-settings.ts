/** What the OpenDSR sandbox accepts, as a bearer token. Obviously fake. */
export const openDsrSandboxCredentials = { token: 'sandbox-opendsr-token' } as const;

/** What a processor signs its replies with. */
export interface OpenDsrSigning {
  /** The certificate and those that lead to its authority, in PEM, as the processor publishes them. */
  readonly certificates: string;
  /** The private key, in PEM. With another one than the certificate's, every signature is wrong. */
  readonly privateKey: string;
}

/** Identities that the processor takes, as its discovery states them. */
export interface OpenDsrSupportedIdentity {
  readonly identity_type: string;
  readonly identity_format: string;
}

/** A fake processor: what it can do, and what the specification leaves open or forbids. May be changed at any time. */
export interface OpenDsrSettings {
  /** The domain in the headers of replies and callbacks. Default: `opendsr.sandbox.test`. */
  processorDomain: string;
  /** Left out: the processor signs nothing and publishes no certificate, as some vendors do. The sandbox can make no certificates itself. */
  signing: OpenDsrSigning | undefined;
  /** What is wrong with replies and callbacks. Default: `nothing`. */
  forgery:
    | 'nothing'
    /** No signature and no domain. */
    | 'unsigned'
    /** A domain and no signature. */
    | 'signature-missing'
    /** A signature of something else. */
    | 'signature-wrong'
    /** The body was changed after it was signed. */
    | 'body-changed'
    /** Signed in the name of another domain. */
    | 'domain-foreign'
    /** Rightly signed, and about another request. */
    | 'request-foreign'
    /** Rightly signed, and the echo of the request names somebody else. */
    | 'echo-foreign'
    /** Rightly signed, and the echo of the request is something else than its body. */
    | 'echo-unreadable';
  /** Whether refusals are signed too, which the specification does not say. Default: false. */
  signsRefusals: boolean;
  /** The names of the headers: `opengdpr` is the protocol's former name. Default: `opendsr`. */
  headerNames: 'opendsr' | 'opengdpr';
  /** Where the certificate is, by the discovery. Left out: at the sandbox itself. */
  certificateUrl: string | undefined;
  /** What the discovery states. Default: the specification's eleven types, `raw` and `sha256` each. */
  supportedIdentities: readonly OpenDsrSupportedIdentity[];
  /** Default: `erasure`, `access`, `portability`. */
  supportedRequestTypes: readonly string[];
  /** Default: `2.0`. */
  apiVersion: string;
  /** From the creation of a request to `in_progress`, in milliseconds. Default: a day. */
  beginsAfterMs: number;
  /** From the creation of a request to `completed`, in milliseconds. Default: two days. */
  finishesAfterMs: number;
  /** A status that is shown instead of the real one. */
  statusWord: string | undefined;
  /** What a second request for the identities of an open one is answered with: mParticle documents 409. Default: `take`. */
  sameIdentities: 'take' | 'refuse-409';
  /** How an unknown request is answered: the specification documents 400 alone, mParticle 404. Default: 404. */
  unknownRequestStatus: 400 | 404;
  /** What version 3 says of erasures that it forwards to partners. mParticle documents it. Default: nothing. */
  forwards: readonly { readonly domain: string; readonly status: 'pending' | 'skipped' | 'sent' | 'failed' }[];
  /** Whether a cancellation has an effect. Default: true. */
  cancels: boolean;
}

const hourMs = 3_600_000;

/** The identity types of the specification. */
const identityTypes = [
  'controller_customer_id',
  'email',
  'android_advertising_id',
  'android_id',
  'fire_advertising_id',
  'ios_advertising_id',
  'ios_vendor_id',
  'microsoft_advertising_id',
  'microsoft_publisher_id',
  'roku_publisher_id',
  'roku_advertising_id',
] as const;

/** The settings of a fresh fake. */
export function defaultOpenDsrSettings(): OpenDsrSettings {
  return {
    processorDomain: 'opendsr.sandbox.test',
    signing: undefined,
    forgery: 'nothing',
    signsRefusals: false,
    headerNames: 'opendsr',
    certificateUrl: undefined,
    supportedIdentities: identityTypes.flatMap((identity_type) => [
      { identity_type, identity_format: 'raw' },
      { identity_type, identity_format: 'sha256' },
    ]),
    supportedRequestTypes: ['erasure', 'access', 'portability'],
    apiVersion: '2.0',
    beginsAfterMs: 24 * hourMs,
    finishesAfterMs: 48 * hourMs,
    statusWord: undefined,
    sameIdentities: 'take',
    unknownRequestStatus: 404,
    forwards: [],
    cancels: true,
  };
}
