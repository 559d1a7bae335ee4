import { describe, expect, it } from 'vitest';
import { summaryOf } from '../test/summaries.ts';
import { type RequestScope, runResultOf } from './run-result.ts';

const paused = { code: 'credentials-rejected', message: 'x', at: '2026-08-21T12:00:00Z' };
const settled = summaryOf('a', { states: { deleted: 1, absent: 1, accepted: 1, skipped: 2, cancelled: 1 } });
const waiting = summaryOf('b', { states: { waiting: 1, ready: 2, 'pre-read': 1, 'in-doubt': 1 } });

const scope = (given: Partial<RequestScope> = {}): RequestScope => ({
  settled: 3,
  undone: 0,
  calledBack: 0,
  nothingSent: 0,
  cutOff: 0,
  isList: true,
  ...given,
});

describe('runResultOf', () => {
  it.each([
    ['nothing at all', [], 0, 'settled'],
    ['everything settled', [settled], 0, 'settled'],
    ['something waits', [settled, waiting], 3, 'waiting'],
    ['something failed', [waiting, summaryOf('c', { states: { failed: 1 } })], 2, 'failed'],
    ['something is partly done', [settled, summaryOf('c', { states: { partial: 1 } })], 2, 'failed'],
    ['something is contradicted', [settled, summaryOf('c', { states: { contradicted: 1 } })], 2, 'failed'],
    ['a connector is paused', [waiting, summaryOf('c', { states: { failed: 1, ready: 1 }, paused })], 4, 'paused'],
    [
      'reads are refused for the credentials',
      [
        summaryOf('c', {
          states: { 'pre-read': 5 },
          reasons: [{ state: 'pre-read', reason: 'permission-missing', count: 1 }],
        }),
      ],
      4,
      'paused',
    ],
    [
      'reads fail for another reason',
      [summaryOf('c', { states: { 'pre-read': 5 }, reasons: [{ state: 'pre-read', reason: 'timed-out', count: 1 }] })],
      3,
      'waiting',
    ],
    ['a paused connector has nothing left', [summaryOf('c', { states: { deleted: 1 }, paused })], 0, 'settled'],
  ])('%s', (_what, connectors, exitCode, word) => {
    expect(runResultOf(connectors, scope())).toMatchObject({ exitCode, word });
  });

  it.each([
    ['of which all requests were cancelled', { calledBack: 3 }, 2],
    ['of which one request was cancelled', { calledBack: 1 }, 2],
    ['of which one request had nothing to send', { nothingSent: 1 }, 2],
    ['of the whole ledger, with one that was cancelled', { calledBack: 1, isList: false }, 0],
    ['of the whole ledger, with none that is done', { calledBack: 2, nothingSent: 1, isList: false }, 2],
  ])('is no success for a list %s', (_what, given, exitCode) => {
    expect(runResultOf([settled], scope(given))).toMatchObject({ exitCode, word: 'not-done' });
  });

  it('counts no refusal of reads that are tried again from now on', () => {
    const refused = summaryOf('c', {
      states: { 'pre-read': 5 },
      reasons: [{ state: 'pre-read', reason: 'credentials-rejected', count: 5 }],
    });
    expect(runResultOf([refused], scope())).toMatchObject({ exitCode: 4, readsRefused: ['c'] });
    expect(runResultOf([refused], scope({ triesReadsAgain: true }))).toMatchObject({ exitCode: 3, readsRefused: [] });
  });

  it('counts', () => {
    expect(runResultOf([settled, waiting], scope())).toMatchObject({ open: 5, failed: 0, skipped: 2, paused: [] });
  });
});
