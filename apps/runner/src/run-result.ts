import type { ConnectorSummary } from '@expunge/engine';
import { type Result, type ResultScope, resultOf } from '@expunge/report/words';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** How a list of requests, or everything in the ledger, stands, with the number that `delete` and `resume` end with. */
export interface RunResult extends Result {
  /** The exit code of `delete` and `resume`. */
  readonly exitCode: ExitCode;
}

/** The requests that a command is about. */
export interface RequestScope extends ResultScope {
  /** Whether they are the list that the command was given. Otherwise they are all that the ledger ever had. */
  readonly isList: boolean;
}

/**
 * Says how a command ends.
 *
 * A request that was cancelled, or for which nothing could be sent, is not done: a list that has one ends with 2. In the whole
 * ledger such requests of earlier days are said, and end with 2 only where no request at all is done.
 */
export function runResultOf(connectors: readonly ConnectorSummary[], requests: RequestScope): RunResult {
  const result = resultOf(connectors, requests);
  return { ...result, exitCode: exitCodeOf(result, requests) };
}

function exitCodeOf({ word, isAnyDone }: Result, { isList }: RequestScope): ExitCode {
  switch (word) {
    case 'settled':
      return exitCodes.settled;
    case 'not-done':
      return isList || !isAnyDone ? exitCodes.failed : exitCodes.settled;
    case 'none-found':
    case 'failed':
      return exitCodes.failed;
    case 'cut-off':
    case 'waiting':
      return exitCodes.waiting;
    case 'paused':
      return exitCodes.paused;
  }
}
