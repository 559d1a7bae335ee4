import { type CheckPart, type Identifier, subjectSchema, type Target } from '@expunge/core';
import { toIso } from '../../clock.ts';
import { resultInSql } from '../../tasks/request-result.ts';
import { canonicalTarget } from '../ledger.ts';
import type { RequestRow, RequestWithTasks, TaskRow } from '../reports.ts';
import type { RequestToReport, StoredRequest, TaskToReport } from '../rows.ts';
import { PageDamagedError } from './encrypted-pages.ts';
import { taskIsOnHold } from './guards.ts';
import type { Store } from './store.ts';

/**
 * The columns of {@link RequestToReport}. By their names: what a statement answers must stay as it is when a migration adds a column,
 * or PostgreSQL refuses a statement that was prepared before.
 */
export const requestColumns = `id, request_id, law, received_at, due_at, accepted_at, settled_at, ${resultInSql} AS result, page`;

/** One request with its tasks. */
export async function readRequest(
  store: Store,
  requestId: string,
  withIdentifiers: boolean,
): Promise<RequestWithTasks | undefined> {
  const record = await store.get<RequestToReport>(
    `SELECT ${requestColumns} FROM requests WHERE request_id = ?`,
    requestId,
  );
  return record === undefined ? undefined : (await withTasks(store, [record], withIdentifiers))[0];
}

const requestsPerBatch = 500;

/** A batch of requests that came in after one, and the number of the last of them. None: that one is the last. */
export async function readRequestsAfter(
  store: Store,
  after: number,
  withIdentifiers: boolean,
): Promise<{ readonly requests: readonly RequestWithTasks[]; readonly last: number }> {
  const records = await store.all<RequestToReport>(
    `SELECT ${requestColumns} FROM requests WHERE id > ? ORDER BY id LIMIT ?`,
    after,
    requestsPerBatch,
  );
  return { requests: await withTasks(store, records, withIdentifiers), last: records.at(-1)?.id ?? after };
}

// The requests have numbers that follow each other.
async function withTasks(
  store: Store,
  records: readonly RequestToReport[],
  withIdentifiers: boolean,
): Promise<readonly RequestWithTasks[]> {
  const rows = await store.all<TaskToReport>(
    `SELECT tasks.id, request, tasks.connector, target_type, state, assurance, reason, message, tasks.vendor_status, attempts,
       tasks.submitted_at, finished_at, tasks.next_at, submissions.next_at AS check_at, submissions.vendor_status AS submission_status,
       submissions.parts AS parts, submissions.last_error AS check_error, read_before, unread_reason,
       ${store.guards.hasHeldRequests ? `CASE WHEN ${taskIsOnHold} THEN 1 ELSE 0 END` : '0'} AS on_hold
     FROM tasks LEFT JOIN submissions ON submissions.id = tasks.submission
     WHERE request BETWEEN ? AND ? ORDER BY request, tasks.connector, tasks.id`,
    records[0]?.id ?? 0,
    records.at(-1)?.id ?? 0,
  );
  const rowsOf = Map.groupBy(rows, (row) => row.request);
  const requests: RequestWithTasks[] = [];
  for (const record of records) {
    const tasks = (rowsOf.get(record.id) ?? []).map((row) => toTaskRow(store, record.request_id, row));
    const request: RequestRow = {
      requestId: record.request_id,
      law: record.law,
      receivedAt: toIso(record.received_at),
      dueAt: toIso(record.due_at),
      acceptedAt: toIso(record.accepted_at),
      settledAt: record.settled_at === null ? undefined : toIso(record.settled_at),
      result: record.settled_at === null ? undefined : record.result,
    };
    requests.push({ request, tasks, ...(withIdentifiers ? await readSubject(store, record) : {}) });
  }
  return requests;
}

// One page that does not open must not keep everybody else out of a report.
async function readSubject(
  store: Store,
  record: RequestToReport,
): Promise<Pick<RequestWithTasks, 'identifiers' | 'isUnreadable'>> {
  try {
    return { identifiers: await readIdentifiers(store, record) };
  } catch (error) {
    if (error instanceof PageDamagedError) return { isUnreadable: true };
    throw error;
  }
}

/** Who a request is about; undefined where that is erased. */
export async function readIdentifiers(
  store: Store,
  record: Pick<RequestToReport, 'id' | 'request_id' | 'page'>,
): Promise<readonly Identifier[] | undefined> {
  if (record.page === null) return undefined;
  const subject = await store.pages.read('requests', record.page, record.id, record.request_id);
  return subjectSchema.parse(subject).identifiers;
}

function toTaskRow(store: Store, requestId: string, row: TaskToReport): TaskRow {
  const { state, parts } = row;
  const isOnHold = row.on_hold === 1;
  const nextAt = state === 'waiting' ? row.check_at : isOnHold ? null : row.next_at;
  return {
    task: row.id,
    requestId,
    connector: store.connectorName(row.connector),
    targetType: row.target_type ?? undefined,
    state,
    isOnHold,
    assurance: row.assurance ?? undefined,
    readBefore: row.read_before,
    unreadReason: row.unread_reason ?? undefined,
    reason: row.reason ?? (state === 'waiting' ? row.check_error : null) ?? undefined,
    message: row.message ?? undefined,
    vendorStatus: row.vendor_status ?? row.submission_status ?? undefined,
    parts: parts === null ? undefined : (JSON.parse(parts) as CheckPart[]),
    attempts: row.attempts,
    submittedAt: optionalTime(row.submitted_at),
    finishedAt: optionalTime(row.finished_at),
    nextAt: optionalTime(nextAt),
  };
}

function optionalTime(time: number | null): string | undefined {
  return time === null ? undefined : toIso(time);
}

/** The requests that had a target, also when their identifiers are gone. */
export async function requestsOfTarget(store: Store, connector: string, target: Target): Promise<readonly string[]> {
  const rows = await store.all<Pick<StoredRequest, 'request_id'>>(
    `SELECT DISTINCT requests.id, requests.request_id FROM tasks JOIN requests ON requests.id = tasks.request
     JOIN connectors ON connectors.id = tasks.connector
     WHERE connectors.name = ? AND tasks.digest = unhex(?) ORDER BY requests.id`,
    connector,
    store.cipher.digest(canonicalTarget(target)),
  );
  return rows.map((row) => row.request_id);
}
