import type { ConnectorSummary } from '@expunge/engine';
import { countGroup, onHoldTitle, stateWords } from '@expunge/report/words';
import type { Colors } from './colors.ts';
import { whenWords } from './durations.ts';
import { countWords } from './table.ts';

/** What progress shows of a connector. */
export interface ShownProgress extends Pick<ConnectorSummary, 'connector' | 'states' | 'nextAt'> {
  /** How many of the open ones are on hold, where that is known. */
  readonly onHold?: number;
  /** Why it is paused; undefined where it is not. */
  readonly paused: { readonly code: string } | undefined;
}

/** How far one connector is. */
export interface ConnectorProgressLine {
  /** Tasks that nothing more happens to. */
  readonly settled: number;
  /** All tasks. */
  readonly total: number;
  /** Why they are not all settled, and what went wrong, in words. May be empty. */
  readonly note: string;
}

/** Says how far one connector is. */
function statusOf(progress: ShownProgress, nowMs: number): ConnectorProgressLine {
  const open = countGroup(progress.states, 'open');
  const failed = countGroup(progress.states, 'failed');
  const idle = countGroup(progress.states, 'idle');
  const settled = countGroup(progress.states, 'done') + failed + idle;
  const notes: string[] = [];
  if (progress.paused !== undefined && open > 0) notes.push(`paused: ${progress.paused.code}`);
  else if (open > 0) notes.push(...openNotes(progress, nowMs));
  if (failed > 0) notes.push(`${countWords(failed)} failed`);
  if (idle > 0) notes.push(`${countWords(idle)} skipped or cancelled`);
  return { settled, total: settled + open, note: notes.join(', ') };
}

function openNotes(progress: ShownProgress, nowMs: number): string[] {
  const notes = (['waiting', 'read-back', 'in-doubt', 'needs-review', 'blocked'] as const)
    .map((state) => ({ title: stateWords[state].title, count: progress.states[state] ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ title, count }) => `${countWords(count)} ${title}`);
  const { onHold = 0 } = progress;
  if (onHold > 0) notes.push(`${countWords(onHold)} ${onHoldTitle}`);
  return progress.nextAt === undefined ? notes : [...notes, `goes on ${whenWords(progress.nextAt, nowMs)}`];
}

const barWidth = 24;

/** All connectors as bars, one line each: settled, taken by the vendor, and still to be sent. */
export function renderBars(progress: readonly ShownProgress[], colors: Colors, nowMs: number): string {
  const nameWidth = Math.max(0, ...progress.map(({ connector }) => connector.length));
  return progress
    .map((connector) => {
      const { settled, total, note } = statusOf(connector, nowMs);
      const filled = total === 0 ? barWidth : Math.floor((settled / total) * barWidth);
      const sent = (connector.states.waiting ?? 0) + (connector.states['read-back'] ?? 0);
      const halfDone = total === 0 ? 0 : Math.floor(((settled + sent) / total) * barWidth) - filled;
      const failed = countGroup(connector.states, 'failed') > 0 || connector.paused !== undefined;
      const bar =
        (failed ? colors.red : colors.green)('█'.repeat(filled)) +
        colors.yellow('▒'.repeat(halfDone)) +
        colors.dim('░'.repeat(barWidth - filled - halfDone));
      const counts = `${countWords(settled)}/${countWords(total)}`.padStart(13);
      return `  ${connector.connector.padEnd(nameWidth)}  ${bar}  ${counts}  ${colors.dim(note)}`.trimEnd();
    })
    .join('\n');
}

/** One connector as a plain line, for pipes and logs. */
export function progressLine(progress: ShownProgress, nowMs: number): string {
  const { settled, total, note } = statusOf(progress, nowMs);
  return `${progress.connector}: ${countWords(settled)} of ${countWords(total)} settled${note === '' ? '' : ` (${note})`}`;
}
