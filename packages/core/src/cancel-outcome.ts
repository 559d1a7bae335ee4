import { z } from 'zod';

/** Runtime check of {@link CancelOutcome}. */
export const cancelOutcomeSchema = z.strictObject({
  /**
   * `cancelled`: nothing will be deleted. `too-late`: the vendor has begun or is done.
   * `not-ours`: the receipt is of a submission that somebody else made; it was left alone.
   */
  type: z.enum(['cancelled', 'too-late', 'not-ours']),
});

/** What came of cancelling a submission, for all of its targets or for one. */
export interface CancelOutcome extends z.infer<typeof cancelOutcomeSchema> {}
