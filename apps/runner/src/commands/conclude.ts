import type { ConfiguredConnector } from '@expunge/engine';
import { countGroup, notDoneWords } from '@expunge/report/words';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { timeWords } from '../output/durations.ts';
import { printable } from '../output/printable.ts';
import { renderSummary } from '../output/summary-table.ts';
import { countWords, plural } from '../output/table.ts';
import { type RunResult, runResultOf } from '../run-result.ts';
import type { CommandContext } from './command-context.ts';
import { cutOffWords, setAsideWords } from './ledger-notes.ts';
import { reachesOf } from './load-for-reading.ts';
import type { RunEnd } from './run-engine.ts';

/** What a command knows besides the run. */
export interface ConclusionExtras {
  /** What came of the input. */
  readonly input?: InputCounts | undefined;
  /** Where the report went. */
  readonly report?: string | undefined;
  /** Deletions that had failed, were partly done or contradicted, and are tried again. */
  readonly retried?: number | undefined;
  /** Deletions in doubt that were sent again. */
  readonly resent?: number | undefined;
  /** Deletions whose wait was ended. */
  readonly hurried?: number | undefined;
  /** Connectors that were paused and no longer are. */
  readonly unpaused?: readonly string[] | undefined;
  /** The work is done by workers, not by this command. */
  readonly isFleet?: boolean | undefined;
  /** Workers were just told to go on: what was refused before is tried again. */
  readonly triesAgain?: boolean | undefined;
}

/** What came of an input, in numbers. */
export interface InputCounts {
  /** Rows that are requests. */
  readonly valid: number;
  /** Rows that were left out. */
  readonly invalid: number;
  /** Requests that are new in the ledger. */
  readonly accepted: number;
  /** Requests that the ledger had already. */
  readonly known: number;
  /** Of the known: requests that were settled before. */
  readonly knownSettled: number;
  /** Of those: people who may have asked again, and for whom nothing is sent. */
  readonly notSentAgain: number;
  /** Known requests that were given another due date. The ledger's stays. */
  readonly otherDueDates: number;
  /** Requests whose id belongs to somebody else. */
  readonly conflicts: number;
}

/** Says what a run came to: to people as a table and a sentence, to machines as JSON. */
export function conclude(
  context: CommandContext,
  configured: readonly ConfiguredConnector[],
  end: RunEnd,
  extra: ConclusionExtras,
): ExitCode {
  const result = runResultOf(end.connectors, { ...end.scope, triesReadsAgain: extra.triesAgain === true });
  // A person in the input was not imported: that is no success, whatever became of the others.
  const hasConflicts = (extra.input?.conflicts ?? 0) > 0;
  const notSentAgain = extra.input?.notSentAgain ?? 0;
  const exitCode = exitCodeOf(result.exitCode, hasConflicts, notSentAgain > 0);
  const nowMs = context.processEnvironment.now();
  const next = nextSteps(result, end, nowMs, extra.isFleet === true);
  if (context.shared.quiet !== true) {
    context.print(`\n${renderSummary(end.connectors, context.colors, nowMs, reachesOf(configured))}\n`);
    context.print(`${sentence(result, end.wasStopped && extra.isFleet !== true, notSentAgain)}\n`);
    const { total, settled, overdue } = end.requests;
    const late = overdue > 0 ? `, ${countWords(overdue)} overdue` : '';
    context.print(`In the whole ledger, ${countWords(settled)} of ${plural(total, 'request')} settled${late}.\n`);
    if (extra.report !== undefined) context.print(`Report: ${printable(extra.report)}\n`);
    for (const step of next) context.print(`Next: ${printable(step)}\n`);
  }
  context.printJson({
    exitCode,
    result: exitCode === exitCodes.notSentAgain ? 'not-sent-again' : result.word,
    wasStopped: end.wasStopped,
    input: extra.input,
    retried: extra.retried,
    resent: extra.resent,
    hurried: extra.hurried,
    unpaused: extra.unpaused,
    connectors: end.connectors,
    requests: end.requests,
    report: extra.report,
    cutOffImports: end.notes.cutOffImports,
    setAside: end.notes.setAside,
    next,
  });
  return exitCode;
}

function exitCodeOf(code: ExitCode, hasConflicts: boolean, isSomebodyLeftOut: boolean): ExitCode {
  if (code === exitCodes.settled && hasConflicts) return exitCodes.failed;
  return isSomebodyLeftOut && (code === exitCodes.settled || code === exitCodes.waiting)
    ? exitCodes.notSentAgain
    : code;
}

