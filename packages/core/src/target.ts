import { z } from 'zod';

/** Runtime check of {@link Target}. */
export const targetSchema = z.strictObject({
  /** The vendor's name for the identifier: `distinct_id`, `identity`, `guid`, `userId`. */
  type: z.string().min(1),
  /** Its value, exactly as the vendor stores it. */
  value: z.string().min(1),
  /** What else is needed to address the record, such as the key under which a profile is looked up. */
  details: z.record(z.string(), z.string()).optional(),
});

/** One record at one vendor that has to go: what a connector makes of a subject's identifiers. Personal data. */
export interface Target extends z.infer<typeof targetSchema> {}
