import type { ConnectorCapabilities, Law } from '@expunge/core';
import type { RequestResult } from '../tasks/request-result.ts';

/**
 * When a request must be done where nobody says: one calendar month for the GDPR (article 12(3)), 45 days for the CCPA
 * (section 1798.130(a)(2)), 30 days for anything else.
 *
 * @param receivedAt - ISO 8601.
 * @returns ISO 8601, in UTC.
 */
export function defaultDueAt(law: Law, receivedAt: string): string {
  const received = new Date(receivedAt);
  if (law === 'gdpr') return addMonth(received).toISOString();
  const days = law === 'ccpa' ? 45 : 30;
  return new Date(received.getTime() + days * 86_400_000).toISOString();
}

// The same day of the next month; where that month is shorter, its last day (31 January: 28 February).
function addMonth(date: Date): Date {
  const next = new Date(date);
  next.setUTCDate(1);
  next.setUTCMonth(next.getUTCMonth() + 1);
  const lastDay = new Date(Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1, 0)).getUTCDate();
  next.setUTCDate(Math.min(date.getUTCDate(), lastDay));
  return next;
}

/** {@link defaultDueAt} for a list: most of its requests came in at the same moment, so the last answer is kept. */
export function createDueDates(): (law: Law, receivedAt: string) => string {
  let last: { readonly law: Law; readonly receivedAt: string; readonly dueAt: string } | undefined;
  return (law, receivedAt) => {
    if (last?.law !== law || last.receivedAt !== receivedAt) {
      last = { law, receivedAt, dueAt: defaultDueAt(law, receivedAt) };
    }
    return last.dueAt;
  };
}

/** Where a request stands against its deadline. Only what is done is in time or late. */
export type DeadlineState =
  | 'settled-in-time'
  | 'settled-late'
  | 'settled-undone'
  | 'called-back'
  | 'nothing-sent'
  | 'on-track'
  | 'due-soon'
  | 'overdue';

/** A deadline nearer than this is due soon, in milliseconds: seven days. */
const soonMs = 7 * 86_400_000;

/**
 * Where a request stands against its deadline. Due soon is also what the forecast says will be late. What is not done is
 * not in time, however early it ended.
 *
 * @param forecastAt - When it is expected to be done, in milliseconds since 1970; undefined where nobody can tell.
 */
export function deadlineState(
  request: {
    readonly dueAt: string;
    readonly settledAt: string | undefined;
    readonly result: RequestResult | undefined;
  },
  now: number,
  forecastAt: number | undefined,
): DeadlineState {
  const dueAt = Date.parse(request.dueAt);
  if (request.settledAt !== undefined) {
    if (request.result === 'undone') return 'settled-undone';
    if (request.result === 'called-back' || request.result === 'nothing-sent') return request.result;
    return Date.parse(request.settledAt) <= dueAt ? 'settled-in-time' : 'settled-late';
  }
  if (now > dueAt) return 'overdue';
  if (dueAt - now <= soonMs || (forecastAt !== undefined && forecastAt > dueAt)) return 'due-soon';
  return 'on-track';
}

/**
 * How long a number of targets takes at a connector, in milliseconds: the calls they need at the vendor's limits and
 * the configured share of them, and the vendor's own promised time after that.
 *
 * @returns The time that is known; where the vendor promises nothing (`unknowable`), the time until it has taken them.
 */
export function forecastMs(capabilities: ConnectorCapabilities, targets: number, share: number): number {
  const calls = Math.ceil(targets / capabilities.limits.submit.maxTargets);
  return queueMs(capabilities, calls, targets, share) + promisedMs(capabilities);
}

/**
 * How long calls take at the least under a connector's limits, in milliseconds.
 *
 * @param calls - How many submit.
 * @param targets - What they submit together.
 * @param reads - How many calls read, before and after.
 */
export function queueMs(
  capabilities: ConnectorCapabilities,
  calls: number,
  targets: number,
  share: number,
  reads = 0,
): number {
  const { rates, targetsPerMonth } = capabilities.limits;
  const atRates = rates.map(({ kinds, calls: most, perMs }) => {
    const counted = (kinds.includes('submit') ? calls : 0) + (kinds.includes('verify') ? reads : 0);
    return (Math.max(0, counted - 1) * perMs) / (most * share);
  });
  const months = targetsPerMonth === undefined ? 0 : Math.max(0, Math.ceil(targets / targetsPerMonth) - 1);
  return Math.ceil(Math.max(0, ...atRates, months * 30 * 86_400_000));
}

function promisedMs({ completion }: ConnectorCapabilities): number {
  switch (completion.type) {
    case 'polled':
      return completion.expectedWithinMs;
    case 'elapsed':
      return completion.afterMs;
    default:
      return 0;
  }
}
