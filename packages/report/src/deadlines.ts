import {
  type DeadlineState,
  deadlineState,
  forecastMs,
  isTerminal,
  openStates,
  type RequestWithTasks,
  taskStates,
} from '@expunge/engine';
import type { ReportConnector } from './report-contents.ts';

/** The share of a vendor's limits that a connector uses unless its configuration says otherwise. */
const defaultShare = 0.8;

/** How a deadline stands, in words. */
export const deadlineWords: Readonly<Record<DeadlineState, string>> = {
  'settled-in-time': 'settled in time',
  'settled-late': 'settled late',
  'settled-undone': 'ended, and not done',
  'called-back': 'cancelled',
  'nothing-sent': 'nothing sent',
  'on-track': 'on track',
  'due-soon': 'due soon',
  overdue: 'overdue',
};

/** When each connector is expected to be done with everything that it has open, in milliseconds since 1970. */
export type Forecast = ReadonlyMap<string, number>;

/** Adds, for every connector with open tasks, its queue at the vendor's limits and the time that the vendor promises. */
export function forecastOf(connectors: readonly ReportConnector[], nowMs: number): Forecast {
  const forecast = new Map<string, number>();
  for (const { summary, configured } of connectors) {
    if (configured === undefined) continue;
    const { states } = summary;
    // What a person has to decide first is in no queue.
    const queued = openStates.filter((state) => state !== 'needs-review');
    const count = (isUnsent: boolean) =>
      queued
        .filter((state) => taskStates[state].isUnsent === isUnsent)
        .reduce((sum, state) => sum + (states[state] ?? 0), 0);
    const unsent = Math.max(0, count(true) - summary.onHold);
    const taken = count(false);
    if (unsent + taken === 0) continue;
    const { capabilities } = configured.connector;
    const startAt = Math.max(nowMs, summary.nextAt === undefined ? 0 : Date.parse(summary.nextAt));
    forecast.set(summary.connector, startAt + forecastMs(capabilities, unsent, configured.limitShare ?? defaultShare));
  }
  return forecast;
}

/** How a request stands against its deadline, by the forecast of the connectors that still have work with it. */
export function requestDeadline(
  { request, tasks }: RequestWithTasks,
  forecast: Forecast,
  nowMs: number,
): DeadlineState {
  const open = tasks.filter(({ state }) => !isTerminal(state));
  const times = open.flatMap(({ connector }) => forecast.get(connector) ?? []);
  return deadlineState(request, nowMs, times.length === 0 ? undefined : Math.max(...times));
}
