import { baseUrlSchema, OptionsError, parseOptions } from '@expunge/core';
import { z } from 'zod';

const hostSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]*(:\d{1,5})?$/i, 'must be a bare host name: no scheme, no path');

const builtInMatchingSchema = z.enum(['email', 'phone', 'profile_id']);

const customFieldSchema = z.strictObject({
  /** The profile field's own name at Altcraft: `CRM_ID`. It is also the identifier type under which a value is passed. */
  fieldName: z
    .string()
    .regex(/^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$/, 'must be a letter, then letters, digits, "_", "." or "-"')
    .refine((name) => !builtInMatchingSchema.safeParse(name).success, 'is the name of a built-in matching'),
  /** How the field is stored, and so how its value is sent. A `number` takes whole numbers. */
  fieldType: z.enum(['string', 'number']),
});

const absentCodeSchema = z
  .number()
  .int()
  .refine(
    (code) => ![0, 400, 401, 402, 403, 429].includes(code) && (code < 500 || code > 599),
    'must not be 0, 400, 401, 402, 403, 429 or 500 to 599: those never mean that a profile is gone',
  );

const onePlaceNeeded = 'exactly one of host and baseUrl is needed';

const altcraftOptionsSchema = z
  .strictObject({
    /** The host of the cloud account or of the own installation, as in the panel's address. Always https. Exactly one of `host` and `baseUrl`. */
    host: hostSchema.optional(),
    /** Scheme and host instead of `host`: for the sandbox, a proxy, or an installation without https. */
    baseUrl: baseUrlSchema.optional(),
    /** An API token whose role may read and delete profiles: Settings > Tokens. Sent in the body only. */
    token: z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces; check for a line break at its end'),
    /** The database whose profiles are deleted (`db_id`). */
    databaseId: z.number().int().positive(),
    /** Narrows matching by email and phone to one resource (`resource_id`). */
    resourceId: z.number().int().positive().optional(),
    /** The built-in identifiers that are used. Default: `['email']`, or none where `customFields` are given. */
    matching: z.array(builtInMatchingSchema).optional(),
    /** The profile fields that are used as identifiers, each as an identifier type of its own. Default: none. */
    customFields: z.array(customFieldSchema).default([]),
    /** What goes over the wire. Default: `json`. Altcraft's English pages document JSON only. */
    format: z.enum(['json', 'xml']).default('json'),
    /**
     * Whether the profile is looked up first, then deleted by its own id, and the identifier asked once more for a second
     * profile of the person. Default: true. Without it Altcraft alone decides whose profile an email or phone means, and
     * a second one is not noticed.
     */
    lookUp: z.boolean().default(true),
    /**
     * Whether a looked-up profile is also deleted where the email or phone is not its own, but, say, that of a
     * subscription which somebody else made. Default: false.
     */
    allowSubscriptionMatch: z.boolean().default(false),
    /**
     * What to do where a second profile of the person is found once the first is deleted. `delete` (default): it goes too, and
     * the outcome says so. `refuse`: it stays, and a person has to look. A profile that contradicts the person's other
     * identifiers is somebody else's, and never deleted.
     */
    severalProfiles: z.enum(['delete', 'refuse']).default('delete'),
    /**
     * Whether a profile that Altcraft calls deleted and still shows is a failure. Default: true. Where it was not looked up
     * by an identifier, or that leads to another profile afterwards, it is read once more by its id. `false`: for an
     * installation that needs time.
     */
    readBackById: z.boolean().default(true),
    /**
     * The `error` numbers with which this installation says "no such profile". Altcraft documents none, so the default is
     * none: then such an answer is a failure. `checkAccess` tells which number an invented profile gets.
     */
    absentCodes: z.array(absentCodeSchema).default([]),
    /** When a read-back is worth its call, in milliseconds after the deletion. Default: 0. */
    readBackAfterMs: z.number().int().nonnegative().default(0),
    /** From the first byte sent to the last byte read, in milliseconds. Default: 30,000. */
    timeoutMs: z.number().int().positive().default(30_000),
    /** Own limits. Altcraft documents none. */
    limits: z
      .strictObject({
        /**
         * Submissions and reads at the same time for this account. The calls of a submission follow one after the other, so
         * it has one open at a time. Default: 1. At the most 10.
         */
        callsInFlight: z.number().int().min(1).max(10).default(1),
      })
      .prefault({}),
  })
  .refine(({ host, baseUrl }) => (host === undefined) !== (baseUrl === undefined), {
    message: onePlaceNeeded,
    when: ({ value }) => typeof value === 'object' && value !== null,
  });

/** How an Altcraft database is reached, and by what its profiles are found. Plain data that could be JSON. */
export interface AltcraftOptions extends z.input<typeof altcraftOptionsSchema> {}

/** One way to find a profile, and the identifier type it stands for. */
export type AltcraftMatching =
  | { readonly matching: 'email' | 'phone' | 'profile_id'; readonly type: string }
  | { readonly matching: 'custom'; readonly type: string; readonly fieldType: 'string' | 'number' };

/** Checked options, with everything resolved that was left to a default. */
export interface AltcraftSettings
  extends Omit<z.output<typeof altcraftOptionsSchema>, 'host' | 'baseUrl' | 'matching' | 'customFields'> {
  /** Scheme and host, without a slash at the end. */
  readonly baseUrl: string;
  /** Every way to find a profile, one identifier type each. */
  readonly matchings: readonly AltcraftMatching[];
}

/** @throws OptionsError naming every wrong key. */
export function parseAltcraftOptions(input: unknown): AltcraftSettings {
  const options = parseOptions('connector-altcraft', altcraftOptionsSchema, input);
  return { ...options, baseUrl: resolveBaseUrl(options), matchings: resolveMatchings(options) };
}

function resolveBaseUrl({ host, baseUrl }: z.output<typeof altcraftOptionsSchema>): string {
  if (baseUrl !== undefined) return baseUrl;
  if (host !== undefined) return `https://${host}`;
  throw new OptionsError('connector-altcraft', [{ path: [], message: onePlaceNeeded }]);
}

function resolveMatchings({ matching, customFields }: z.output<typeof altcraftOptionsSchema>): AltcraftMatching[] {
  const builtIn = matching ?? (customFields.length === 0 ? (['email'] as const) : []);
  const matchings: AltcraftMatching[] = [
    ...builtIn.map((name) => ({ matching: name, type: name })),
    ...customFields.map(({ fieldName, fieldType }) => ({ matching: 'custom' as const, type: fieldName, fieldType })),
  ];
  const types = matchings.map(({ type }) => type);
  if (types.length === 0) {
    throw new OptionsError('connector-altcraft', [
      { path: ['matching'], message: 'is empty, and there are no customFields: no profile could be found' },
    ]);
  }
  if (new Set(types).size < types.length) {
    throw new OptionsError('connector-altcraft', [
      { path: ['matching'], message: 'together with customFields, names an identifier more than once' },
    ]);
  }
  return matchings;
}
