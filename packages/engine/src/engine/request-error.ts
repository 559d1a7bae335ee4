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
