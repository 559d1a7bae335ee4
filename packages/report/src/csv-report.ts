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
  yield csvLine(csvColumns);
  for await (const entry of contents.requests()) {
    const deadline = requestDeadline(entry, forecast, nowMs);
    for (const task of rowsOf(entry, deadline)) yield csvLine(task);
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

/** A line, in which no spreadsheet finds a formula. */
export function csvLine(cells: readonly (string | undefined)[]): string {
  return `${cells.map((cell) => escapeCell(cell ?? '')).join(',')}\r\n`;
}

// A spreadsheet runs a cell that begins with one of these as a formula; request ids are the caller's own text. Where a comma is a
// decimal mark, it takes `;` for the end of a cell as well, quoted or not: what comes after it begins a cell then.
const formulaStart = /(^|;)(?=\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])/g;

function escapeCell(text: string): string {
  const harmless = text.replace(formulaStart, "$1'");
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
