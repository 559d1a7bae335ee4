import { z } from 'zod';

/** Job ids are short, and one receipt may hold some hundreds of them. What is longer is something else, and is not stored. */
const maxReceiptLength = 65_536;

/** Runtime check of {@link Receipt}. */
export const receiptSchema = z
  .record(z.string(), z.json())
  .refine(
    (receipt) => JSON.stringify(receipt).length <= maxReceiptLength,
    `must be at most ${maxReceiptLength} characters of JSON`,
  );

/**
 * What a vendor gave back to ask about a submission later: plain JSON that only its connector reads.
 * It holds the vendor's job ids and never an identifier of a person: callers store it in the clear.
 */
export type Receipt = z.infer<typeof receiptSchema>;
