import { deletionRequestSchema, type Identifier } from '@expunge/core';
import { textIssue } from '../ledger/plain-text.ts';
import type { IncomingRequest } from './engine.ts';
import { valueFault, valueFaultWords } from './suspicious-values.ts';

const longestId = 200;
const incomingRequestSchema = deletionRequestSchema.partial({ id: true, receivedAt: true });

/**
 * What is wrong with a request, before anything is done with it.
 *
 * @param isAllowed - Whether somebody has looked at an identifier's value, and means it.
 * @returns One sentence per fault, without any identifier's value. Empty: it is valid.
 */
export function requestIssues(
  request: IncomingRequest,
  isAllowed: (identifier: Identifier) => boolean = () => false,
): readonly string[] {
  const parsed = incomingRequestSchema.safeParse(request);
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  }
  const idIssue = request.id === undefined ? undefined : textIssue(request.id, longestId);
  if (idIssue !== undefined) return [`id: ${idIssue}`];
  const { receivedAt, dueAt } = request;
  if (receivedAt !== undefined && dueAt !== undefined && Date.parse(dueAt) < Date.parse(receivedAt)) {
    return ['dueAt: lies before receivedAt'];
  }
  return request.subject.identifiers.flatMap((identifier) => {
    const found = valueFault(identifier);
    if (found?.isCertain !== true || isAllowed(identifier)) return [];
    return [`${identifier.type}: ${valueFaultWords[found.fault]}`];
  });
}

/** A request that can't be taken. Names no identifier. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** Which one, counted from 0. */
  readonly index: number;
  /** What is wrong, in sentences. */
  readonly issues: readonly string[];

  constructor(index: number, issues: readonly string[]) {
    super(`Request ${index + 1} is not valid: ${issues.join('; ')}`);
    this.index = index;
    this.issues = issues;
  }
}
