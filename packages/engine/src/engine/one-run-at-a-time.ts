import type { RunReport } from './engine.ts';

/** The options of a run with every value decided. */
export interface DecidedRunOptions {
  readonly signal: AbortSignal | undefined;
  readonly waitAtMostMs: number;
  readonly stays: boolean;
}

/**
 * Lets no two runs go on together: both would do the same work. While one goes on, a call with the same options joins it,
 * and another call is refused.
 */
export function oneRunAtATime(
  run: (options: DecidedRunOptions) => Promise<RunReport>,
): (options: DecidedRunOptions) => Promise<RunReport> {
  let current: { readonly options: DecidedRunOptions; readonly report: Promise<RunReport> } | undefined;
  return (options) => {
    if (current !== undefined) return isSame(current.options, options) ? current.report : refuse();
    const report = run(options).finally(() => {
      current = undefined;
    });
    current = { options, report };
    return report;
  };
}

function isSame(one: DecidedRunOptions, other: DecidedRunOptions): boolean {
  return one.signal === other.signal && one.waitAtMostMs === other.waitAtMostMs && one.stays === other.stays;
}

function refuse(): Promise<never> {
  return Promise.reject(
    new EngineError(
      'already-running',
      'This engine is running already, with other options. Wait for that run to end, or end it by its signal, and call run() again.',
    ),
  );
}

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