function sentence(result: RunResult, wasStopped: boolean, notSentAgain: number): string {
  if (result.word === 'settled' && notSentAgain > 0) {
    return `Nothing is open. ${plural(notSentAgain, 'person was', 'people were')} not sent again.`;
  }
  const stopped = wasStopped && result.open > 0 ? 'Stopped. ' : '';
  const waiting = `${countWords(result.open)} still ${result.open === 1 ? 'waits' : 'wait'}`;
  switch (result.word) {
    case 'settled':
      return result.skipped === 0
        ? 'Everything is settled.'
        : `Everything is settled. For ${plural(result.skipped, 'deletion')} nothing was sent; see "skipped" above.`;
    case 'not-done':
      return `Nothing is open. ${notDoneWords(result).join(' ')}`;
    case 'cut-off':
      return 'Everything that came in is settled, but an import was cut off: some people are not in the ledger.';
    case 'none-found':
      return ['Nothing is open.', ...notDoneWords(result), `Nobody was found at ${result.noneFound.join(', ')}.`].join(
        ' ',
      );
    case 'waiting':
      return `${stopped}${plural(result.open, 'deletion')} still ${result.open === 1 ? 'waits' : 'wait'}.`;
    case 'failed':
      return `${stopped}${plural(result.failed, 'deletion')} failed for good${result.open > 0 ? `, and ${waiting}` : ''}.`;
    case 'paused': {
      const failed = result.failed > 0 ? ` ${countWords(result.failed)} failed for good.` : '';
      const paused = result.paused.length > 0 ? `Paused: ${result.paused.join(', ')}. ` : '';
      const refused = result.readsRefused.length > 0 ? `Reading is refused at ${result.readsRefused.join(', ')}. ` : '';
      return `${stopped}${paused}${refused}${plural(result.open, 'deletion')} not done.${failed}`;
    }
  }
}

function nextSteps(result: RunResult, end: RunEnd, nowMs: number, isFleet: boolean): string[] {
  const steps: string[] = [];
  const { needReview } = result;
  const onHold = end.connectors.reduce((sum, each) => sum + each.onHold, 0);
  const toFix = [...result.paused, ...result.readsRefused];
  if (toFix.length > 0) {
    const names = toFix.join(', ');
    steps.push(`fix what is said above about ${names}, try it with "expunge check", then run "expunge resume"`);
    if (result.readsRefused.length > 0) {
      steps.push('who can not be read within six hours is deleted without, and can not become verified');
    }
  } else if (result.open > needReview + onHold && isFleet) {
    const first = nothingDueBefore(end, nowMs);
    const early = first === undefined ? '' : `; nothing is due before ${timeWords(first, nowMs)}`;
    steps.push(`the workers go on by themselves${early}. "expunge status" shows how far they are`);
  } else if (result.open > needReview + onHold) {
    const when = end.wasStopped ? 'goes on where this stopped' : 'goes on with what is due by then';
    const first = nothingDueBefore(end, nowMs);
    const early = first === undefined ? '' : `, and nothing is before ${timeWords(first, nowMs)}`;
    steps.push(`"expunge resume" ${when}${early}; "expunge resume --watch" stays until all is settled`);
  }
  if (result.noneFound.length > 0) {
    steps.push(
      `see whether ${result.noneFound.join(', ')} is the right account. If it was the wrong one, put that right and hand the list in again, with other request ids or with "--batch <label>"`,
    );
  }
  if (needReview > 0) {
    steps.push(
      `${plural(needReview, 'deletion')} in doubt ${needReview === 1 ? 'needs' : 'need'} a review: whether the vendor acted is not known. Look there if you can; "expunge resume --resend" sends ${needReview === 1 ? 'it' : 'them'} again`,
    );
  }
  steps.push(...setAsideWords(end.notes.setAside), ...cutOffWords(end.notes.cutOffImports));
  if (onHold > 0) {
    steps.push(
      `${plural(onHold, 'deletion')} on hold: "expunge hold list" says why; nothing is sent until the hold is removed`,
    );
  }
  if (result.calledBack > 0) {
    steps.push(
      '"expunge report --output report.html" says which requests were cancelled; "expunge restore <request>" puts one back',
    );
  }
  if (result.failed > 0) {
    steps.push(
      '"expunge report --output report.html" says what failed and why; once fixed, "expunge resume --retry-failed"',
    );
  }
  return steps;
}

const hourMs = 3_600_000;

// When the first thing becomes due, where that is so far away that an earlier run would do nothing.
function nothingDueBefore({ connectors }: RunEnd, nowMs: number): string | undefined {
  const times = connectors
    .filter(({ paused, states }) => paused === undefined && countGroup(states, 'open') > 0)
    .flatMap(({ nextAt }) => nextAt ?? []);
  const first = times.sort((a, b) => Date.parse(a) - Date.parse(b))[0];
  return first === undefined || Date.parse(first) - nowMs < hourMs ? undefined : first;
}
