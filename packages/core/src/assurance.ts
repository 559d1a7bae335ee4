import { z } from 'zod';

/** Runtime check of {@link Assurance}. */
export const assuranceSchema = z.enum(['verified', 'confirmed', 'accepted']);

/**
 * How it is known that a target is gone.
 *
 * - `verified`: our own read saw the record before, no longer finds it, and covers all that the deletion is to erase.
 * - `confirmed`: the vendor itself says that it is done, or that there was nothing to delete.
 * - `accepted`: the vendor took the request; whether and when it finished can't be observed.
 */
export type Assurance = z.infer<typeof assuranceSchema>;
