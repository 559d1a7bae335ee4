import type { LedgerConnector } from '@expunge/engine';
import { expect, it } from 'vitest';
import { SharedLimits } from './shared-limits.ts';

type Rates = NonNullable<LedgerConnector['limits']>['rates'];

it.each<[string, Rates, number, number]>([
  ['a rate of which a fifth is left', [{ kinds: ['submit'], calls: 1, perMs: 1000 }], 0.8, 150],
  [
    'the tightest of several rates',
    [
      { kinds: ['submit'], calls: 900, perMs: 60_000 },
      { kinds: ['submit'], calls: 10, perMs: 1000 },
    ],
    0.5,
    600,
  ],
  ['a rate that is used to the full', [{ kinds: ['submit'], calls: 1, perMs: 1000 }], 1, 50],
  ['a rate of another kind of call', [{ kinds: ['check'], calls: 1, perMs: 1000 }], 0.8, Number.POSITIVE_INFINITY],
  ['no rate, used to the full', [], 1, Number.POSITIVE_INFINITY],
])('lets a call leave late where there is %s', (_what, rates, limitShare, ms) => {
  const limits = new SharedLimits();
  const submit = { maxTargets: 1 };
  limits.configure([
    { name: 'toy', vendor: 'toy', operation: 'profile', limits: { submit, rates, inFlight: [] }, limitShare },
  ]);
  expect(limits.slackMs('toy', 'submit')).toBeCloseTo(ms, 5);
});
