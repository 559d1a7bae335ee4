import { baseUrlSchema } from '@expunge/core';
import { z } from 'zod';

/** The seven regulation types of the Public API (docs/vendors/segment.md). */
export const regulationTypeSchema = z.enum([
  'DELETE_INTERNAL',
  'SUPPRESS_WITH_DELETE_INTERNAL',
  'SUPPRESS_ONLY',
  'UNSUPPRESS',
  'DELETE_ARCHIVE_ONLY',
  'DELETE_ONLY',
  'SUPPRESS_WITH_DELETE',
]);

/** A regulation type of the Public API. */
export type RegulationType = z.infer<typeof regulationTypeSchema>;

/** How the ids of a regulation are to be understood. */
export type SubjectType = 'USER_ID' | 'OBJECT_ID' | 'ANONYMOUS_ID';

// Segment's ids go into URL paths. `..` would turn a source's address into the workspace's, and a source's deletion into
// everybody's, so only the characters that Segment's ids are made of are let through.
const pathId = (what: string) =>
  z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, `must be ${what}: letters, digits, "_" and "-"`);

const secret = z.string().regex(/^[\x21-\x7e]+$/, 'must be the token: printable ASCII without spaces');

const regionSchema = z.enum(['us', 'eu']);
const timeoutMsSchema = z.number().int().positive().max(600_000);
const count = z.number().int().positive();

// These rules also run when another option is wrong, so that one look shows everything.
function isObject(payload: { value: unknown }): boolean {
  return typeof payload.value === 'object' && payload.value !== null;
}

function hasHost(options: { region?: unknown; baseUrl?: unknown }): boolean {
  return options.region !== undefined || options.baseUrl !== undefined;
}

const needsRegion = { path: ['region'], message: "must be 'us' or 'eu', unless baseUrl is given", when: isObject };

const scopeSchema = z.discriminatedUnion('type', [
  z.strictObject({
    /** All sources of the workspace. */
    type: z.literal('workspace'),
  }),
  z.strictObject({
    /** One source. */
    type: z.literal('source'),
    /** The source's id, from the source's settings under API keys. */
    sourceId: pathId('the id of a source'),
  }),
  z.strictObject({
    /** One collection of one cloud source (object data, such as a CRM's contacts). */
    type: z.literal('cloud-source'),
    /** The cloud source's id, from the source's settings. */
    sourceId: pathId('the id of a cloud source'),
    /** The collection that holds the objects: `contacts`. */
    collection: z.string().min(1),
  }),
]);

const regulationOptionsSchema = z
  .strictObject({
    /** Regulations of the Public API: people, by user id. */
    api: z.literal('regulation'),
    /** The Public API token, made by a workspace owner under Settings > Workspace settings > Access management. A secret. */
    token: secret,
    /** Where the workspace lives. Required unless `baseUrl` is given: another region is another set of workspaces. */
    region: regionSchema.optional(),
    /** Replaces Segment's host: for the sandbox or a proxy. */
    baseUrl: baseUrlSchema.optional(),
    /**
     * What a regulation does. `DELETE_ONLY` and `SUPPRESS_WITH_DELETE` are also forwarded to supported destinations;
     * the `_INTERNAL` types are not. `SUPPRESS_ONLY` deletes nothing. No default: forwarding can cost money at the
     * destinations, and not forwarding leaves their copies.
     */
    regulationType: regulationTypeSchema,
    /** Which sources it covers. Default: the whole workspace, so that no copy of the person is missed. */
    scope: scopeSchema.default({ type: 'workspace' }),
    /**
     * How the ids are to be understood. Default: `OBJECT_ID` for a cloud source, `USER_ID` elsewhere.
     * `OBJECT_ID` also fits a workspace. `ANONYMOUS_ID` fits only `DELETE_ARCHIVE_ONLY` on a source.
     */
    subjectType: z.enum(['USER_ID', 'OBJECT_ID', 'ANONYMOUS_ID']).optional(),
    /**
     * Must be `true` for `UNSUPPRESS`: it deletes nothing and makes Segment collect the person again, the opposite of
     * what a list of deletion requests asks for.
     */
    allowUnsuppress: z.boolean().optional(),
    /** The longest a call may take, in milliseconds. Default: 30,000. */
    timeoutMs: timeoutMsSchema.default(30_000),
    /** When a regulation is asked about. */
    polling: z
      .strictObject({
        /** The first time, in milliseconds after it was taken. Default: one hour. */
        firstCheckAfterMs: z.number().int().nonnegative().optional(),
        /** The longest time between two checks, in milliseconds. Default: one day. */
        checkEveryMs: count.optional(),
      })
      .optional(),
    /** Limits other than the documented ones. */
    limits: z
      .strictObject({
        /** Ids in one regulation. Default and documented maximum: 5,000. */
        maxTargets: count.max(5_000).optional(),
        /** Bytes of one regulation's JSON. Default and documented maximum: 4,000,000. */
        maxBytes: count.max(4_000_000).optional(),
        /** New regulations a minute. Default and documented maximum: 600. */
        createsPerMinute: count.max(600).optional(),
        /** All other calls a minute. Segment documents no number; default, our own choice: 60. */
        readsPerMinute: count.optional(),
        /** Calls at the same time. Segment documents no number; default, our own choice: 4. */
        callsInFlight: count.optional(),
        /** Subjects in a calendar month. Default: 110,000; Segment's support can raise it for Segment-only types. */
        targetsPerMonth: count.optional(),
      })
      .optional(),
  })
  .refine(hasHost, needsRegion)
  .refine((options) => options.regulationType !== 'DELETE_ARCHIVE_ONLY' || options.scope?.type === 'source', {
    path: ['regulationType'],
    message: 'DELETE_ARCHIVE_ONLY needs the scope of one source',
    when: isObject,
  })
  .refine((options) => options.subjectType === undefined || fitsScope(options.subjectType, options.scope?.type), {
    path: ['subjectType'],
    message:
      'does not fit the scope: workspace takes USER_ID or OBJECT_ID, source USER_ID or ANONYMOUS_ID, cloud-source OBJECT_ID',
    when: isObject,
  })
  .refine((options) => options.subjectType !== 'ANONYMOUS_ID' || options.regulationType === 'DELETE_ARCHIVE_ONLY', {
    path: ['subjectType'],
    message: 'ANONYMOUS_ID needs the regulation type DELETE_ARCHIVE_ONLY',
    when: isObject,
  })
  .refine((options) => options.regulationType !== 'UNSUPPRESS' || options.allowUnsuppress === true, {
    path: ['allowUnsuppress'],
    message: 'must be true for UNSUPPRESS, which deletes nothing and makes Segment collect these people again',
    when: isObject,
  });

