import type { ConnectorCapabilities } from '@expunge/core';
import type { RequestResult } from '../tasks/request-result.ts';

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

/** How long a number of calls takes at the least under a connector's limits, in milliseconds. */
export function queueMs(capabilities: ConnectorCapabilities, calls: number, targets: number, share: number): number {
  const { rates, targetsPerMonth } = capabilities.limits;
  const atRates = rates
    .filter((rate) => rate.kinds.includes('submit'))
    .map((rate) => (Math.max(0, calls - 1) * rate.perMs) / (rate.calls * share));
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
