/** A request that can't be taken. Names no identifier. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** Which one, counted from 0. */
  readonly index: number;
  /** What is wrong, in sentences. */
  readonly faults: readonly string[];

  constructor(index: number, faults: readonly string[]) {
    super(`Request ${index + 1} is not valid: ${faults.join('; ')}`);
    this.index = index;
    this.faults = faults;
  }
}
