import type { ConnectorSummary, RequestCounts } from '@expunge/engine';
import { countGroup } from './state-words.ts';

/** How a list of requests, or everything in the ledger, stands: in one word. */
export interface Result {
  /**
   * `paused` goes before `failed`, `failed` before `waiting`: what needs a person most is said first. `not-done`: all is
   * settled, and some requests were cancelled or had nothing to send. `cut-off`: all that came in is settled, and an import has no
   * end.
   */
  readonly word: 'settled' | 'not-done' | 'none-found' | 'cut-off' | 'failed' | 'waiting' | 'paused';
  /** Of the requests, at least one is done. */
  readonly isAnyDone: boolean;
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

/** The requests that a result is about. */
export interface ResultScope extends Pick<RequestCounts, 'settled' | 'undone' | 'calledBack' | 'nothingSent'> {
  /** Imports without an end. */
  readonly cutOff: number;
  /** Whether reads that were refused are tried again from now on: their refusal is no result. */
  readonly triesReadsAgain?: boolean;
}

/** Says where these connectors' deletions, and the requests that they are of, stand. */
export function resultOf(connectors: readonly ConnectorSummary[], requests: ResultScope): Result {
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
  const notDone = calledBack + nothingSent;
  const isAnyDone = requests.settled > notDone + requests.undone;
  const counts = {
    isAnyDone,
    open,
    failed,
    skipped,
    needReview,
    calledBack,
    nothingSent,
    paused,
    readsRefused,
    noneFound,
  };
  if (paused.length + readsRefused.length > 0) return { ...counts, word: 'paused' };
  if (failed > 0) return { ...counts, word: 'failed' };
  if (open > 0) return { ...counts, word: 'waiting' };
  if (requests.cutOff > 0) return { ...counts, word: 'cut-off' };
  if (noneFound.length > 0) return { ...counts, word: 'none-found' };
  return { ...counts, word: notDone === 0 ? 'settled' : 'not-done' };
}

const refusals: readonly string[] = ['credentials-rejected', 'permission-missing', 'setup-wrong'];

function isRefusedRead({ state, reason }: ConnectorSummary['reasons'][number]): boolean {
  return (state === 'pre-read' || state === 'read-back') && refusals.includes(reason);
}
