import { baseUrlSchema } from '@expunge/core';
import type { SendOptions } from '@expunge/http-client';
import { z } from 'zod';

/** Live objects, as against options, which are plain data. */
export interface MixpanelCollaborators {
  /** An undici dispatcher: proxies, mutual TLS, tracing and mocks come from there. Default: the one of the HTTP client. */
  readonly dispatcher?: NonNullable<SendOptions['dispatcher']>;
}

// A line break at the end of a secret read from a file is the usual slip, and would break the header it goes into.
const secretSchema = z
  .string()
  .regex(/^[!-~]+$/, 'must be visible ASCII without spaces; check for a stray line break at the end');

const milliseconds = z.int().nonnegative();

/** Where the project lives, and what reading it back needs. The same for both deletions. */
const accountShape = {
  /** The project token, from Project Settings > Overview. It names the project; it is no secret. */
  projectToken: secretSchema,
  /**
   * Where the project's data is stored: `us`, `eu` (EU Data Residency) or `in` (India Data Residency). Required unless
   * `baseUrl` is given: Mixpanel answers a deletion sent to the wrong region with success and deletes nothing.
   */
  region: z.enum(['us', 'eu', 'in']).optional(),
  /** Replaces all of Mixpanel's hosts: for a sandbox or a proxy. `http` or `https`, with an optional path, without a query. */
  baseUrl: baseUrlSchema.optional(),
  /** The longest one call may take, in milliseconds. Default: 30,000 for `profile`, 60,000 for `gdpr` and for reading back. */
  timeoutMs: z.int().positive().max(600_000).optional(),
  /** A service account that may read the project: Organization Settings > Service Accounts. With it, and `projectId`, the connector can read back. */
  serviceAccount: z
    .strictObject({
      /** Its user name, as shown in the list of service accounts. */
      username: secretSchema.regex(/^[^:]*$/, 'must not contain ":"'),
      /** Its secret, shown once when the account is made. */
      secret: secretSchema,
    })
    .optional(),
  /** The project's number, from Project Settings > Overview. Needed with `serviceAccount`, and only there. */
  projectId: z.int().positive().optional(),
  /** The number of the data view (workspace) to read, where the project uses them. Needs `serviceAccount`. */
  workspaceId: z.int().positive().optional(),
};

/** Limits of the read-back. The documented ones are the defaults and the most that is allowed here. */
const readBackLimitsShape = {
  /** Targets in one read-back call. Default and maximum: 1,000, Mixpanel's page size. */
  readBackTargets: z.int().positive().max(1000).optional(),
  /** Read-back calls an hour. Default and maximum: 60, which all users of the project's Query API share. */
  readBackCallsPerHour: z.int().positive().max(60).optional(),
  /** Read-back calls at the same time. Default and maximum: 5, shared likewise. */
  readBackCallsInFlight: z.int().positive().max(5).optional(),
};

const profileSchema = z.strictObject({
  /** Profile deletion. */
  api: z.literal('profile'),
  ...accountShape,
  /**
   * What happens to a target that is an alias of another profile. `false` (default): Mixpanel resolves the alias, and the
   * original profile is removed: right for erasing a person. `true`: exactly the given id is removed and the original
   * stays: right for clearing away a duplicate.
   */
  ignoreAlias: z.boolean().default(false),
  /** Overrides of the limits. */
  limits: z
    .strictObject({
      /** Targets in one call. Default and documented maximum: 2,000. */
      maxTargets: z.int().positive().max(2000).optional(),
      /** Deletion calls at the same time. Default: 4, our choice: Mixpanel documents none. */
      callsInFlight: z.int().positive().max(100).optional(),
      ...readBackLimitsShape,
    })
    .optional(),
  /** Overrides of the waiting times, in milliseconds. */
  timing: z
    .strictObject({
      /** From the deletion to the first sensible read-back. Default: 24 hours, our choice: Mixpanel documents none. */
      readBackAfterMs: milliseconds.optional(),
    })
    .optional(),
});

