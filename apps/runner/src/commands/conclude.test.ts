import type { ConnectorSummary, RequestCounts } from '@expunge/engine';
import { describe, expect, it } from 'vitest';
import { fakeEnvironment } from '../../test/fake-environment.ts';
import { summaryOf } from '../../test/summaries.ts';
import { createContext, type SharedOptions } from './command-context.ts';
import { conclude } from './conclude.ts';
import type { LedgerNotes } from './ledger-notes.ts';

function concluded(
  connectors: readonly ConnectorSummary[],
  shared: SharedOptions = {},
  extra: {
    conflicts?: number;
    wasStopped?: boolean;
    isFleet?: boolean;
    scope?: Partial<RequestCounts>;
    notes?: Partial<LedgerNotes>;
  } = {},
) {
  const processEnvironment = fakeEnvironment();
  const input = {
    valid: 1,
    invalid: 0,
    accepted: 1,
    known: 0,
    knownSettled: 0,
    notSentAgain: 0,
    otherDueDates: 0,
    conflicts: extra.conflicts ?? 0,
  };
  const wasStopped = extra.wasStopped ?? false;
  const requests = { total: 1500, settled: 3, undone: 0, calledBack: 0, nothingSent: 0, overdue: 2 };
  const notes = { cutOffImports: [], setAside: { tasks: 0, requests: [] }, ...extra.notes };
  const scope = { ...requests, ...extra.scope, cutOff: notes.cutOffImports.length, isList: true };
  const code = conclude(
    createContext(processEnvironment, shared),
    [],
    { wasStopped, connectors, requests, scope, notes },
    { input, isFleet: extra.isFleet },
  );
  return { code, output: processEnvironment.output.text };
}

const paused = { code: 'setup-wrong', message: 'x', at: '2026-08-21T12:00:00Z' };

describe('conclude', () => {
  it.each([
    ['settled', [summaryOf('a', { states: { deleted: 1 } })], 0, 'Everything is settled.', undefined],
    ['skipped', [summaryOf('a', { states: { skipped: 2 } })], 0, 'For 2 deletions nothing was sent', undefined],
    [
      'waiting',
      [summaryOf('a', { states: { waiting: 1 }, nextAt: '2026-08-22T12:00:00Z' })],
      3,
      '1 deletion still waits.',
      'expunge resume',
    ],
    ['in doubt', [summaryOf('a', { states: { 'needs-review': 2 } })], 3, '2 deletions still wait.', '--resend'],
    [
      'failed',
      [summaryOf('a', { states: { failed: 1, waiting: 1 } })],
      2,
      '1 deletion failed for good, and 1 still waits.',
      '--retry-failed',
    ],
    [
      'paused',
      [summaryOf('a', { states: { ready: 1, failed: 2 }, paused })],
      4,
      'Paused: a. 1 deletion not done. 2 failed for good.',
      'expunge check',
    ],
    [
      'reads refused',
      [
        summaryOf('a', {
          states: { 'pre-read': 2 },
          reasons: [{ state: 'pre-read', reason: 'credentials-rejected', count: 2 }],
        }),
      ],
      4,
      'Reading is refused at a. 2 deletions not done.',
      'six hours',
    ],
  ])('%s', (_what, connectors, exitCode, sentence, next) => {
    const { code, output } = concluded(connectors);
    expect(code).toBe(exitCode);
    expect(output).toContain(sentence);
    expect(output).toContain('In the whole ledger, 3 of 1,500 requests settled, 2 overdue.');
    if (next === undefined) expect(output).not.toContain('Next:');
    else expect(output).toMatch(new RegExp(`Next: .*${next}`));
  });

  it.each([
    ['2026-09-15T00:00:00Z', 'goes on with what is due by then, and nothing is before 2026-09-15 00:00 UTC;'],
    ['2026-08-21T12:30:00Z', 'goes on with what is due by then;'],
    ['2026-08-21T11:00:00Z', 'goes on with what is due by then;'],
  ])('says until when a run would do nothing: what is left goes on at %s', (nextAt, words) => {
    const later = summaryOf('b', { states: { waiting: 1 }, nextAt: '2026-10-01T00:00:00Z' });
    const { output } = concluded([later, summaryOf('a', { states: { ready: 3 }, nextAt }), summaryOf('c', { nextAt })]);
    expect(output).toContain(words);
  });

  it('does not promise that what is in doubt goes on by itself', () => {
    expect(concluded([summaryOf('a', { states: { 'needs-review': 2 } })]).output).not.toContain(
      'goes on with what is due',
    );
  });

  it('says of what needs a review that only a person goes on with it, also while something else of the connector is planned', () => {
    const connector = summaryOf('a', { states: { 'needs-review': 1, ready: 4 }, nextAt: '2026-08-23T12:00:00Z' });
    expect(concluded([connector]).output).toMatch(/1 deletion in doubt needs a review.*--resend/);
    expect(concluded([{ ...connector, paused }]).output).toMatch(/1 deletion in doubt needs a review.*--resend/);
  });

  it('does not call a list settled of which everything was cancelled', () => {
    const { code, output } = concluded(
      [summaryOf('a', { states: { cancelled: 3 } })],
      {},
      { scope: { calledBack: 3 } },
    );
    expect(code).toBe(2);
    expect(output).not.toContain('Everything is settled');
    expect(output).toMatch(/3 requests cancelled[\s\S]*expunge restore/);
  });

  it('is no success where a person was not imported', () => {
    expect(concluded([summaryOf('a', { states: { deleted: 1 } })], {}, { conflicts: 1 }).code).toBe(2);
  });

  it('says that it was stopped', () => {
    const { code, output } = concluded([summaryOf('a', { states: { ready: 1 } })], {}, { wasStopped: true });
    expect(code).toBe(3);
    expect(output).toMatch(/Stopped\. 1 deletion still waits\.[\s\S]*goes on where this stopped/);
  });

  it('is one document with --json, and nothing with --quiet', () => {
    const connectors = [summaryOf('a', { states: { deleted: 1 } })];
    expect(JSON.parse(concluded(connectors, { json: true, quiet: true }).output)).toMatchObject({
      exitCode: 0,
      result: 'settled',
      next: [],
    });
    expect(concluded(connectors, { quiet: true }).output).toBe('');
  });
});
