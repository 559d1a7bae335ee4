import { expect, it } from 'vitest';
import { fleetBounds, type SimulatedConnector, vendorBounds } from './fleet-limits.ts';

const limits: SimulatedConnector['capabilities']['limits'] = {
  submit: { maxTargets: 1000 },
  verify: { maxTargets: 1 },
  rates: [
    { kinds: ['submit'], calls: 1, perMs: 1000 },
    { kinds: ['submit', 'verify'], calls: 60, perMs: 60_000 },
  ],
  inFlight: [{ kinds: ['submit'], calls: 3 }],
  targetsPerMonth: 2_592_000,
};
const connector = (verify: SimulatedConnector['verify']): SimulatedConnector => ({
  name: 'a',
  verify,
  limitShare: 0.5,
  capabilities: { limits },
});

it('gives every limit of a vendor in people a second, the slowest first', () => {
  expect(vendorBounds(connector('off'), 100)).toEqual([
    { what: 'a: 2592000 records a month', peoplePerSecond: 1 },
    { what: 'a: 50 % of 1 calls in 1 s (submit)', peoplePerSecond: 500 },
    { what: 'a: 50 % of 60 calls in 60 s (submit, verify)', peoplePerSecond: 500 },
    { what: 'a: 3 calls at the same time (submit)', peoplePerSecond: 30_000 },
  ]);
});

it('counts calls of several kinds that share a limit together', () => {
  const bound = vendorBounds(connector('before-and-after'), 100).find(({ what }) => what.includes('verify'));
  expect(bound?.peoplePerSecond).toBeCloseTo(0.5 / 2.001, 10);
});

it('shares the writer among all connectors, and adds workers up', () => {
  const costs = { workers: 3, latencyMs: 100, databaseUs: 500, workerUs: 1500 };
  expect(fleetBounds(2, costs).map(({ peoplePerSecond }) => peoplePerSecond)).toEqual([1000, 1000]);
});
