import { type Assurance, type CheckPart, type Identifier, subjectSchema } from '@expunge/core';
import type { TaskState } from '../../task-state.ts';
import type { ConnectorSummary, LedgerSummary, RequestRow, RequestWithTasks, TaskRow } from '../ledger-rows.ts';
import { parseByKind } from './connector-memory.ts';
import type { Store } from './store.ts';
import type { CountRow } from './task-counts.ts';

const pageSize = 500;

/** Where everything stands. */
export function readSummary(store: Store, now: number): LedgerSummary {
  const total = count(store, 'SELECT count(*) AS n FROM requests');
  const unsettled = count(store, 'SELECT count(*) AS n FROM requests WHERE settled_at IS NULL');
  const overdue = count(
    store,
    `SELECT count(*) AS n FROM requests WHERE settled_at IS NULL AND due_at < ${Math.trunc(now)}`,
  );
  return {
    requests: { total, settled: total - unsettled, overdue },
    connectors: store.connectors().map(({ id, name }) => summarize(store, id, name, store.counts.rows())),
  };
}

function count(store: Store, sql: string): number {
  return Number(store.database.prepare(sql).get()?.n);
}

/** Where the requests of one list stand. */
export function readIntakeSummary(store: Store, intake: number): readonly ConnectorSummary[] {
  const rows = store.all<CountRow>(
    `SELECT tasks.connector, state, assurance, reason, count(*) AS tasks
     FROM requests JOIN tasks ON tasks.request = requests.id WHERE requests.intake = ? GROUP BY 1, 2, 3, 4`,
    intake,
  );
  const ids = new Set(rows.map((row) => row.connector));
  return store
    .connectors()
    .filter(({ id }) => ids.has(id))
    .map(({ id, name }) => summarize(store, id, name, rows));
}

function summarize(store: Store, id: number, name: string, rows: readonly CountRow[]): ConnectorSummary {
  const states: Partial<Record<TaskState, number>> = {};
  const assurances: Partial<Record<Assurance, number>> = {};
  const reasons = new Map<string, { state: TaskState; reason: string; count: number }>();
  for (const row of rows) {
    if (row.connector !== id) continue;
    states[row.state] = (states[row.state] ?? 0) + row.tasks;
    if (row.assurance !== null) assurances[row.assurance] = (assurances[row.assurance] ?? 0) + row.tasks;
    if (row.reason === null) continue;
    const count = row.tasks + (reasons.get(`${row.state} ${row.reason}`)?.count ?? 0);
    reasons.set(`${row.state} ${row.reason}`, { state: row.state, reason: row.reason, count });
  }
  return {
    connector: name,
    states,
    assurances,
    reasons: [...reasons.values()].sort((a, b) => b.count - a.count),
    ...readStanding(store, id),
  };
}

/** What does not come from counting tasks: when a connector goes on, and whether it is paused. */
function readStanding(store: Store, id: number): Pick<ConnectorSummary, 'nextAt' | 'paused'> {
  const record = store.get<{
    pause_code: string | null;
    pause_message: string | null;
    paused_at: number | null;
    blocks: string | null;
    quota_until: number | null;
  }>('SELECT pause_code, pause_message, paused_at, blocks, quota_until FROM connectors WHERE id = ?', id);
  const blocks = parseByKind(record?.blocks);
  // Nothing is submitted before the month's volume comes back; asking and reading go on. A refusal is of its kind alone.
  const times = store.all<{ at: number | null }>(
    `SELECT max(min(next_at), ?2) AS at FROM tasks
       WHERE connector = ?1 AND state IN ('ready', 'in-doubt') AND next_at IS NOT NULL
     UNION ALL SELECT max(min(next_at), ?3) FROM tasks
       WHERE connector = ?1 AND state IN ('pre-read', 'read-back') AND next_at IS NOT NULL
     UNION ALL SELECT max(min(next_at), ?4) FROM submissions WHERE connector = ?1 AND next_at IS NOT NULL`,
    id,
    Math.max(record?.quota_until ?? 0, blocks.submit ?? 0),
    blocks.verify ?? 0,
    blocks.check ?? 0,
  );
  const nextAt = times.reduce<number | undefined>(
    (first, { at }) => (at === null || (first !== undefined && first <= at) ? first : at),
    undefined,
  );
  const { pause_code: code, pause_message: message, paused_at: at } = record ?? {};
  return {
    nextAt: typeof nextAt === 'number' ? toIso(nextAt) : undefined,
    paused: typeof code === 'string' ? { code, message: message ?? '', at: toIso(at ?? 0) } : undefined,
  };
}

