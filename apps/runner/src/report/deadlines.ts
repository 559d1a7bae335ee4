import { type DeadlineState, deadlineState, forecastMs, isTerminal, type RequestWithTasks } from '@expunge/engine';
import type { ReportConnector } from './report-contents.ts';

/** The share of a vendor's limits that a connector uses unless its configuration says otherwise. */
const defaultShare = 0.8;

/** How a deadline stands, in words. */
export const deadlineWords: Readonly<Record<DeadlineState, string>> = {
  'settled-in-time': 'settled in time',
  'settled-late': 'settled late',
  'settled-undone': 'ended, and not done',
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
    const unsent =
      (states.ready ?? 0) + (states['pre-read'] ?? 0) + (states['in-doubt'] ?? 0) + (states.submitting ?? 0);
    const taken = (states.waiting ?? 0) + (states['read-back'] ?? 0);
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
  const states = tasks.map(({ state }) => state);
  return deadlineState({ ...request, states }, nowMs, times.length === 0 ? undefined : Math.max(...times));
}
