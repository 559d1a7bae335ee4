import type { DeadlineState, RequestWithTasks, TaskRow } from '@expunge/engine';
import { type Forecast, forecastOf, requestDeadline } from './deadlines.ts';
import type { ReportConnector, ReportContents } from './report-contents.ts';
import type { JsonReport } from './report-schema.ts';

/** Writes the JSON report piece by piece: a ledger of a million requests never sits in memory. */
export async function* jsonReport(contents: ReportContents): AsyncGenerator<string> {
  const nowMs = Date.parse(contents.generatedAt);
  const forecast = forecastOf(contents.queue ?? contents.connectors, nowMs);
  const head = {
    format: 'expunge-report/v1',
    generatedAt: contents.generatedAt,
    summary: contents.summary.requests,
    cutOffImports: contents.cutOffImports.length === 0 ? undefined : contents.cutOffImports,
    connectors: contents.connectors.map((connector) => toJsonConnector(connector, forecast)),
  } satisfies Loose<Omit<JsonReport, 'requests'>>;
  const opening = JSON.stringify(head, undefined, 2).replace(/\n}$/, '');
  yield `${opening},\n  "requests": [`;
  let separator = '\n';
  for await (const request of contents.requests()) {
    yield `${separator}    ${JSON.stringify(toJsonRequest(request, requestDeadline(request, forecast, nowMs)))}`;
    separator = ',\n';
  }
  yield '\n  ]\n}\n';
}

/** A shape whose optional keys may also be undefined: JSON leaves those out. */
type Loose<Shape> = Shape extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : Shape extends object
    ? { readonly [Key in keyof Shape]: Loose<Shape[Key]> | (undefined extends Shape[Key] ? undefined : never) }
    : Shape;

type JsonRequest = JsonReport['requests'][number];

function toJsonConnector(
  { summary, configured }: ReportConnector,
  forecast: Forecast,
): Loose<JsonReport['connectors'][number]> {
  const forecastAt = forecast.get(summary.connector);
  const { connector: name, states, onHold, assurances, reasons, unread, noneFound, nextAt, paused } = summary;
  const capabilities = configured?.connector.capabilities;
  return {
    name,
    isConfigured: configured !== undefined,
    vendor: configured?.connector.vendor,
    operation: configured?.connector.operation,
    title: capabilities?.title,
    reach: capabilities?.reach,
    erases: capabilities?.erases,
    leaves: capabilities?.leaves,
    states,
    onHold,
    assurances,
    reasons,
    unread,
    noneFound,
    nextAt,
    forecastAt: forecastAt === undefined ? undefined : new Date(forecastAt).toISOString(),
    paused,
  };
}

/** One request as the JSON report has it. Field by field, so that nothing gets in that the schema does not promise. */
export function toJsonRequest(
  { request, tasks, identifiers, isUnreadable }: RequestWithTasks,
  deadline: DeadlineState,
): Loose<JsonRequest> {
  const { requestId, law, receivedAt, dueAt, acceptedAt, settledAt, result } = request;
  const people = identifiers?.map(({ type, value }) => ({ type, value }));
  return {
    requestId,
    law,
    receivedAt,
    dueAt,
    deadline,
    acceptedAt,
    settledAt,
    result,
    identifiers: people,
    isUnreadable,
    tasks: tasks.map(toJsonTask),
  };
}

function toJsonTask(row: TaskRow): Loose<JsonRequest['tasks'][number]> {
  const { task, connector, targetType, state, assurance, reason, message, vendorStatus, parts, attempts } = row;
  const { submittedAt, finishedAt, nextAt, isOnHold, readBefore, unreadReason } = row;
  return {
    task,
    connector,
    targetType,
    state,
    isOnHold,
    assurance,
    readBefore,
    unreadReason,
    reason,
    message,
    vendorStatus,
    parts,
    attempts,
    submittedAt,
    finishedAt,
    nextAt,
  };
}
