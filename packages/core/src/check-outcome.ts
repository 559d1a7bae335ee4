import { z } from 'zod';
import { vendorWordSchema } from './submit-outcome.ts';

/** One part of a deletion that the vendor reports on by itself, such as a destination it forwards to. */
export interface CheckPart extends z.infer<typeof checkPartSchema> {}
const checkPartSchema = z.strictObject({
  /** The vendor's name for the part: `Amplitude`. Configuration, never a person. */
  name: z.string().min(1).max(500),
  /** How the part stands. */
  state: z.enum(['pending', 'deleted', 'failed', 'not-supported', 'unknown']),
  /** The vendor's own word for it. */
  vendorStatus: vendorWordSchema,
});

// Reports print each of them. A vendor that names more has gone wrong.
const partsSchema = z.array(checkPartSchema).max(5000);

/** The vendor's own word for how the submission stands, as in its documents. */
const vendorStatus = vendorWordSchema;

/** Still being worked on. */
export interface CheckPending extends z.infer<typeof checkPendingSchema> {}
const checkPendingSchema = z.strictObject({
  /** Discriminator. */
  state: z.literal('pending'),
  /** The vendor's own word. */
  vendorStatus,
  /** Whether `cancel` can still call it back, where the status tells. */
  canCancel: z.boolean().optional(),
});

/** The vendor says that it is done. */
export interface CheckDeleted extends z.infer<typeof checkDeletedSchema> {}
const checkDeletedSchema = z.strictObject({
  /** Discriminator. */
  state: z.literal('deleted'),
  /** The vendor's own word. */
  vendorStatus,
  /** When the vendor says it finished; ISO 8601. */
  finishedAt: z.iso.datetime({ offset: true }).optional(),
  /** The vendor's own parts, all done. */
  parts: partsSchema.optional(),
});

/** Ended, and some parts are not done. Which ones stands in `parts`. */
export interface CheckPartial extends z.infer<typeof checkPartialSchema> {}
const checkPartialSchema = z.strictObject({
  /** Discriminator. */
  state: z.literal('partial'),
  /** The vendor's own word. */
  vendorStatus,
  /** The vendor's own parts. May be empty where it names none. */
  parts: partsSchema,
});

/** The vendor says that it failed. */
export interface CheckFailed extends z.infer<typeof checkFailedSchema> {}
const checkFailedSchema = z.strictObject({
  /** Discriminator. */
  state: z.literal('failed'),
  /** The vendor's own word. */
  vendorStatus,
  /** Whether submitting the same targets once more may succeed. */
  canSubmitAgain: z.boolean(),
  /**
   * Whether one of several targets may have failed the whole submission, such as an id that nobody has. Then the caller
   * submits halves, and not the same again.
   */
  canBisect: z.boolean().optional(),
});

/** Called back before it began: nothing was deleted. */
export interface CheckCancelled extends z.infer<typeof checkCancelledSchema> {}
const checkCancelledSchema = z.strictObject({
  /** Discriminator. */
  state: z.literal('cancelled'),
  /** The vendor's own word. */
  vendorStatus,
});

/** The vendor no longer knows the submission: what became of it can't be learned from it any more. */
export interface CheckLost extends z.infer<typeof checkLostSchema> {}
const checkLostSchema = z.strictObject({
  /** Discriminator. */
  state: z.literal('lost'),
  /** The vendor's own word. */
  vendorStatus,
});

/**
 * The vendor answered, and its answer does not say how the submission stands: a word that it does not document, a refusal
 * without a meaning. The caller asks again, and gives up after the promised time: then a person has to look.
 */
export interface CheckUnknown extends z.infer<typeof checkUnknownSchema> {}
const checkUnknownSchema = z.strictObject({
  /** Discriminator. */
  state: z.literal('unknown'),
  /** The connector's word for it: `undocumented-word`, `HTTP-404`. A word that the vendor does not document is not repeated. */
  vendorStatus,
  /** One sentence in the connector's own words. No identifier, no vendor text. */
  reason: z.string().min(1),
});

/** Runtime check of {@link CheckOutcome}. */
export const checkOutcomeSchema = z.discriminatedUnion('state', [
  checkPendingSchema,
  checkDeletedSchema,
  checkPartialSchema,
  checkFailedSchema,
  checkCancelledSchema,
  checkLostSchema,
  checkUnknownSchema,
]);

/** How a submission stands, for all of its targets or for one. A word that the vendor does not document is `unknown`, never a guess. */
export type CheckOutcome =
  | CheckPending
  | CheckDeleted
  | CheckPartial
  | CheckFailed
  | CheckCancelled
  | CheckLost
  | CheckUnknown;
