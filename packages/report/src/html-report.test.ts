import type { RequestWithTasks, TaskRow } from '@expunge/engine';
import { describe, expect, it } from 'vitest';
import { fakeConfigured } from '../test/fake-connector.ts';
import { summaryOf } from '../test/summaries.ts';
import { htmlReport } from './html-report.ts';
import type { ReportContents } from './report-contents.ts';

const request = {
  requestId: 'R-1',
  law: 'gdpr',
  receivedAt: '2026-08-01T00:00:00Z',
  dueAt: '2026-08-20T00:00:00Z',
  acceptedAt: '2026-08-01T00:00:00Z',
  settledAt: undefined,
  result: undefined,
} as const;

function task(given: Partial<TaskRow>): TaskRow {
  return {
    task: 1,
    requestId: 'R-1',
    connector: 'acme',
    targetType: 'customer',
    state: 'deleted',
    isOnHold: false,
    readBefore: 'unread',
    unreadReason: undefined,
    assurance: undefined,
    reason: undefined,
    message: undefined,
    vendorStatus: undefined,
    parts: undefined,
    attempts: 1,
    submittedAt: undefined,
    finishedAt: undefined,
    nextAt: undefined,
    ...given,
  };
}

async function render(entries: readonly RequestWithTasks[], given: Partial<ReportContents> = {}): Promise<string> {
  const contents: ReportContents = {
    generatedAt: '2026-08-21T12:00:00.000Z',
    cutOffImports: [],
    summary: {
      requests: { total: 1, settled: 0, undone: 0, calledBack: 0, nothingSent: 0, overdue: 0 },
      connectors: [summaryOf('acme', { states: { failed: 1 } })],
    },
    connectors: [{ summary: summaryOf('acme', { states: { failed: 1 } }), configured: fakeConfigured() }],
    hasIdentifiers: false,
    requests: async function* () {
      yield* entries;
    },
    ...given,
  };
  let html = '';
  for await (const piece of htmlReport(contents)) html += piece;
  return html;
}

