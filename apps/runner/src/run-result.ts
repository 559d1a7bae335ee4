import type { ConnectorSummary, RequestCounts } from '@expunge/engine';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { countGroup } from './output/state-words.ts';

/** How a list of requests, or everything in the ledger, stands: in one word and one number. */
export interface Result {
  /** The exit code of `delete` and `resume`. */
  readonly exitCode: ExitCode;
  /**
   * `paused` goes before `failed`, `failed` before `waiting`: what needs a person most is said first. `not-done`: all is
   * settled, and some requests were cancelled or had nothing to send. `cut-off`: all that came in is settled, and an import has no
   * end.
   */
  readonly word: 'settled' | 'not-done' | 'none-found' | 'cut-off' | 'failed' | 'waiting' | 'paused';
  /** Tasks that are still open. */
  readonly open: number;
  /** Tasks that failed, ended partly done or are contradicted. */
  readonly failed: number;
  /** Tasks for which nothing was sent. */
  readonly skipped: number;
  /** Deletions of which only a person may decide how they go on. */
  readonly needReview: number;
  /** Requests of which nothing was deleted, though they are settled: cancelled, or nothing could be sent. */
  readonly calledBack: number;
  readonly nothingSent: number;
  /** Connectors that are paused and have something left to do. */
  readonly paused: readonly string[];
  /** Connectors that are not paused, and at which our own reads are refused: the proof is lost unless somebody acts. */
  readonly readsRefused: readonly string[];
  /** Connectors at which none of many people was ever found: it may be the wrong account. */
  readonly noneFound: readonly string[];
}

/** The requests that a command is about. */
export interface RequestScope extends Pick<RequestCounts, 'settled' | 'undone' | 'calledBack' | 'nothingSent'> {
  /** Whether they are the list that the command was given. Otherwise they are all that the ledger ever had. */
  readonly isList: boolean;
  /** Imports without an end. */
  readonly cutOff: number;
  /** Whether reads that were refused are tried again from now on: their refusal is no result of this command. */
  readonly triesReadsAgain?: boolean;
}

/**
 * Says where these connectors' deletions, and the requests that they are of, stand.
 *
 * A request that was cancelled, or for which nothing could be sent, is not done: a list that has one ends with 2. In the whole
 * ledger such requests of earlier days are said, and end with 2 only where no request at all is done.
 */
export function resultOf(connectors: readonly ConnectorSummary[], requests: RequestScope): Result {
  const sum = (count: (states: ConnectorSummary['states']) => number) =>
    connectors.reduce((total, connector) => total + count(connector.states), 0);
  const open = sum((states) => countGroup(states, 'open'));
  const failed = sum((states) => countGroup(states, 'failed'));
  const skipped = sum((states) => states.skipped ?? 0);
  const paused = connectors
    .filter((connector) => connector.paused !== undefined && countGroup(connector.states, 'open') > 0)
    .map((connector) => connector.connector);
  const readsRefused = connectors
    .filter(({ paused: pause, reasons }) => pause === undefined && reasons.some(isRefusedRead))
    .filter(() => requests.triesReadsAgain !== true)
    .map(({ connector }) => connector);
  const noneFound = connectors.filter((each) => each.noneFound !== undefined).map(({ connector }) => connector);
  const needReview = sum((states) => states['needs-review'] ?? 0);
  const { calledBack, nothingSent } = requests;
  const counts = { open, failed, skipped, needReview, calledBack, nothingSent, paused, readsRefused, noneFound };
  if (paused.length + readsRefused.length > 0) return { ...counts, word: 'paused', exitCode: exitCodes.paused };
  if (failed > 0) return { ...counts, word: 'failed', exitCode: exitCodes.failed };
  if (open > 0) return { ...counts, word: 'waiting', exitCode: exitCodes.waiting };
  if (requests.cutOff > 0) return { ...counts, word: 'cut-off', exitCode: exitCodes.waiting };
  if (noneFound.length > 0) return { ...counts, word: 'none-found', exitCode: exitCodes.failed };
  const notDone = calledBack + nothingSent;
  if (notDone === 0) return { ...counts, word: 'settled', exitCode: exitCodes.settled };
  const isAnyDone = requests.settled > notDone + requests.undone;
  const exitCode = requests.isList || !isAnyDone ? exitCodes.failed : exitCodes.settled;
  return { ...counts, word: 'not-done', exitCode };
}

const refusals: readonly string[] = ['credentials-rejected', 'permission-missing', 'setup-wrong'];

function isRefusedRead({ state, reason }: ConnectorSummary['reasons'][number]): boolean {
  return (state === 'pre-read' || state === 'read-back') && refusals.includes(reason);
}
