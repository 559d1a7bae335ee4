import { z } from 'zod';
import { receiptSchema } from './receipt.ts';

/** A word or number from the vendor's documented lists, safe to print. Never free text: that may name people. */
export const vendorWordSchema = z.string().regex(/^[\w.:-]{1,64}$/);

/** The vendor says that the record is gone now. */
export interface SubmitDeleted extends z.infer<typeof submitDeletedSchema> {}
const submitDeletedSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('deleted'),
  /** What else a person should know, in one sentence of the connector's: "Two profiles had this address; both are deleted." No identifier, no vendor text. */
  message: z.string().min(1).optional(),
});

/** The vendor says that there was nothing to delete. */
export interface SubmitAbsent extends z.infer<typeof submitAbsentSchema> {}
const submitAbsentSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('absent'),
  /** The vendor's own word for it. */
  vendorStatus: vendorWordSchema.optional(),
});

/** The vendor took it and works on it later. Accepted is not deleted. */
export interface SubmitAccepted extends z.infer<typeof submitAcceptedSchema> {}
const submitAcceptedSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('accepted'),
  /** How to ask about it later, where the vendor gives a way. Equal receipts are asked about once. */
  receipt: receiptSchema.optional(),
  /** When the vendor expects to be done, where it says so; ISO 8601. */
  expectedBy: z.iso.datetime({ offset: true }).optional(),
});

/** This target was not part of what the vendor took. It has to be submitted again. */
export interface SubmitDeferred extends z.infer<typeof submitDeferredSchema> {}
const submitDeferredSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('deferred'),
  /** `conflict`: another of the batch is being deleted already and the vendor refused the whole call. `not-taken`: the vendor took others only. */
  reason: z.enum(['conflict', 'not-taken']),
  /** The earliest sensible time to submit it again, in milliseconds from the reply. Left out: at once. */
  retryAfterMs: z.number().int().nonnegative().optional(),
});

/** The vendor will never take this target as it is. */
export interface SubmitRejected extends z.infer<typeof submitRejectedSchema> {}
const submitRejectedSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('rejected'),
  /**
   * `refused`: the vendor's rules forbid it. `not-addressable`: the record can't be addressed by what is known.
   * `unsupported`: the vendor does not know this type of identifier. `mismatch`: what the vendor answered about is
   * not what was asked for, so nothing was deleted.
   */
  reason: z.enum(['refused', 'not-addressable', 'unsupported', 'mismatch']),
  /** One sentence in the connector's own words: what to do about it. No identifier, no vendor text. */
  message: z.string().min(1),
  /** The vendor's own code for it. */
  vendorStatus: vendorWordSchema.optional(),
});

/** Runtime check of {@link SubmitOutcome}. */
export const submitOutcomeSchema = z.discriminatedUnion('type', [
  submitDeletedSchema,
  submitAbsentSchema,
  submitAcceptedSchema,
  submitDeferredSchema,
  submitRejectedSchema,
]);

/** What came of one target of a submission. One per target, in the order of the targets. */
export type SubmitOutcome = SubmitDeleted | SubmitAbsent | SubmitAccepted | SubmitDeferred | SubmitRejected;
