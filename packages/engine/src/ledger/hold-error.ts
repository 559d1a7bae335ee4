/** What is wrong with a hold. */
export type HoldErrorCode =
  /** No connector uses this type of identifier, and no request has it. */
  | 'identifier-type-unknown'
  /** A value that is nobody's. */
  | 'value-wrong';

/** A hold that can't be placed. The message says what to do, and names nobody. Nothing was changed. */
export class HoldError extends Error {
  override readonly name = 'HoldError';
  /** What is wrong. */
  readonly code: HoldErrorCode;

  constructor(code: HoldErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
