import type { Assurance } from '@expunge/core';
import { toIso } from '../../clock.ts';
import {
  countNoneFound,
  fewPeople,
  fewPeopleAtProven,
  isAnybodyFound,
  isNotFoundInSql,
} from '../../tasks/positive-control.ts';
import { type RequestResult, resultInSql } from '../../tasks/request-result.ts';
import { type TaskState, type TimedState, timedStates } from '../../tasks/task-state.ts';
import type { ConnectorSummary, ImportSummary, LedgerSummary, RequestCounts } from '../reports.ts';
import type { CountRow, FirstTime, NumberSpan, ResultCount, StoredConnector, UnreadCount } from '../rows.ts';
import { parseByKind } from './connectors.ts';
import { taskIsOnHold } from './guards.ts';
import { firstTime } from './read-tasks.ts';
import type { SqlValue } from './sql.ts';
import type { Store } from './store.ts';

/** Where everything stands. */
export async function readSummary(store: Store, now: number): Promise<LedgerSummary> {
  // They are numbered from 1 without gaps, and never removed: a million need not be counted.
  const total = await count(store, 'SELECT coalesce(max(id), 0) AS n FROM requests');
  const unsettled = await count(store, 'SELECT count(*) AS n FROM requests WHERE settled_at IS NULL');
  const overdue = await count(
    store,
    'SELECT count(*) AS n FROM requests WHERE settled_at IS NULL AND due_at < ?',
    Math.trunc(now),
  );
  const notDone = await countNotDone(store, 'TRUE');
  return {
    requests: { total, settled: total - unsettled, ...notDone, overdue },
    connectors: await readConnectorSummaries(store),
  };
}

/** Settled requests that are not done, by what became of them. An index has these alone: nearly all are done. */
async function countNotDone(
  store: Store,
  which: string,
  ...values: SqlValue[]
): Promise<Pick<RequestCounts, 'undone' | 'calledBack' | 'nothingSent'>> {
  const rows = await store.all<ResultCount>(
    `SELECT ${resultInSql} AS result, count(*) AS n FROM requests
     WHERE settled_at IS NOT NULL AND (done_tasks = 0 OR undone_tasks > 0 OR cancelled_tasks > 0) AND ${which} GROUP BY 1`,
    ...values,
  );
  const of = (result: RequestResult) => rows.find((row) => row.result === result)?.n ?? 0;
  return { undone: of('undone'), calledBack: of('called-back'), nothingSent: of('nothing-sent') };
}

/** Where each connector stands. */
export function readConnectorSummaries(store: Store): Promise<readonly ConnectorSummary[]> {
  return summarizeAll(store, store.connectors(), store.counts.rows());
}

async function count(store: Store, text: string, ...values: SqlValue[]): Promise<number> {
  return (await store.get<{ n: number }>(text, ...values))?.n ?? 0;
}

/** Requests that are counted with one statement: a database sorts what it groups, and may do that in memory. */
const requestsAtOnce = 20_000;

/** Where the requests of one list stand. */
export async function readImportSummary(
  store: Store,
  importId: number,
  atOnce = requestsAtOnce,
): Promise<ImportSummary> {
  const span = await store.get<NumberSpan>(
    'SELECT min(id) AS first, max(id) AS last FROM requests WHERE import_id = ?',
    importId,
  );
  const rows: CountRow[] = [];
  const last = span?.last ?? 0;
  for (let first = span?.first ?? 1; first <= last; first += atOnce) {
    const some = await store.all<CountRow>(
      `SELECT tasks.connector, state, assurance, reason, count(*) AS tasks
       FROM requests JOIN tasks ON tasks.request = requests.id
       WHERE requests.import_id = ? AND requests.id BETWEEN ? AND ? GROUP BY 1, 2, 3, 4`,
      importId,
      first,
      first + atOnce - 1,
    );
    rows.push(...some);
  }
  const ids = new Set(rows.map((row) => row.connector));
  const connectors = store.connectors().filter(({ id }) => ids.has(id));
  const total = await count(store, 'SELECT count(*) AS n FROM requests WHERE import_id = ?', importId);
  const settled = await count(
    store,
    'SELECT count(*) AS n FROM requests WHERE import_id = ? AND settled_at IS NOT NULL',
    importId,
  );
  const notDone = await countNotDone(store, 'import_id = ?', importId);
  return {
    requests: { total, settled, ...notDone },
    connectors: await summarizeAll(store, connectors, rows, importId),
  };
}

