import { z } from 'zod';

/** Runtime check of {@link Identifier}. */
export const identifierSchema = z.strictObject({
  /** What kind of identifier this is: `user_id`, `email`, `phone`, `anonymous_id`, or a name the company uses (`crm_id`). */
  type: z.string().regex(/^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$/, 'must be a letter, then letters, digits, "_", "." or "-"'),
  /** The value exactly as the vendors store it. Never trimmed, lower-cased or otherwise changed. */
  value: z.string().min(1).max(4096),
});

/** One way in which a person is known: a type and a value. Personal data. */
export interface Identifier extends z.infer<typeof identifierSchema> {}
