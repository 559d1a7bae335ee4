/** What is wrong with a call of the engine. */
export type EngineErrorCode = 'already-running';

/** A call of the engine that can't be done now. The message says what to do. Nothing was changed. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** What is wrong. */
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