async function summarizeAll(
  store: Store,
  connectors: readonly { readonly id: number; readonly name: string }[],
  rows: readonly CountRow[],
  importId?: number,
): Promise<readonly ConnectorSummary[]> {
  const summaries: ConnectorSummary[] = [];
  for (const { id, name } of connectors) {
    const own = summarize(id, rows);
    // Somebody whom another list found speaks for the account, unless it was changed since.
    const isProven = importId !== undefined && isAnybodyFound(summarize(id, store.counts.rows()));
    const few = isProven ? fewPeopleAtProven : fewPeople;
    const isSuspected = countNoneFound(own, few) !== undefined;
    const people = isSuspected ? await countPeopleNotFound(store, id, importId) : 0;
    const noneFound = people < few ? undefined : people;
    summaries.push({ connector: name, ...own, noneFound, ...(await readStatus(store, id, importId)) });
  }
  return summaries;
}

// Of one person there may be several deletions, by several identifiers, and several requests. All tasks are looked at: that is
// done where an account is suspected, and nowhere else.
async function countPeopleNotFound(store: Store, connector: number, importId: number | undefined): Promise<number> {
  const inImport = importId === undefined ? '' : ' AND import_id = ?';
  return count(
    store,
    `SELECT count(DISTINCT subject_digest) AS n FROM requests
     WHERE id IN (SELECT request FROM tasks WHERE connector = ? AND ${isNotFoundInSql})${inImport}`,
    connector,
    ...(importId === undefined ? [] : [importId]),
  );
}

function summarize(id: number, rows: readonly CountRow[]): Pick<ConnectorSummary, 'states' | 'assurances' | 'reasons'> {
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
  return { states, assurances, reasons: [...reasons.values()].sort((a, b) => b.count - a.count) };
}

/** The kind of call that a due task leads to. */
const kindOfCall = {
  'pre-read': 'verify',
  ready: 'submit',
  'in-doubt': 'submit',
  'read-back': 'verify',
} as const satisfies Readonly<Record<TimedState, string>>;

/** What does not come from counting tasks: who is on hold, when a connector goes on, and whether it is paused. */
async function readStatus(
  store: Store,
  id: number,
  importId: number | undefined,
): Promise<Pick<ConnectorSummary, 'onHold' | 'unread' | 'nextAt' | 'paused'>> {
  const record = await store.get<
    Pick<StoredConnector, 'pause_code' | 'pause_message' | 'paused_at' | 'blocks' | 'quota_until'>
  >('SELECT pause_code, pause_message, paused_at, blocks, quota_until FROM connectors WHERE id = ?', id);
  const blocks = parseByKind(record?.blocks);
  const firstTimes = timedStates.map(
    (state) => `SELECT '${kindOfCall[state]}' AS kind, (${firstTime(store, state)}) AS at`,
  );
  const rows = await store.all<FirstTime<'submit' | 'verify' | 'check'>>(
    [...firstTimes, `SELECT 'check', min(next_at) FROM submissions WHERE connector = ?1 AND next_at IS NOT NULL`].join(
      ' UNION ALL ',
    ),
    id,
  );
  const times = rows.flatMap(({ kind, at }) => {
    if (at === null) return [];
    // Nothing is submitted before the month's volume comes back; asking and reading go on. A refusal is of its kind alone.
    return [Math.max(at, blocks[kind] ?? 0, kind === 'submit' ? (record?.quota_until ?? 0) : 0)];
  });
  const { pause_code: code, pause_message: message, paused_at: at } = record ?? {};
  return {
    onHold: await countOnHold(store, id, importId),
    unread: await countUnread(store, id, importId),
    nextAt: times.length > 0 ? toIso(Math.min(...times)) : undefined,
    paused: typeof code === 'string' ? { code, message: message ?? '', at: toIso(at ?? 0) } : undefined,
  };
}

// An index has these alone: nearly everybody is read who is to be.
async function countUnread(
  store: Store,
  connector: number,
  importId: number | undefined,
): Promise<ConnectorSummary['unread']> {
  const inImport = importId === undefined ? '' : ' AND request IN (SELECT id FROM requests WHERE import_id = ?)';
  return store.all<UnreadCount>(
    `SELECT unread_reason AS reason, count(*) AS count FROM tasks INDEXED BY tasks_unread
     WHERE connector = ? AND read_before = 'unread' AND unread_reason IS NOT NULL AND unread_reason <> 'not-recorded'${inImport}
     GROUP BY 1 ORDER BY 2 DESC, 1`,
    connector,
    ...(importId === undefined ? [] : [importId]),
  );
}

async function countOnHold(store: Store, connector: number, importId: number | undefined): Promise<number> {
  if (!store.guards.hasHeldRequests) return 0;
  const text = `SELECT count(*) AS n FROM tasks WHERE connector = ? AND ${taskIsOnHold}`;
  if (importId === undefined) return count(store, text, connector);
  return count(store, `${text} AND request IN (SELECT id FROM requests WHERE import_id = ?)`, connector, importId);
}