describe('htmlReport', () => {
  it('needs nothing from elsewhere and runs nothing', async () => {
    const html = await render([{ request, tasks: [task({})] }]);
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
    expect(html).not.toMatch(/<script|<img|<link|https?:|url\(|@import/);
    expect(html.trimEnd().endsWith('</html>')).toBe(true);
  });

  it('says what is erased and kept, what the words mean, and what needs somebody', async () => {
    const failed = task({ state: 'failed', reason: 'refused', message: 'The plan forbids it.', vendorStatus: 'E42' });
    const html = await render([{ request, tasks: [failed] }]);
    expect(html).toContain('The profile with its history.');
    expect(html).toContain('Backups, for 30 days.');
    expect(html).toContain('no longer finds it');
    expect(html).toMatch(
      /What needs somebody[\s\S]*R-1[\s\S]*the vendor&#39;s rules forbid it[\s\S]*The plan forbids it\.[\s\S]*E42[\s\S]*What each vendor/,
    );
    expect(html).toContain('overdue');
  });

  it('escapes everything that comes from outside', async () => {
    const nasty = '<script>alert("1")</script>\'&';
    const html = await render(
      [
        {
          request: { ...request, requestId: nasty },
          tasks: [
            task({
              requestId: nasty,
              connector: nasty,
              state: 'failed',
              reason: nasty,
              message: nasty,
              vendorStatus: nasty,
              targetType: nasty,
            }),
            task({
              connector: nasty,
              state: 'partial',
              parts: [{ name: nasty, state: 'failed', vendorStatus: 'FAILED' }],
            }),
          ],
          identifiers: [{ type: nasty, value: nasty }],
        },
      ],
      {
        hasIdentifiers: true,
        connectors: [
          {
            summary: summaryOf(nasty, {
              states: { failed: 1 },
              reasons: [{ state: 'failed', reason: nasty, count: 1 }],
              paused: { code: 'setup-wrong', message: nasty, at: '2026-08-21T12:00:00Z' },
            }),
            configured: fakeConfigured(nasty, { title: nasty, erases: [nasty], leaves: [nasty] }),
          },
        ],
      },
    );
    expect(html).not.toContain('<script');
    expect(html).not.toContain('alert("1")');
    expect(html.split('&lt;script&gt;').length).toBeGreaterThan(10);
  });

  it('does not call an identifier that was detached a deletion of somebody', async () => {
    const html = await render([{ request, tasks: [task({ assurance: 'confirmed' })] }], {
      connectors: [
        {
          summary: summaryOf('acme', { states: { deleted: 1 } }),
          configured: fakeConfigured('acme', { reach: 'identifier' }),
        },
      ],
    });
    expect(html).toContain('>detached, confirmed<');
    expect(html).toContain('Detaches one identifier; erases nobody.');
    expect(html).not.toContain('>deleted, confirmed<');
  });

  it('says so where a connector is gone or people are erased', async () => {
    const html = await render([{ request, tasks: [task({})] }], {
      hasIdentifiers: true,
      connectors: [{ summary: summaryOf('acme'), configured: undefined }],
    });
    expect(html).toContain('Not configured any more');
    expect(html).toContain('erased');
    expect(html).toContain('It names people');
  });

  it('says which part of the ledger it is about, and counts its deadlines', async () => {
    const html = await render(
      [
        { request, tasks: [task({})] },
        { request: { ...request, settledAt: '2026-08-19T00:00:00Z', result: 'done' }, tasks: [task({})] },
      ],
      {
        scope: { receivedFrom: '2026-08-01', receivedBefore: '2026-09-01' },
      },
    );
    expect(html).toMatch(/Requests received from <time[^>]*>2026-08-01 00:00 UTC<\/time> before <time[^>]*>2026-09-01/);
    expect(html).toMatch(/Deadlines: <span class="bad">1 overdue<\/span>, <span class="good">1 settled in time/);
  });

  it.each([
    ['done', {}, { deleted: 3 }, 'good', /3 of 3 requests settled\./],
    ['cancelled', { calledBack: 3 }, { cancelled: 3 }, 'bad', /3 of 3 requests settled\. 3 requests cancelled/],
    ['cancelled in part', { calledBack: 1 }, { deleted: 2, cancelled: 1 }, 'bad', /1 request cancelled/],
    [
      'without anything to send',
      { nothingSent: 3 },
      { skipped: 3 },
      'bad',
      /For 3 requests nothing could be sent anywhere/,
    ],
  ] as const)('has a banner for requests that are %s, and it is green for no others than done', async (...row) => {
    const [_what, counts, states, color, words] = row;
    const summary = summaryOf('acme', { states });
    const html = await render([], {
      summary: {
        requests: { total: 3, settled: 3, undone: 0, calledBack: 0, nothingSent: 0, overdue: 0, ...counts },
        connectors: [summary],
      },
      connectors: [{ summary, configured: fakeConfigured() }],
    });
    const [, shown, text = ''] = /<p class="verdict (\w+)">([^<]*)/.exec(html) ?? [];
    expect(shown).toBe(color);
    expect(text).toMatch(words);
  });

  it('says how many were not read before their deletion, and why, in the numbers and beside a failure', async () => {
    const unread = [{ reason: 'vendor-unavailable', count: 200 }];
    const summary = summaryOf('acme', { states: { deleted: 200 }, unread });
    const failed = task({ state: 'failed', reason: 'refused', unreadReason: 'vendor-unavailable' });
    const html = await render([{ request, tasks: [failed] }], {
      connectors: [{ summary, configured: fakeConfigured() }],
    });
    expect(html).toContain('200 not read before the deletion: the vendor has trouble of its own');
    expect(html).toContain('>not read before the deletion: the vendor has trouble of its own<');
  });

  it('puts a paused connector, and what is in doubt for good, before the eyes of the operator', async () => {
    const paused = { code: 'credentials-rejected', message: 'Acme rejects the key.', at: '2026-08-21T00:00:00Z' };
    const stuck = task({ state: 'needs-review', reason: 'reply-lost' });
    const html = await render([{ request, tasks: [stuck] }], {
      connectors: [
        { summary: summaryOf('acme', { states: { 'needs-review': 1 }, paused }), configured: fakeConfigured() },
      ],
    });
    expect(html).toMatch(
      /What needs somebody[\s\S]*acme is paused\. Acme rejects the key\.[\s\S]*to be reviewed[\s\S]*What each vendor/,
    );
    expect(html).not.toContain('expected to be done');
  });

  it('lists at most 200 failures above the table', async () => {
    const tasks = Array.from({ length: 300 }, () => task({ state: 'failed', reason: 'refused' }));
    const html = await render([{ request, tasks }]);
    const [above = ''] = html.split('What each vendor');
    expect(above.split('<tr><td class="id">R-1').length - 1).toBe(200);
    expect(above).toContain('And more');
  });
});
