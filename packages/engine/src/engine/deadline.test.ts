import { describe, expect, it } from 'vitest';
import { AutoClock } from '../../test/auto-clock.ts';
import { MemoryVendor } from '../../test/memory-vendor.ts';
import { deadlineState, defaultDueAt, forecastMs } from './deadline.ts';

it.each([
  ['gdpr', '2026-01-31T10:00:00Z', '2026-02-28T10:00:00.000Z'],
  ['gdpr', '2026-12-15T00:00:00Z', '2027-01-15T00:00:00.000Z'],
  ['gdpr', '2026-03-01T01:00:00+02:00', '2026-03-28T23:00:00.000Z'],
  ['ccpa', '2026-01-01T00:00:00Z', '2026-02-15T00:00:00.000Z'],
  ['other', '2026-01-01T00:00:00Z', '2026-01-31T00:00:00.000Z'],
] as const)('a %s request of %s is due at %s', (law, receivedAt, dueAt) => {
  expect(defaultDueAt(law, receivedAt)).toBe(dueAt);
});

const day = 86_400_000;
const dueAt = '2026-02-05T00:00:00.000Z';
const due = Date.parse(dueAt);

describe('deadlineState', () => {
  it.each([
    [{ settledAt: '2026-02-04T23:59:59.000Z' }, due, undefined, 'settled-in-time'],
    [{ settledAt: '2026-02-05T00:00:01.000Z' }, due, undefined, 'settled-late'],
    [{ settledAt: '2026-01-06T00:00:00.000Z', result: 'undone' }, due, undefined, 'settled-undone'],
    [{ settledAt: '2026-01-06T00:00:00.000Z', result: 'called-back' }, due, undefined, 'called-back'],
    [{ settledAt: '2026-01-06T00:00:00.000Z', result: 'nothing-sent' }, due, undefined, 'nothing-sent'],
    [{ settledAt: undefined, result: undefined }, due - 20 * day, undefined, 'on-track'],
    [{ settledAt: undefined }, due + 1, undefined, 'overdue'],
    [{ settledAt: undefined }, due - 6 * day, undefined, 'due-soon'],
    [{ settledAt: undefined }, due - 20 * day, undefined, 'on-track'],
    [{ settledAt: undefined }, due - 20 * day, due + 1, 'due-soon'],
    [{ settledAt: undefined }, due - 20 * day, due - 1, 'on-track'],
  ] as const)('of %j is told', (request, now, forecastAt, expected) => {
    expect(deadlineState({ dueAt, result: 'done', ...request }, now, forecastAt)).toBe(expected);
  });
});

it('adds the queue at the configured share of the limits to what the vendor promises', () => {
  const rates = [{ kinds: ['submit' as const], calls: 1, perMs: 1000 }];
  const vendor = new MemoryVendor({
    clock: new AutoClock(),
    mode: 'polled',
    maxTargets: 10,
    rates,
    targetsPerMonth: 1000,
  });
  const { capabilities } = vendor.connector;
  expect(forecastMs(capabilities, 100, 0.5)).toBe(9 * 2000 + 30 * day);
  expect(forecastMs(capabilities, 2500, 1)).toBe(60 * day + 30 * day);
});
