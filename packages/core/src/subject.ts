import { z } from 'zod';
import { identifierSchema } from './identifier.ts';

/** Runtime check of {@link Subject}. */
export const subjectSchema = z.strictObject({
  /** At least one. Several of one type are allowed: two user ids, three devices. */
  identifiers: z.array(identifierSchema).min(1).max(1000),
});

/** The person to be deleted, known by one or more identifiers. Personal data. */
export interface Subject extends z.infer<typeof subjectSchema> {}
