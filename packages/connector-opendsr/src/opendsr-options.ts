import type { X509Certificate } from 'node:crypto';
import { OptionsError, parseOptions } from '@expunge/core';
import { z } from 'zod';
import { dialects, type OpenDsrDialect, type OpenDsrDialectName } from './opendsr-dialect.ts';
import { readCertificates } from './trust-certificate.ts';

// A secret that is read from a file easily keeps its line break, which no HTTP header can carry.
const headerValueSchema = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces; check for a line break at its end');

const domainSchema = z
  .string()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'must be a bare domain: no scheme, no port, no path')
  .transform((domain) => domain.toLowerCase());

const authSchema = z.discriminatedUnion('type', [
  z.strictObject({
    /** `Authorization: Bearer <token>`, as AppsFlyer wants it. */
    type: z.literal('bearer'),
    /** The token. A secret. */
    token: headerValueSchema,
  }),
  z.strictObject({
    /** Basic authentication, as mParticle wants it. */
    type: z.literal('basic'),
    /** The user name, or the API key. */
    username: headerValueSchema.refine((name) => !name.includes(':'), 'can hold no ":"'),
    /** The password, or the API secret. A secret. */
    password: headerValueSchema,
  }),
  z.strictObject({
    /** A header of the processor's own, or a bare key in `authorization`, as Singular wants it. */
    type: z.literal('header'),
    /** The header's name. */
    name: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/, 'must be the name of a header')
      .transform((name) => name.toLowerCase()),
    /** Its value. A secret. */
    value: headerValueSchema,
  }),
  z.strictObject({
    /** Nothing is sent: for mutual TLS, which the dispatcher does. */
    type: z.literal('none'),
  }),
]);

const certificatesSchema = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform((pem) => [pem].flat().map((text) => readCertificates(text) ?? []))
  .refine((lists) => lists.every((list) => list.length > 0), 'must be certificates in PEM')
  .transform((lists) => lists.flat());

const httpsUrlSchema = z.string().refine((text) => isUrl(text, ['https:']), 'must be an https URL without credentials');

/** The fields that this connector writes itself. */
const ownFields: readonly string[] = [
  'regulation',
  'subject_request_id',
  'subject_request_type',
  'submitted_time',
  'subject_identities',
  'api_version',
  'status_callback_urls',
  'extensions',
];

