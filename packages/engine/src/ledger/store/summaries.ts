import type { Assurance } from '@expunge/core';
import type { TaskState } from '../../tasks/task-state.ts';
import type { ConnectorSummary, LedgerSummary } from '../rows.ts';
import { parseByKind } from './connector-state.ts';
import { toIso } from './iso-time.ts';
import type { SqlValue } from './sql.ts';
import type { Store } from './store.ts';
import type { CountRow } from './task-counts.ts';

/** Where everything stands. */
export async function readSummary(store: Store, now: number): Promise<LedgerSummary> {
  // They are numbered from 1 without gaps, and never removed: nobody has to count a million.
  const total = await count(store, 'SELECT coalesce(max(id), 0) AS n FROM requests');
  const unsettled = await count(store, 'SELECT count(*) AS n FROM requests WHERE settled_at IS NULL');
  const overdue = await count(
    store,
    'SELECT count(*) AS n FROM requests WHERE settled_at IS NULL AND due_at < ?',
    Math.trunc(now),
  );
  return {
    requests: { total, settled: total - unsettled, overdue },
    connectors: await readConnectorSummaries(store),
  };
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
): Promise<readonly ConnectorSummary[]> {
  const span = await store.get<{ first: number | null; last: number | null }>(
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
  return summarizeAll(store, connectors, rows);
}

async function summarizeAll(
  store: Store,
  connectors: readonly { readonly id: number; readonly name: string }[],
  rows: readonly CountRow[],
): Promise<readonly ConnectorSummary[]> {
  const summaries: ConnectorSummary[] = [];
  for (const { id, name } of connectors) {
    summaries.push({ connector: name, ...summarize(id, rows), ...(await readStatus(store, id)) });
  }
  return summaries;
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

/** What does not come from counting tasks: when a connector goes on, and whether it is paused. */
async function readStatus(store: Store, id: number): Promise<Pick<ConnectorSummary, 'nextAt' | 'paused'>> {
  const record = await store.get<{
    pause_code: string | null;
    pause_message: string | null;
    paused_at: number | null;
    blocks: string | null;
    quota_until: number | null;
  }>('SELECT pause_code, pause_message, paused_at, blocks, quota_until FROM connectors WHERE id = ?', id);
  const blocks = parseByKind(record?.blocks);
  const rows = await store.all<{ kind: 'submit' | 'verify' | 'check'; at: number | null }>(
    `SELECT 'submit' AS kind, min(next_at) AS at FROM tasks
       WHERE connector = ?1 AND state IN ('ready', 'in-doubt') AND next_at IS NOT NULL
     UNION ALL SELECT 'verify' AS kind, min(next_at) AS at FROM tasks
       WHERE connector = ?1 AND state IN ('pre-read', 'read-back') AND next_at IS NOT NULL
     UNION ALL SELECT 'check' AS kind, min(next_at) AS at FROM submissions WHERE connector = ?1 AND next_at IS NOT NULL`,
    id,
  );
  const times = rows.flatMap(({ kind, at }) => {
    if (at === null) return [];
    // Nothing is submitted before the month's volume comes back; asking and reading go on. A refusal is of its kind alone.
    return [Math.max(at, blocks[kind] ?? 0, kind === 'submit' ? (record?.quota_until ?? 0) : 0)];
  });
  const { pause_code: code, pause_message: message, paused_at: at } = record ?? {};
  return {
    nextAt: times.length > 0 ? toIso(Math.min(...times)) : undefined,
    paused: typeof code === 'string' ? { code, message: message ?? '', at: toIso(at ?? 0) } : undefined,
  };
}
