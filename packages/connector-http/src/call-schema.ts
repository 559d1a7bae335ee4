import { readBackSchema } from '@expunge/core';
import { z } from 'zod';
import { pointerSchema } from './json-pointer.ts';
import {
  accessReplySchema,
  cancelReplySchema,
  checkReplySchema,
  entryReplySchema,
  submitReplySchema,
  verifyReplySchema,
} from './reply-schema.ts';
import { requestSchema } from './request-schema.ts';

const milliseconds = z.number().int().nonnegative();

const resultsSchema = z.strictObject({
  /** Where the list is in the reply. */
  at: pointerSchema,
  /** Where, in an entry, the id stands that it is about. Empty: the entry is the id. */
  id: pointerSchema,
  /** Capitals do not matter in that id, because the vendor documents that it folds them. */
  ignoreCase: z.boolean().default(false),
  /** What an entry means; the first rule that fits decides. */
  replies: z.array(entryReplySchema).min(1),
});

/** A list of a reply with an entry for each target. */
export interface ResultList extends z.output<typeof resultsSchema> {}

const receiptName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_]*$/, 'must be a name: a letter, then letters, digits or "_"');

/** The call that deletes. */
export const submitSchema = z.strictObject({
  /** What is sent. */
  request: requestSchema,
  /** What a reply means; the first rule that fits decides. A reply that fits none is never a success. */
  replies: z.array(submitReplySchema).min(1),
  /** Where the reply speaks of each target, for `means: results`. */
  results: z.array(resultsSchema).min(1).optional(),
  /** What it means that the reply speaks of some targets and leaves one out. `absent` only where the documents say so. */
  missing: z.enum(['response-unexpected', 'deferred', 'absent']).default('response-unexpected'),
  /** What is kept to ask about the submission later: a name of one's own, and where the value stands in the reply. */
  receipt: z.record(receiptName, pointerSchema).optional(),
});

const wordSchema = z.union(
  [
    z.enum(['pending', 'deleted', 'partial', 'cancelled', 'lost']),
    z.discriminatedUnion('state', [
      z.strictObject({
        state: z.literal('failed'),
        /** Whether submitting the same targets once more may succeed. */
        canSubmitAgain: z.boolean(),
      }),
      z.strictObject({
        state: z.literal('pending'),
        /** Whether it can still be called back. */
        canCancel: z.boolean(),
      }),
    ]),
  ],
  {
    error:
      'must be pending, deleted, partial, cancelled or lost, or { state: failed, canSubmitAgain: true or false }, ' +
      'or { state: pending, canCancel: true or false }',
  },
);

/** What one of the vendor's words for a job means. */
export type WordMeaning = z.output<typeof wordSchema>;

/** The call that asks how a job stands. */
export const checkSchema = z.strictObject({
  /** What is sent. */
  request: requestSchema,
  /** What a reply means; the first rule that fits decides. */
  replies: z.array(checkReplySchema).min(1),
  /** The vendor's words for how a job stands. */
  status: z.strictObject({
    /** Where the word is in the reply. */
    at: pointerSchema,
    /** Every word of the vendor's list, and what it means. Any other word is an error. */
    words: z.record(z.string().min(1), wordSchema),
  }),
});

/** The call that reads one record back. */
export const verifySchema = z.strictObject({
  /** What is sent. */
  request: requestSchema,
  /** What a reply means; the first rule that fits decides. */
  replies: z.array(verifyReplySchema).min(1),
  /** When a read-back is worth its call, in milliseconds after the deletion is done or, where nobody says so, accepted. */
  afterMs: milliseconds,
  /**
   * What is gone where it finds nothing: `person` (profile and history), `profile` or `identifier`. Where that is less than
   * `reach`, no deletion is `verified`. Default: `identifier` where that is the reach, `profile` elsewhere.
   */
  covers: readBackSchema.shape.covers.optional(),
});

/** The call that calls a job back. */
export const cancelSchema = z.strictObject({
  /** What is sent. */
  request: requestSchema,
  /** What a reply means; the first rule that fits decides. */
  replies: z.array(cancelReplySchema).min(1),
});

/** The call that proves the credentials. */
export const accessSchema = z.strictObject({
  /** What is sent. */
  request: requestSchema,
  /** What a reply means; the first rule that fits decides. */
  replies: z.array(accessReplySchema).min(1),
  /** What that has shown, in sentences. */
  proven: z.array(z.string().min(1)).min(1),
  /** What it could not show, in sentences. */
  unproven: z.array(z.string().min(1)).default([]),
});
