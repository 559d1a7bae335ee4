import type { RequestWithTasks } from '@expunge/engine';
import { forecastOf, requestDeadline } from './deadlines.ts';
import type { ReportContents } from './report-contents.ts';

/** The columns of the CSV report, one line per task. */
export const csvColumns = [
  'request_id',
  'law',
  'received_at',
  'due_at',
  'accepted_at',
  'settled_at',
  'result',
  'deadline',
  'connector',
  'target_type',
  'state',
  'on_hold',
  'assurance',
  'read_before',
  'unread_reason',
  'reason',
  'vendor_status',
  'attempts',
  'submitted_at',
  'finished_at',
  'next_at',
] as const;

/** Writes the CSV report line by line (RFC 4180). It never names people. */
export async function* csvReport(contents: ReportContents): AsyncGenerator<string> {
  const nowMs = Date.parse(contents.generatedAt);
  const forecast = forecastOf(contents.queue ?? contents.connectors, nowMs);
  yield line(csvColumns);
  for await (const entry of contents.requests()) {
    const deadline = requestDeadline(entry, forecast, nowMs);
    for (const task of rowsOf(entry, deadline)) yield line(task);
  }
}

function rowsOf({ request, tasks }: RequestWithTasks, deadline: string): (string | undefined)[][] {
  return tasks.map((task) => [
    request.requestId,
    request.law,
    request.receivedAt,
    request.dueAt,
    request.acceptedAt,
    request.settledAt,
    request.result,
    deadline,
    task.connector,
    task.targetType,
    task.state,
    task.isOnHold ? 'true' : 'false',
    task.assurance,
    task.readBefore,
    task.unreadReason,
    task.reason,
    task.vendorStatus,
    String(task.attempts),
    task.submittedAt,
    task.finishedAt,
    task.nextAt,
  ]);
}

function line(cells: readonly (string | undefined)[]): string {
  return `${cells.map((cell) => escapeCell(cell ?? '')).join(',')}\r\n`;
}

// A spreadsheet runs a cell that begins with one of these as a formula; request ids are the caller's own text.
const formulaStart = /^[=+\-@\t\r]/;

function escapeCell(text: string): string {
  const harmless = formulaStart.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
