import type { RequestWithTasks } from '@expunge/engine';
import { describe, expect, it } from 'vitest';
import { fakeConfigured } from '../test/fake-connector.ts';
import { summaryOf } from '../test/summaries.ts';
import { jsonReport } from './json-report.ts';
import type { ReportContents } from './report-contents.ts';
import { reportSchema } from './report-schema.ts';

const entry = (requestId: string): RequestWithTasks => ({
  request: {
    requestId,
    law: 'ccpa',
    receivedAt: '2026-08-01T00:00:00.000Z',
    dueAt: '2026-09-15T00:00:00.000Z',
    acceptedAt: '2026-08-01T00:00:00.000Z',
    settledAt: undefined,
    result: undefined,
  },
  tasks: [
    {
      task: 7,
      requestId,
      connector: 'acme',
      targetType: 'customer',
      state: 'partial',
      isOnHold: false,
      readBefore: 'unread',
      unreadReason: undefined,
      assurance: undefined,
      reason: 'partly-done',
      message: 'Ask them.',
      vendorStatus: 'FAILED',
      parts: [{ name: 'Amplitude', state: 'not-supported', vendorStatus: 'NOT_SUPPORTED' }],
      attempts: 1,
      submittedAt: '2026-08-01T00:00:00.000Z',
      finishedAt: '2026-08-02T00:00:00.000Z',
      nextAt: undefined,
    },
  ],
});

async function render(entries: readonly RequestWithTasks[], hasConnector = true): Promise<unknown> {
  const summary = summaryOf('acme', {
    states: { partial: 1 },
    reasons: [{ state: 'partial', reason: 'partly-done', count: 1 }],
  });
  const contents: ReportContents = {
    generatedAt: '2026-08-21T12:00:00.000Z',
    cutOffImports: [],
    summary: {
      requests: { total: 1, settled: 0, undone: 0, calledBack: 0, nothingSent: 0, overdue: 0 },
      connectors: [summary],
    },
    connectors: [{ summary, configured: hasConnector ? fakeConfigured() : undefined }],
    hasIdentifiers: false,
    requests: async function* () {
      yield* entries;
    },
  };
  let text = '';
  for await (const piece of jsonReport(contents)) text += piece;
  return JSON.parse(text);
}

describe('jsonReport', () => {
  it.each([
    [0, true],
    [1, true],
    [3, false],
  ])('keeps to its schema with %i requests', async (count, hasConnector) => {
    const report = reportSchema.parse(
      await render(
        Array.from({ length: count }, (_, index) => entry(`R-${index}`)),
        hasConnector,
      ),
    );
    expect(report.requests).toHaveLength(count);
    expect(report.connectors[0]).toMatchObject({ name: 'acme', isConfigured: hasConnector });
  });

  it('names people only where they are given', async () => {
    const named = { ...entry('R-1'), identifiers: [{ type: 'user_id', value: 'u-1' }] };
    expect(await render([named, entry('R-2')])).toMatchObject({
      requests: [{ identifiers: [{ type: 'user_id', value: 'u-1' }] }, {}],
    });
  });
});