/** A row of the table of requests. */
export interface RequestRecord {
  readonly id: number;
  readonly request_id: string;
  readonly law: RequestRow['law'];
  readonly received_at: number;
  readonly due_at: number;
  readonly accepted_at: number;
  readonly settled_at: number | null;
  readonly page: number | null;
}

/** One request with its tasks. */
export function readRequest(store: Store, requestId: string, withIdentifiers: boolean): RequestWithTasks | undefined {
  return readAtOnce(store, () => {
    const record = store.get<RequestRecord>('SELECT * FROM requests WHERE request_id = ?', requestId);
    return record === undefined ? undefined : withTasks(store, record, withIdentifiers);
  });
}

/** All requests, page by page, so that a million of them never sit in memory. */
export function* readRequests(store: Store, withIdentifiers: boolean): Generator<RequestWithTasks> {
  let last = 0;
  for (;;) {
    const page = readAtOnce(store, () => {
      const records = store.all<RequestRecord>(
        'SELECT * FROM requests WHERE id > ? ORDER BY id LIMIT ?',
        last,
        pageSize,
      );
      last = records.at(-1)?.id ?? last;
      return records.map((record) => withTasks(store, record, withIdentifiers));
    });
    if (page.length === 0) return;
    yield* page;
  }
}

// Another process may be writing: a request and the sealed page that it refers to must be of one moment, and pages that
// were opened before it may hold something else by now.
function readAtOnce<Result>(store: Store, read: () => Result): Result {
  store.pages.reset();
  store.database.exec('BEGIN');
  try {
    return read();
  } finally {
    store.database.exec('COMMIT');
  }
}

function withTasks(store: Store, record: RequestRecord, withIdentifiers: boolean): RequestWithTasks {
  const tasks = store
    .sql(
      `SELECT tasks.*, submissions.next_at AS check_at, submissions.vendor_status AS submission_status,
         submissions.parts AS parts, submissions.last_error AS check_error
       FROM tasks LEFT JOIN submissions ON submissions.id = tasks.submission
       WHERE request = ? ORDER BY tasks.connector, tasks.id`,
    )
    .all(record.id)
    .map((row) => toTaskRow(store, record.request_id, row));
  const request: RequestRow = {
    requestId: record.request_id,
    law: record.law,
    receivedAt: toIso(record.received_at),
    dueAt: toIso(record.due_at),
    acceptedAt: toIso(record.accepted_at),
    settledAt: record.settled_at === null ? undefined : toIso(record.settled_at),
  };
  if (!withIdentifiers) return { request, tasks };
  return { request, tasks, identifiers: readIdentifiers(store, record) };
}

/** Who a request is about; undefined where that is forgotten. */
export function readIdentifiers(store: Store, record: RequestRecord): readonly Identifier[] | undefined {
  if (record.page === null) return undefined;
  return subjectSchema.parse(store.pages.read('requests', record.page, record.id, record.request_id)).identifiers;
}

function toTaskRow(store: Store, requestId: string, row: Record<string, unknown>): TaskRow {
  const state = row.state as TaskState;
  const nextAt = state === 'waiting' ? row.check_at : row.next_at;
  const parts = row.parts;
  return {
    task: Number(row.id),
    requestId,
    connector: store.connectorName(Number(row.connector)),
    targetType: optionalText(row.target_type),
    state,
    assurance: (row.assurance ?? undefined) as TaskRow['assurance'],
    reason: optionalText(row.reason) ?? (state === 'waiting' ? optionalText(row.check_error) : undefined),
    message: optionalText(row.message),
    vendorStatus: optionalText(row.vendor_status) ?? optionalText(row.submission_status),
    parts: typeof parts === 'string' ? (JSON.parse(parts) as CheckPart[]) : undefined,
    attempts: Number(row.attempts),
    submittedAt: optionalTime(row.submitted_at),
    finishedAt: optionalTime(row.finished_at),
    nextAt: optionalTime(nextAt),
  };
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function optionalTime(value: unknown): string | undefined {
  return typeof value === 'number' ? toIso(value) : undefined;
}

/** A time in milliseconds since 1970 as ISO 8601 in UTC. */
export function toIso(time: number): string {
  return new Date(time).toISOString();
}
