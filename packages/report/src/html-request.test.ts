import type { RequestWithTasks, TaskRow } from '@expunge/engine';
import { describe, expect, it } from 'vitest';
import { fakeConfigured } from '../test/fake-connector.ts';
import { summaryOf } from '../test/summaries.ts';
import { htmlReport } from './html-report.ts';
import type { ReportContents } from './report-contents.ts';

const request = {
  requestId: 'R-7',
  law: 'gdpr',
  receivedAt: '2026-08-01T00:00:00Z',
  dueAt: '2026-09-01T00:00:00Z',
  acceptedAt: '2026-08-02T00:00:00Z',
  settledAt: '2026-08-03T00:00:00Z',
  result: 'done',
} as const;

function task(given: Partial<TaskRow>): TaskRow {
  return {
    task: 1,
    requestId: 'R-7',
    connector: 'acme',
    targetType: 'customer',
    state: 'deleted',
    isOnHold: false,
    readBefore: 'unread',
    unreadReason: undefined,
    assurance: 'verified',
    reason: undefined,
    message: undefined,
    vendorStatus: undefined,
    parts: undefined,
    attempts: 1,
    submittedAt: '2026-08-02T00:00:00Z',
    finishedAt: '2026-08-03T00:00:00Z',
    nextAt: undefined,
    ...given,
  };
}

async function render(entry: RequestWithTasks, given: Partial<ReportContents> = {}): Promise<string> {
  const summary = summaryOf('acme');
  const contents: ReportContents = {
    generatedAt: '2026-08-21T12:00:00.000Z',
    cutOffImports: [],
    summary: {
      requests: { total: 1, settled: 1, undone: 0, calledBack: 0, nothingSent: 0, overdue: 0 },
      connectors: [summary],
    },
    connectors: [{ summary, configured: fakeConfigured() }],
    hasIdentifiers: false,
    scope: { requestId: entry.request.requestId },
    requests: async function* () {
      yield entry;
    },
    ...given,
  };
  let html = '';
  for await (const piece of htmlReport(contents)) html += piece;
  return html;
}

describe('the record of one request', () => {
  it('says what was asked, what was done, how that is known, when, and what is left', async () => {
    const html = await render({ request, tasks: [task({ vendorStatus: 'DONE' })] });
    expect(html).toContain('GDPR (Regulation (EU) 2016/679, article 17)');
    expect(html).toMatch(
      /Due<\/dt><dd><time datetime="2026-09-01[^>]*>2026-09-01 00:00 UTC<\/time>, .*settled in time/,
    );
    expect(html).toContain('Settled: nothing is open. Of 1 deletion: 1 deleted (verified).');
    expect(html).toContain('Our own look-up found the record before, and no longer finds it.');
    expect(html).toContain('taken <time datetime="2026-08-02T00:00:00.000Z">2026-08-02 00:00</time>');
    expect(html).toContain('Backups, for 30 days.');
    expect(html).toContain('expunge report --certificate R-7');
    expect(html).not.toContain('All requests');
  });

  it('does not look done where somebody has to act, or where nothing was sent', async () => {
    const failed = await render({
      request: { ...request, result: 'undone' },
      tasks: [task({ state: 'failed', assurance: undefined, reason: 'refused' })],
    });
    expect(failed).toContain('class="verdict bad"');
    expect(failed).toContain('For 1 deletion somebody has to act.');
    const stuck = await render({
      request: { ...request, settledAt: undefined, result: undefined },
      tasks: [task({ state: 'needs-review', assurance: undefined, finishedAt: undefined })],
    });
    expect(stuck).toContain('class="verdict bad"');
    const skipped = await render({
      request: { ...request, result: 'nothing-sent' },
      tasks: [task({ state: 'skipped', assurance: undefined, targetType: undefined, submittedAt: undefined })],
    });
    expect(skipped).toContain('class="verdict wait"');
    expect(skipped).toContain('may hold data about them all the same');
  });

  it('says why a connector is paused that still has to do with it, and how a deadline stands', async () => {
    const paused = { code: 'credentials-rejected', message: 'Acme rejects the key.', at: '2026-08-21T00:00:00Z' };
    const open = { ...request, dueAt: '2026-08-20T00:00:00Z', settledAt: undefined };
    const ready = task({ state: 'ready', assurance: undefined, submittedAt: undefined, finishedAt: undefined });
    const html = await render(
      { request: open, tasks: [ready] },
      { connectors: [{ summary: summaryOf('acme', { paused }), configured: fakeConfigured() }] },
    );
    expect(html).toContain('Paused: Acme rejects the key.');
    expect(html).toContain('<span class="bad">overdue</span>');
    expect(html).toContain('Not settled: 1 deletion still open.');
  });

  it('does not call in time what was not done', async () => {
    const failed = task({ state: 'failed', assurance: undefined, reason: 'request-rejected' });
    const html = await render({ request: { ...request, result: 'undone' }, tasks: [task({}), failed] });
    expect(html).not.toContain('in time');
    expect(html).toContain('<span class="bad">ended, and not done</span>');
  });

  it('does not call an identifier that was detached a deletion of somebody', async () => {
    const html = await render(
      { request, tasks: [task({ assurance: 'confirmed' })] },
      { connectors: [{ summary: summaryOf('acme'), configured: fakeConfigured('acme', { reach: 'identifier' }) }] },
    );
    expect(html).toContain('1 detached (confirmed)');
    expect(html).toContain('nobody is erased.');
    expect(html).not.toContain('The record is gone');
  });

  it('names the person only where asked to, and says so where that is no longer possible', async () => {
    const identifiers = [{ type: 'email', value: 'ada@example.com' }];
    const named = await render({ request, tasks: [task({})], identifiers }, { hasIdentifiers: true });
    expect(named).toContain('email: ada@example.com');
    expect(named).toContain('It names a person');
    const erased = await render({ request, tasks: [task({})] }, { hasIdentifiers: true });
    expect(erased).toContain('erased');
  });

  it('escapes everything that comes from outside', async () => {
    const nasty = '<script>alert("1")</script>\'&';
    const given = { state: 'partial', connector: nasty, reason: nasty, message: nasty, vendorStatus: nasty } as const;
    const parts = [{ name: nasty, state: 'failed', vendorStatus: nasty } as const];
    const html = await render(
      {
        request: { ...request, requestId: nasty },
        tasks: [task({ ...given, targetType: nasty, assurance: undefined, parts })],
        identifiers: [{ type: nasty, value: nasty }],
      },
      {
        hasIdentifiers: true,
        connectors: [
          {
            summary: summaryOf(nasty),
            configured: fakeConfigured(nasty, { title: nasty, erases: [nasty], leaves: [nasty] }),
          },
        ],
      },
    );
    expect(html).not.toContain('<script');
    expect(html).not.toContain('alert("1")');
    expect(html.split('&lt;script&gt;').length).toBeGreaterThan(10);
  });
});
