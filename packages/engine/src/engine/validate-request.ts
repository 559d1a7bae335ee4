import { deletionRequestSchema } from '@expunge/core';
import { textIssue } from '../ledger/plain-text.ts';
import type { IncomingRequest } from './engine.ts';

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

// Values that programs write where they know nobody. A vendor may hold a record under such a "person": that of
// everybody who was not known either.
const placeholders = new Set([
  'null',
  'undefined',
  'none',
  'nil',
  'nan',
  'n/a',
  'na',
  'unknown',
  'anonymous',
  'guest',
  'default',
  'deleted',
  'test',
  'true',
  'false',
  'empty',
  'not set',
  '(not set)',
  '(none)',
  '(null)',
  '<null>',
  '[object object]',
  '0',
  '-1',
  '00000000-0000-0000-0000-000000000000',
]);

/**
 * Whether a value stands for "nobody known" rather than for a person: deleting `undefined` deletes somebody else.
 * Compared without case and surrounding white space; also any run of zeros, dashes or question marks.
 */
export function isPlaceholder(value: string): boolean {
  const plain = value.trim().toLowerCase();
  return (
    plain === '' || placeholders.has(plain) || /^[0\-_.?*#]+$/.test(plain) || /^\{\{.*\}\}$|^\$\{.*\}$/.test(plain)
  );
}
