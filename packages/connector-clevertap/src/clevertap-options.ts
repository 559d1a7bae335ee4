import { baseUrlSchema, OptionsError, parseOptions } from '@expunge/core';
import { z } from 'zod';

/** The host of each region, as CleverTap lists them (docs/vendors/clevertap.md). */
export const hostByRegion = {
  in: 'in1.api.clevertap.com',
  sg: 'sg1.api.clevertap.com',
  us: 'us1.api.clevertap.com',
  id: 'aps3.api.clevertap.com',
  uae: 'mec1.api.clevertap.com',
  eu: 'api.clevertap.com',
} as const;

const regionSchema = z.enum(Object.keys(hostByRegion) as (keyof typeof hostByRegion)[]);

const hostSchema = z
  .string()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/i, 'must be a bare host name: no scheme, no path');

// A secret that is read from a file easily keeps its line break, which no HTTP header can carry.
const headerValueSchema = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces; check for a line break at its end');

const onePlaceNeeded = 'exactly one of region, host and baseUrl is needed; another region knows none of your people';

const cleverTapLimitsSchema = z.strictObject({
  /** Identities or guids in one call. Default and maximum: 100. */
  maxTargets: z.number().int().min(1).max(100).default(100),
  /** Deletion calls open at the same time for this account, from wherever they come. Default: 1. CleverTap's maximum: 3. */
  submitsInFlight: z.number().int().min(1).max(3).default(1),
  /** Profile reads open at the same time for this account. Default: 1. CleverTap's maximum: 3. */
  readsInFlight: z.number().int().min(1).max(3).default(1),
});

const cleverTapOptionsSchema = z
  .strictObject({
    /**
     * Where the account lives, as shown in the dashboard's address: `in` India, `sg` Singapore, `us` United States,
     * `id` Indonesia (aps3), `uae` Middle East (mec1), `eu` Europe, CleverTap's default.
     * Exactly one of `region`, `host` and `baseUrl` is needed; none is assumed.
     */
    region: regionSchema.optional(),
    /** A CleverTap host that the region list lacks, such as that of a private deployment: `in1.api.clevertap.com`. Always https. */
    host: hostSchema.optional(),
    /** Replaces scheme and host: for the sandbox, a proxy or a private cloud. */
    baseUrl: baseUrlSchema.optional(),
    /** The account (project) id: Settings > Project. */
    accountId: headerValueSchema,
    /** The passcode of the account, or of a user where passcodes are per user: Settings > Passcode. */
    passcode: headerValueSchema,
    /**
     * When a read-back is worth its call, in milliseconds after CleverTap took the deletion. Default: 48 hours.
     * Before 24 hours every profile is still there, and profiles leave in nightly runs.
     */
    readBackAfterMs: z
      .number()
      .int()
      .nonnegative()
      .default(48 * 60 * 60 * 1000),
    /** From the first byte sent to the last byte read, in milliseconds. Default: 30,000. */
    timeoutMs: z.number().int().positive().default(30_000),
    /** Own limits, where the account's other traffic needs room. */
    limits: cleverTapLimitsSchema.prefault({}),
  })
  .refine((options) => countPlaces(options) === 1, {
    message: onePlaceNeeded,
    when: ({ value }) => typeof value === 'object' && value !== null,
  });

/** How a CleverTap account is reached. Plain data that could be JSON. */
export interface CleverTapOptions extends z.input<typeof cleverTapOptionsSchema> {}

/** Checked options, with everything resolved that was left to a default. */
export interface CleverTapSettings
  extends Omit<z.output<typeof cleverTapOptionsSchema>, 'region' | 'host' | 'baseUrl'> {
  /** Scheme and host, without a slash at the end. */
  readonly baseUrl: string;
  /** What an error message calls the place that was asked. */
  readonly place: string;
}

/** @throws OptionsError naming every wrong key. */
export function parseCleverTapOptions(input: unknown): CleverTapSettings {
  const options = parseOptions('connector-clevertap', cleverTapOptionsSchema, input);
  return { ...options, ...resolvePlace(options) };
}

function resolvePlace(options: z.output<typeof cleverTapOptionsSchema>): { baseUrl: string; place: string } {
  const { region, host, baseUrl } = options;
  if (baseUrl !== undefined) return { baseUrl, place: 'the base URL' };
  if (host !== undefined) return { baseUrl: `https://${host}`, place: 'the host' };
  if (region !== undefined) return { baseUrl: `https://${hostByRegion[region]}`, place: `the region "${region}"` };
  throw new OptionsError('connector-clevertap', [{ path: [], message: onePlaceNeeded }]);
}

function countPlaces(options: { region?: unknown; host?: unknown; baseUrl?: unknown }): number {
  return [options.region, options.host, options.baseUrl].filter((place) => place !== undefined).length;
}
