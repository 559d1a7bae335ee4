import { baseUrlSchema, parseOptions } from '@expunge/core';
import { z } from 'zod';

/** The most that Braze takes in one call, of a deletion and of a read. */
export const maxIdsPerCall = 50;

/** How long a deletion takes to reach everywhere at Braze, at the most. */
export const fiveMinutesMs = 5 * 60_000;

const brazeOptionsSchema = z
  .strictObject({
    /** The REST API key: Settings > APIs and Identifiers. Permissions: `users.delete`, and `users.export.ids` for reading. */
    apiKey: z
      .string()
      // A secret that is read from a file easily keeps its line break, which no HTTP header can carry.
      .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces; check for a line break at its end'),
    /** The REST endpoint of the account's instance, as the dashboard shows it beside the key: `https://rest.fra-01.braze.eu`. */
    restEndpoint: z
      .string()
      // Typed in full and not chosen from a list: Braze adds instances. The SDK's endpoint (sdk.…) is not it.
      .regex(
        /^https:\/\/rest\.[a-z]+-\d+\.braze\.(com|eu)\/?$/,
        'must be the REST endpoint that the dashboard shows, such as https://rest.fra-01.braze.eu',
      )
      .transform((url) => url.replace(/\/$/, '')),
    /** By which of Braze's identifiers people are deleted. Default: `external_id`. */
    identifier: z.enum(['external_id', 'braze_id', 'user_alias']).default('external_id'),
    /** With `user_alias`: the label whose names the identifiers are. */
    aliasLabel: z.string().min(1).optional(),
    /** People in one deletion call. With 1, Braze's count is about one person. Default, and most: 50. */
    targetsPerCall: z.number().int().min(1).max(maxIdsPerCall).default(maxIdsPerCall),
    /** Reads a minute. Default: 250; companies that came to Braze before 2024-08-22 have 2,500. */
    readsPerMinute: z.number().int().positive().default(250),
    /** When a read-back says something, in milliseconds after Braze took the deletion. Default: five minutes, as documented. */
    readBackAfterMs: z.number().int().nonnegative().default(fiveMinutesMs),
    /** Replaces scheme and host: for the fake vendor or a proxy. */
    baseUrl: baseUrlSchema.optional(),
    /** From the first byte sent to the last byte read, in milliseconds. Default: 30,000. */
    timeoutMs: z.number().int().positive().default(30_000),
  })
  .refine(({ identifier, aliasLabel }) => (identifier === 'user_alias') === (aliasLabel !== undefined), {
    path: ['aliasLabel'],
    error: 'belongs to the identifier user_alias, and has to be there with it',
  });

/** How a Braze workspace is reached. Plain data that could be JSON. */
export interface BrazeOptions extends z.input<typeof brazeOptionsSchema> {}

/** Checked options, with everything resolved that was left to a default. */
export interface BrazeSettings extends z.output<typeof brazeOptionsSchema> {
  /** Scheme and host, without a slash at the end. */
  readonly baseUrl: string;
}

/** @throws OptionsError naming every wrong key. */
export function parseBrazeOptions(input: unknown): BrazeSettings {
  const options = parseOptions('connector-braze', brazeOptionsSchema, input);
  return { ...options, baseUrl: options.baseUrl ?? options.restEndpoint };
}
