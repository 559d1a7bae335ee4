import { notCalled, type Receipt } from '@expunge/core';
import { z } from 'zod';

const taskReceiptSchema = z.strictObject({
  /** Mixpanel's task ids. Several only where a conflict named several. */
  taskIds: z.array(z.string().min(1)).min(1),
  /** Whether this submission made them. Otherwise a conflict named them, and they are somebody else's to call back. */
  ours: z.boolean(),
});

/** What is kept of a submission: task ids, nobody's distinct id. */
export interface TaskReceipt extends z.infer<typeof taskReceiptSchema> {}

/** Makes the plain receipt that the caller keeps. */
export function toReceipt({ taskIds, ours }: TaskReceipt): Receipt {
  return { taskIds, ours };
}

/**
 * Reads a receipt that the caller kept.
 *
 * @throws ConnectorError `request-rejected` where it is not one of this connector.
 */
export function parseReceipt(receipt: Receipt): TaskReceipt {
  const result = taskReceiptSchema.safeParse(receipt);
  if (result.success) return result.data;
  throw notCalled('mixpanel', 'request-rejected', 'The receipt is not one of a Mixpanel data deletion task.');
}