const openDsrOptionsSchema = z
  .strictObject({
    /** Where the processor listens, up to and with the version: `https://opendsr.mparticle.com/v2`. https, except on loopback. */
    baseUrl: z
      .string()
      .refine((text) => isUrl(text, ['https:', 'http:']), 'must be a URL without credentials, query or fragment')
      .refine(
        (text) => isLoopbackUrl(text) || isUrl(text, ['https:']),
        'must be https: people are named in what is sent',
      )
      .transform((url) => url.replace(/\/+$/, '')),
    /** `opendsr` (2.0), `opengdpr` (its former name, 1.0), `appsflyer` or `mparticle-v3`. Default: `opendsr`. */
    dialect: z.enum(Object.keys(dialects) as OpenDsrDialectName[]).default('opendsr'),
    /** How the processor knows who is asking. OpenDSR leaves that to the processor, so there is no default. */
    auth: authSchema,
    /**
     * Which identities the processor is told, each as `raw`, `sha1`, `md5` or `sha256`: `{ email: 'sha256' }`. What is not
     * named here is never sent. A hash is made of the value exactly as given.
     */
    identities: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be the name of an identity type, such as email'),
        z.enum(['raw', 'sha1', 'md5', 'sha256']),
      )
      .refine((identities) => Object.keys(identities).length > 0, 'names no identity type'),
    /** The regulation that requests fall under, which OpenDSR wants with each of them. */
    regulation: z.enum(['gdpr', 'ccpa']),
    /**
     * Makes request ids recognisable to this connector and to nobody else: long and random, and kept when other
     * credentials change. A secret. With another one, a request whose reply was just lost is not found again.
     */
    requestIdSecret: z.string().min(8, 'must be long and random: eight characters are the least'),
    /**
     * `required`: a reply counts only with a valid signature of the processor's domain. `off`: for processors that do not
     * sign; then nothing but TLS shows who answered. Default: `required`.
     */
    signatures: z.enum(['required', 'off']).default('required'),
    /** The domains that may sign. Default: the host of `baseUrl`. */
    processorDomains: z.array(domainSchema).min(1).optional(),
    /** The hosts that the certificate may be fetched from. Default: `processorDomains`. mParticle's is on another host. */
    certificateHosts: z.array(domainSchema).min(1).optional(),
    /** The authorities, in PEM, that may have issued the certificate, instead of those that Node trusts. */
    ca: certificatesSchema.optional(),
    /** Your own addresses that the processor posts changes of status to; `verifyCallback` checks them. Default: none. */
    statusCallbackUrls: z.array(httpsUrlSchema).default([]),
    /** Fields that the processor wants beside those of OpenDSR: `{ property_id: 'id123', platform: 'ios' }`. No identities. */
    fields: z
      .record(z.string().min(1), z.json())
      .refine((fields) => !Object.keys(fields).some((key) => ownFields.includes(key)), {
        message: `must not name a field of OpenDSR itself: ${ownFields.join(', ')}`,
      })
      .default({}),
    /** Extensions by processor domain, as the processor documents them. Never credentials, and no identities. */
    extensions: z.record(z.string().min(1), z.record(z.string(), z.json())).optional(),
    /** The version that requests carry. Default: that of the dialect. */
    apiVersion: z.string().min(1).optional(),
    /** The longest a call may take, in milliseconds. Default: 30,000. */
    timeoutMs: z.number().int().positive().max(600_000).default(30_000),
    /** When a request is asked about. */
    polling: z
      .strictObject({
        /** The first time, in milliseconds after it was taken. Default: one hour. */
        firstCheckAfterMs: z.number().int().nonnegative().default(3_600_000),
        /** The longest time between two checks, in milliseconds. Default: one day. */
        checkEveryMs: z.number().int().positive().default(86_400_000),
        /** When the processor promises to be done, in milliseconds. Default: 30 days. */
        expectedWithinMs: z
          .number()
          .int()
          .positive()
          .default(30 * 86_400_000),
      })
      .prefault({}),
    /** OpenDSR documents no limits; these are our own choice unless you know the processor's. */
    limits: z
      .strictObject({
        /** Calls a minute, of all kinds. Default: 60. AppsFlyer documents 350. */
        callsPerMinute: z.number().int().positive().default(60),
        /** Calls at the same time. Default: 2. */
        callsInFlight: z.number().int().positive().default(2),
      })
      .prefault({}),
  })
  .refine(
    ({ dialect, identities }) =>
      dialect !== 'mparticle-v3' || Object.values(identities ?? {}).every((format) => format === 'raw'),
    {
      path: ['identities'],
      message: 'must all be raw: mParticle takes nothing else',
      when: ({ value }) => typeof value === 'object' && value !== null,
    },
  )
  .refine(
    ({ signatures, processorDomains, baseUrl }) =>
      signatures === 'off' || processorDomains !== undefined || !isLoopbackUrl(baseUrl),
    {
      path: ['processorDomains'],
      message: 'is missing: the domain that signs cannot be told from a loopback baseUrl',
      when: ({ value }) => typeof value === 'object' && value !== null,
    },
  );

/** How an OpenDSR processor is reached. Plain data that could be JSON. */
export interface OpenDsrOptions extends z.input<typeof openDsrOptionsSchema> {}

/** Checked options, with everything resolved that was left to a default. */
export interface OpenDsrSettings
  extends Omit<
    z.output<typeof openDsrOptionsSchema>,
    'dialect' | 'processorDomains' | 'certificateHosts' | 'ca' | 'apiVersion'
  > {
  readonly dialectName: OpenDsrDialectName;
  readonly dialect: OpenDsrDialect;
  readonly processorDomains: readonly string[];
  readonly certificateHosts: readonly string[];
  readonly authorities: readonly X509Certificate[] | undefined;
  readonly apiVersion: string | undefined;
  /** Whether the processor is on this machine: then its certificate may come from there, without TLS. */
  readonly isLoopback: boolean;
}

/** The name in messages about options. */
const connectorName = 'connector-opendsr';

/** @throws OptionsError naming every wrong key. */
export function parseOpenDsrOptions(input: unknown): OpenDsrSettings {
  const { dialect: dialectName, ca, ...options } = parseOptions(connectorName, openDsrOptionsSchema, input);
  const dialect: OpenDsrDialect = dialects[dialectName];
  const processorDomains = options.processorDomains ?? [new URL(options.baseUrl).hostname];
  return {
    ...options,
    dialectName,
    dialect,
    processorDomains,
    certificateHosts: options.certificateHosts ?? processorDomains,
    authorities: ca,
    apiVersion: options.apiVersion ?? dialect.apiVersion,
    isLoopback: isLoopbackUrl(options.baseUrl),
  };
}

/** A connector was not given a clock. */
export function clockMissing(): never {
  const message =
    'needs a clock as a collaborator, because certificates expire: pass { now: Date.now } beside the options';
  throw new OptionsError(connectorName, [{ path: [], message }]);
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return protocols.includes(protocol) && username === '' && password === '' && !/[?#]/.test(text);
}

/** Whether a URL leads to this machine. */
export function isLoopbackUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { hostname } = new URL(text);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