const gdprSchema = z.strictObject({
  /** GDPR or CCPA data deletion task. */
  api: z.literal('gdpr'),
  ...accountShape,
  /**
   * The OAuth token for data requests, from Profile & Preferences > Data & Privacy. It belongs to one person, who must be
   * the Project Owner (or an Admin, where the project has roles), and lives one year. A service account can't be used.
   */
  oauthToken: secretSchema,
  /** When the OAuth token runs out: ISO 8601, one year after it was made. With it, whoever runs the connector is warned in time. */
  tokenExpiresAt: z.iso.datetime({ offset: true }).optional(),
  /** The law that the task is filed under. Default: `GDPR`. */
  compliance: z.enum(['GDPR', 'CCPA']).default('GDPR'),
  /** How many group keys the project has (Group Analytics; 0 without). Sets the batch size to floor(2,000 / (groupKeys + 1)), at most 1,999. */
  groupKeys: z.int().nonnegative().max(1999).optional(),
  /** Overrides of the limits. */
  limits: z
    .strictObject({
      /** Targets in one task. Default: 500, or what `groupKeys` gives. Maximum: 1,999. */
      maxTargets: z.int().positive().max(1999).optional(),
      ...readBackLimitsShape,
    })
    .optional(),
  /** Overrides of the waiting times, in milliseconds. */
  timing: z
    .strictObject({
      /** From the submission to the first look at the task. Default: 5 minutes, our choice. */
      firstCheckAfterMs: milliseconds.optional(),
      /** The longest time between two looks at a task. Default: 6 hours, our choice. */
      checkEveryMs: milliseconds.positive().optional(),
      /** When a task should be done. Default: 30 days, as documented. */
      expectedWithinMs: milliseconds.positive().optional(),
      /** From the end of the task to the first sensible read-back. Default: 24 hours, our choice. */
      readBackAfterMs: milliseconds.optional(),
    })
    .optional(),
});

/** Options of the profile deletion, `api: 'profile'`. */
export interface MixpanelProfileOptions extends z.input<typeof profileSchema> {}

/** Options of the data deletion task, `api: 'gdpr'`. */
export interface MixpanelGdprOptions extends z.input<typeof gdprSchema> {}

/** Options of the Mixpanel connector: `api` says which of Mixpanel's deletions. */
export type MixpanelOptions = MixpanelProfileOptions | MixpanelGdprOptions;

/** Checked options of the profile deletion. */
export type ProfileSettings = z.output<typeof profileSchema>;

/** Checked options of the data deletion task. */
export type GdprSettings = z.output<typeof gdprSchema>;

/** What both have in common. */
export type AccountSettings = ProfileSettings | GdprSettings;

/** The keys that rules about several keys speak of. */
interface AccountKeys {
  readonly region?: unknown;
  readonly baseUrl?: unknown;
  readonly serviceAccount?: unknown;
  readonly projectId?: unknown;
  readonly workspaceId?: unknown;
}

const accountRules: readonly {
  readonly isKept: (options: AccountKeys) => boolean;
  readonly key: keyof AccountKeys;
  readonly message: string;
}[] = [
  {
    isKept: ({ region, baseUrl }) => region !== undefined || baseUrl !== undefined,
    key: 'region',
    message: "is needed: 'us', 'eu' or 'in', where the project's data is stored",
  },
  {
    isKept: ({ serviceAccount, projectId }) => serviceAccount === undefined || projectId !== undefined,
    key: 'projectId',
    message: 'is needed with serviceAccount',
  },
  {
    isKept: ({ serviceAccount, projectId, workspaceId }) =>
      serviceAccount !== undefined || (projectId === undefined && workspaceId === undefined),
    key: 'serviceAccount',
    message: 'is needed with projectId and workspaceId',
  },
];

function withAccountRules<Schema extends z.ZodType<AccountKeys>>(schema: Schema): Schema {
  return accountRules.reduce(
    (ruled, { isKept, key, message }) => ruled.refine(isKept, { path: [key], message, when: isObject }),
    schema,
  );
}

/** What `parseOptions` checks the options with. */
export const mixpanelOptionsSchema = z.discriminatedUnion(
  'api',
  [withAccountRules(profileSchema), withAccountRules(gdprSchema)],
  { error: "must be given, and its api must be 'profile' or 'gdpr'" },
);

// These rules are checked beside the keys themselves, so that one look names everything that is wrong.
function isObject(payload: { readonly value: unknown }): boolean {
  return typeof payload.value === 'object' && payload.value !== null;
}
