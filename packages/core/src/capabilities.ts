import { z } from 'zod';
import { connectorLimitsSchema } from './limits.ts';

/** The vendor is done when it answers. */
export interface ImmediateCompletion extends z.infer<typeof immediateCompletionSchema> {}
const immediateCompletionSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('immediate'),
});

/** The vendor is asked with `check` until it says that it is done. */
export interface PolledCompletion extends z.infer<typeof polledCompletionSchema> {}
const polledCompletionSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('polled'),
  /** When the first `check` makes sense, in milliseconds after the submission. */
  firstCheckAfterMs: z.number().int().nonnegative(),
  /** The longest sensible time between two checks, in milliseconds. */
  checkEveryMs: z.number().int().positive(),
  /** When the vendor promises to be done, in milliseconds after the submission. */
  expectedWithinMs: z.number().int().positive(),
});

/** The vendor says nothing, and is done after a documented time. */
export interface ElapsedCompletion extends z.infer<typeof elapsedCompletionSchema> {}
const elapsedCompletionSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('elapsed'),
  /** The documented time, in milliseconds after the submission. */
  afterMs: z.number().int().positive(),
});

/** The vendor says nothing, and documents no time. */
export interface UnknowableCompletion extends z.infer<typeof unknowableCompletionSchema> {}
const unknowableCompletionSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('unknowable'),
});

/** Runtime check of {@link Completion}. */
export const completionSchema = z.discriminatedUnion('type', [
  immediateCompletionSchema,
  polledCompletionSchema,
  elapsedCompletionSchema,
  unknowableCompletionSchema,
]);

/** How it becomes known that an accepted deletion is done. */
export type Completion = ImmediateCompletion | PolledCompletion | ElapsedCompletion | UnknowableCompletion;

/** Runtime check of {@link VendorIdentifier}. */
export const vendorIdentifierSchema = z.strictObject({
  /** The vendor's name for it: `distinct_id`. */
  type: z.string().min(1),
  /** Which of the company's common identifier types it is, unless the configuration maps others: `['user_id']`. */
  from: z.array(z.string().min(1)),
});

/** An identifier type that the vendor can delete by. */
export interface VendorIdentifier extends z.infer<typeof vendorIdentifierSchema> {}

/** Runtime check of {@link ReadBack}. */
export const readBackSchema = z.strictObject({
  /**
   * What is gone where the read finds nothing: `person`, the profile and its history; `profile`, the profile only;
   * `identifier`, this one identifier of it. Compared with `reach` by `readCoversReach`: a read that covers less proves
   * nothing about the rest.
   */
  covers: z.enum(['person', 'profile', 'identifier']),
  /** The target types by which it covers that. By others it may read, and proves nothing. */
  identifiers: z.array(z.string().min(1)).min(1),
  /** When it is meaningful, in milliseconds after completion became known, or after acceptance where it never does (`elapsed`, `unknowable`). */
  afterMs: z.number().int().nonnegative(),
});

/** What our own read of the vendor's data can show. */
export interface ReadBack extends z.infer<typeof readBackSchema> {}

/** Runtime check of {@link ConnectorCapabilities}. */
export const connectorCapabilitiesSchema = z.strictObject({
  /** What a report calls this deletion: "Mixpanel GDPR deletion task". */
  title: z.string().min(1),
  /** `person`: profile and history. `profile`: the profile; its history stays. `identifier`: one identifier is detached; nobody is erased. `nothing`: it is no deletion, such as a suppression. */
  reach: z.enum(['person', 'profile', 'identifier', 'nothing']),
  /** What is erased, in sentences that a report prints. */
  erases: z.array(z.string().min(1)),
  /** What the vendor keeps, and what is left to do by hand, in sentences that a report prints. */
  leaves: z.array(z.string().min(1)),
  /** The identifier types it can use. */
  identifiers: z.array(vendorIdentifierSchema).min(1),
  /** How completion becomes known. */
  completion: completionSchema,
  /** What `verify` can show. Present where the connector has `verify`. */
  readBack: readBackSchema.optional(),
  /**
   * What one `cancel` reaches. `submission` (default): the submission as a whole. `target`: single targets can be taken out,
   * and the others go on.
   */
  cancels: z.enum(['submission', 'target']).optional(),
  /** Whether submitting the same target twice is `harmless` or `costly` (quota, money, a second job). */
  repeat: z.enum(['harmless', 'costly']),
  /** When the credentials run out, where the options say so; ISO 8601. The caller warns in time. */
  credentialsExpireAt: z.iso.datetime({ offset: true }).optional(),
  /** The vendor's limits. Documented ones are defaults; options may override them. */
  limits: connectorLimitsSchema,
});

/** What a connector can do, erases, leaves behind and is limited to: plain data that the caller obeys and reports print. */
export interface ConnectorCapabilities extends z.infer<typeof connectorCapabilitiesSchema> {}
