import { z } from 'zod';

/** Runtime check of {@link Receipt}. */
export const receiptSchema = z.record(z.string(), z.json());

/**
 * What a vendor gave back to ask about a submission later: plain JSON that only its connector reads.
 * It holds the vendor's job ids and never an identifier of a person: callers store it in the clear.
 */
export type Receipt = z.infer<typeof receiptSchema>;