const identifierOptionsSchema = z
  .strictObject({
    /** Single identifiers of Unify profiles. Erases nobody. */
    api: z.literal('identifier'),
    /** The space token, from Unify > Unify settings > API access. A secret. Not a Public API token. */
    token: secret,
    /** The space's id, from the same page as the token. */
    spaceId: pathId('the id of a space'),
    /** Where the space lives: `us` is Segment's North America. Required unless `baseUrl` is given. */
    region: regionSchema.optional(),
    /** Replaces Segment's host: for the sandbox or a proxy. */
    baseUrl: baseUrlSchema.optional(),
    /** Which identifier types are detached, by their names in the space: `['email', 'phone']`. Never `group_id`. */
    identifierTypes: z
      .array(
        z
          .string()
          .min(1)
          .refine(
            (type) => type !== 'group_id',
            'group_id cannot be detached: Segment takes identifiers of people only',
          ),
      )
      .min(1)
      .refine((types) => new Set(types).size === types.length, 'names a type twice'),
    /**
     * When a read-back is worth its call, in milliseconds after the identifier was detached. Default: five minutes, the
     * longest that Segment documents. Profiles with many merges may take longer: an identifier that is still shown then
     * is detached once more, and after a second time reported as still there.
     */
    readBackAfterMs: z.number().int().nonnegative().default(300_000),
    /** The longest a call may take, in milliseconds. Default: 30,000; profiles with many merges need that long. */
    timeoutMs: timeoutMsSchema.default(30_000),
    /** Limits other than the documented ones. */
    limits: z
      .strictObject({
        /** Calls a second in the space, deletions and look-ups together. Default: 100; Segment can raise it. */
        callsPerSecond: count.optional(),
        /** Calls at the same time. Segment documents no number; default, our own choice: 10. */
        callsInFlight: count.optional(),
      })
      .optional(),
  })
  .refine(hasHost, needsRegion);

/** All options of this package, told apart by `api`. */
export const segmentOptionsSchema = z.discriminatedUnion('api', [regulationOptionsSchema, identifierOptionsSchema]);

/** Options of regulations: people are deleted or suppressed by their user id. */
export interface SegmentRegulationOptions extends z.input<typeof regulationOptionsSchema> {}

/** Options of the Unify identifier deletion: one identifier leaves one profile. */
export interface SegmentIdentifierOptions extends z.input<typeof identifierOptionsSchema> {}

/** Options of either deletion, told apart by `api`. */
export type SegmentOptions = SegmentRegulationOptions | SegmentIdentifierOptions;

/** Checked options of regulations. */
export interface SegmentRegulationSettings extends z.output<typeof regulationOptionsSchema> {}

/** Checked options of the identifier deletion. */
export interface SegmentIdentifierSettings extends z.output<typeof identifierOptionsSchema> {}

function fitsScope(subjectType: SubjectType, scope: 'workspace' | 'source' | 'cloud-source' | undefined): boolean {
  switch (scope) {
    case 'source':
      return subjectType === 'USER_ID' || subjectType === 'ANONYMOUS_ID';
    case 'cloud-source':
      return subjectType === 'OBJECT_ID';
    default:
      return subjectType === 'USER_ID' || subjectType === 'OBJECT_ID';
  }
}
