import { z } from 'zod';
import { pointerSchema } from './json-pointer.ts';

const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Runtime check of {@link Condition}. */
const conditionSchema = z
  .strictObject({
    /** Where in the reply, as a JSON pointer. */
    at: pointerSchema,
    /** This very value, of this type. */
    equals: scalarSchema.optional(),
    /** One of these values. */
    oneOf: z.array(scalarSchema).min(1).optional(),
    /** `true`: something other than null is there. `false`: nothing, or null. */
    exists: z.boolean().optional(),
    /** A text that begins like this, with capitals as they are: for sentences whose end differs from answer to answer. */
    startsWith: z.string().min(1).optional(),
    /** What is there. `empty`: a list, object or text with nothing in it. */
    is: z.enum(['text', 'number', 'object', 'list', 'empty']).optional(),
    /** The same as the placeholder of this name: `id` for the person who was asked about. */
    sameAs: z.string().min(1).optional(),
    /** Beside `sameAs`: capitals do not matter, because the vendor documents that it folds them. */
    ignoreCase: z.boolean().optional(),
  })
  .refine(
    ({ at: _at, ignoreCase: _ignoreCase, ...tests }) =>
      Object.values(tests).filter((test) => test !== undefined).length === 1,
    'needs exactly one of equals, oneOf, exists, is, startsWith and sameAs beside at',
  )
  .refine(({ sameAs, ignoreCase }) => ignoreCase === undefined || sameAs !== undefined, {
    path: ['ignoreCase'],
    message: 'stands beside sameAs only',
  });

/** What has to hold at one place of a reply. */
export interface Condition extends z.output<typeof conditionSchema> {}

/** Runtime check of {@link BodyRule}. */
export const bodyRuleSchema = z.union([z.enum(['any', 'empty']), z.array(conditionSchema).min(1)], {
  error: 'must be a list of conditions, or empty for no body, or any for whatever stands there',
});

/** What has to hold for a reply's body. */
export type BodyRule = z.output<typeof bodyRuleSchema>;

const statusSchema = z.number().int().min(200).max(599);

const fits = {
  /** The HTTP status, or a list of them. */
  status: z.union([statusSchema, z.array(statusSchema).min(1)], { error: 'must be an HTTP status, or a list of them' }),
  /** Conditions that all hold, `empty`, or `any`. */
  body: bodyRuleSchema,
};

const vendorStatus = z
  .string()
  .regex(/^[\w.:-]{1,64}$/, 'must be a plain word: it is printed in reports')
  .optional();
const sentence = z.string().min(1);

const retryAfterSchema = z
  .strictObject({
    /** Where in the reply's JSON. */
    at: pointerSchema.optional(),
    /** Which header. */
    header: z.string().min(1).optional(),
    /** What the number counts. */
    unit: z.enum(['seconds', 'milliseconds']),
  })
  .refine(({ at, header }) => (at === undefined) !== (header === undefined), 'needs exactly one of at and header');

/** A number of the reply that says how long to wait. */
export interface RetryAfter extends z.output<typeof retryAfterSchema> {}

/** The failures that a reply can mean. The others happen without a reply. */
export const failureCodes = [
  'credentials-rejected',
  'permission-missing',
  'request-rejected',
  'request-too-large',
  'setup-wrong',
  'rate-limited',
  'quota-spent',
  'vendor-unavailable',
  'timed-out',
  'response-unexpected',
  'answer-contradictory',
] as const;

const failure = z.strictObject({
  ...fits,
  means: z.enum(failureCodes),
  /** What happened and what to do, in one's own words. */
  message: sentence.optional(),
  vendorStatus,
  /** How long the vendor asks to wait, where it says so in a way of its own. */
  retryAfter: retryAfterSchema.optional(),
});

/** A reply that means a failure. */
export interface FailureReply extends z.output<typeof failure> {}

const rejected = {
  means: z.literal('rejected'),
  /** Why the vendor will never take this target. */
  reason: z.enum(['refused', 'not-addressable', 'unsupported', 'mismatch']),
  message: sentence,
  vendorStatus,
};
const deferred = {
  means: z.literal('deferred'),
  /** Why the vendor did not take it now. */
  reason: z.enum(['conflict', 'not-taken']),
  /** The earliest sensible time to submit it again, in milliseconds from the reply. */
  retryAfterMs: z.number().int().nonnegative().optional(),
};
const absent = { means: z.literal('absent'), vendorStatus };

/** What a reply to a deletion can mean. */
export const submitReplySchema = z.discriminatedUnion('means', [
  z.strictObject({ ...fits, means: z.enum(['deleted', 'accepted']) }),
  // The reply speaks of each target in a list of its own.
  z.strictObject({ ...fits, means: z.literal('results') }),
  z.strictObject({ ...fits, ...absent }),
  z.strictObject({ ...fits, ...rejected }),
  z.strictObject({ ...fits, ...deferred }),
  failure,
]);

const entryFits = { body: bodyRuleSchema };

/** What an entry about one target can mean, in a reply that speaks of each. */
export const entryReplySchema = z.discriminatedUnion('means', [
  z.strictObject({ ...entryFits, means: z.enum(['deleted', 'accepted']) }),
  z.strictObject({ ...entryFits, ...absent }),
  z.strictObject({ ...entryFits, ...rejected }),
  z.strictObject({ ...entryFits, ...deferred }),
]);

/** What a reply to a look at a job can mean. `status`: as the word in it says. */
export const checkReplySchema = z.discriminatedUnion('means', [
  z.strictObject({ ...fits, means: z.literal('status') }),
  z.strictObject({ ...fits, means: z.literal('lost'), vendorStatus }),
  failure,
]);

/** What a reply to a read-back can mean. */
export const verifyReplySchema = z.discriminatedUnion('means', [
  z.strictObject({ ...fits, means: z.enum(['present', 'absent']) }),
  z.strictObject({ ...fits, means: z.literal('unknown'), reason: sentence }),
  failure,
]);

/** What a reply to a cancellation can mean. */
export const cancelReplySchema = z.discriminatedUnion('means', [
  z.strictObject({ ...fits, means: z.enum(['cancelled', 'too-late', 'not-ours']) }),
  failure,
]);

/** What a reply to the check of the credentials can mean. */
export const accessReplySchema = z.discriminatedUnion('means', [
  z.strictObject({ ...fits, means: z.literal('proven') }),
  failure,
]);
