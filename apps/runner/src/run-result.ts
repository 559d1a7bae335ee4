import type { ConnectorSummary } from '@expunge/engine';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { countGroup } from './output/state-words.ts';

/** How a list of requests, or everything in the ledger, stands: in one word and one number. */
export interface Result {
  /** The exit code of `delete` and `resume`. */
  readonly exitCode: ExitCode;
  /** `paused` goes before `failed`, `failed` before `waiting`: what needs somebody most is said first. */
  readonly word: 'settled' | 'failed' | 'waiting' | 'paused';
  /** Tasks that are still open. */
  readonly open: number;
  /** Tasks that failed, ended partly done or are contradicted. */
  readonly failed: number;
  /** Tasks for which nothing was sent. */
  readonly skipped: number;
  /** Connectors that are paused and have something left to do. */
  readonly paused: readonly string[];
}

/** Judges where these connectors' deletions stand. */
export function resultOf(connectors: readonly ConnectorSummary[]): Result {
  const sum = (count: (states: ConnectorSummary['states']) => number) =>
    connectors.reduce((total, connector) => total + count(connector.states), 0);
  const open = sum((states) => countGroup(states, 'open'));
  const failed = sum((states) => countGroup(states, 'failed'));
  const skipped = sum((states) => states.skipped ?? 0);
  const paused = connectors
    .filter((connector) => connector.paused !== undefined && countGroup(connector.states, 'open') > 0)
    .map((connector) => connector.connector);
  const counts = { open, failed, skipped, paused };
  if (paused.length > 0) return { ...counts, word: 'paused', exitCode: exitCodes.paused };
  if (failed > 0) return { ...counts, word: 'failed', exitCode: exitCodes.failed };
  if (open > 0) return { ...counts, word: 'waiting', exitCode: exitCodes.waiting };
  return { ...counts, word: 'settled', exitCode: exitCodes.settled };
}
