import { deletionRequestSchema } from '@expunge/core';
import { textIssue } from '../ledger/plain-text.ts';
import type { IncomingRequest } from './engine.ts';
import { isPlaceholder } from './placeholder.ts';

const longestId = 200;
const incomingRequestSchema = deletionRequestSchema.partial({ id: true });

/**
 * What is wrong with a request, before anything is done with it.
 *
 * @returns One sentence per fault, without any identifier's value. Empty: it is valid.
 */
export function requestIssues(request: IncomingRequest): readonly string[] {
  const parsed = incomingRequestSchema.safeParse(request);
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  }
  const idIssue = request.id === undefined ? undefined : textIssue(request.id, longestId);
  if (idIssue !== undefined) return [`id: ${idIssue}`];
  return request.subject.identifiers
    .filter((identifier) => isPlaceholder(identifier.value))
    .map((identifier) => `${identifier.type}: the value is a placeholder; deleting it would delete somebody else`);
}
