import type { ConnectorSummary, TaskRow } from '@expunge/engine';
import { whenWords } from './durations.ts';

/** When something goes on that a run may have left: `goes on at 2026-09-01 00:00 UTC`, and `due now` where that is past. */
export function dueWords(nextAt: string, nowMs: number): string {
  return Date.parse(nextAt) <= nowMs ? 'due now' : `goes on ${whenWords(nextAt, nowMs)}`;
}

/**
 * When a deletion goes on. Its own time may have come while its connector is held up: paused, or left alone until the
 * vendor takes calls again.
 *
 * @returns Undefined where nothing is to be done next.
 */
export function taskDueWords(
  { nextAt }: Pick<TaskRow, 'nextAt'>,
  connector: Pick<ConnectorSummary, 'nextAt' | 'paused'> | undefined,
  nowMs: number,
): string | undefined {
  if (nextAt === undefined) return undefined;
  if (connector?.paused !== undefined) return `goes on when ${connector.paused.code} is fixed`;
  const blocked = connector?.nextAt;
  return dueWords(blocked !== undefined && Date.parse(blocked) > Date.parse(nextAt) ? blocked : nextAt, nowMs);
}
