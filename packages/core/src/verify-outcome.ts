import { z } from 'zod';

/** The record is there. */
export interface VerifyPresent extends z.infer<typeof verifyPresentSchema> {}
const verifyPresentSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('present'),
  /**
   * What its later absence would cover, where that is less than `capabilities.readBack` says: `identifier` where the person
   * has other devices besides the one that was asked by.
   */
  covers: z.enum(['profile', 'identifier']).optional(),
});

/** The vendor was asked and has no such record. Proof of a deletion only where it was seen present before. */
export interface VerifyAbsent extends z.infer<typeof verifyAbsentSchema> {}
const verifyAbsentSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('absent'),
});

/** The read says neither. A failed look-up is not an absence. */
export interface VerifyUnknown extends z.infer<typeof verifyUnknownSchema> {}
const verifyUnknownSchema = z.strictObject({
  /** Discriminator. */
  type: z.literal('unknown'),
  /** One sentence in the connector's own words. No identifier, no vendor text. */
  reason: z.string().min(1),
});

/** Runtime check of {@link VerifyOutcome}. */
export const verifyOutcomeSchema = z.discriminatedUnion('type', [
  verifyPresentSchema,
  verifyAbsentSchema,
  verifyUnknownSchema,
]);

/** What reading the vendor's data back said about one target. One per target, in the order of the targets. */
export type VerifyOutcome = VerifyPresent | VerifyAbsent | VerifyUnknown;
