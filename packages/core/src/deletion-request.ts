import { z } from 'zod';
import { subjectSchema } from './subject.ts';

/** Runtime check of {@link Law}. */
export const lawSchema = z.enum(['gdpr', 'ccpa', 'other']);

/** The law a request falls under. It decides the default deadline. */
export type Law = z.infer<typeof lawSchema>;

/** Runtime check of {@link DeletionRequest}. */
export const deletionRequestSchema = z.strictObject({
  /**
   * The caller's own id and the idempotency key: a request is taken once, whatever happens in between.
   * It stays readable in ledgers, logs and reports, so it must not name the person.
   */
  id: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\s@]+$/, 'must be without spaces and "@": it is printed in reports and must not name the person'),
  /** Who is to be deleted. */
  subject: subjectSchema,
  /** The law it falls under. */
  law: lawSchema,
  /** When the person asked, ISO 8601 with offset. Deadlines count from here. */
  receivedAt: z.iso.datetime({ offset: true }),
  /** When it must be done, ISO 8601 with offset. Left out: the caller's default for the law. */
  dueAt: z.iso.datetime({ offset: true }).optional(),
});

/** One person's wish to be deleted, everywhere. */
export interface DeletionRequest extends z.infer<typeof deletionRequestSchema> {}
