import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished } from 'vitest';
import type { ConfiguredConnector } from '../src/configured-connector.ts';
import { createEngine } from '../src/create-engine.ts';
import type { EngineEvent, IncomingRequest, RetryPolicy } from '../src/engine.ts';
import type { TaskRow } from '../src/ledger/ledger-rows.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/open-sqlite-ledger.ts';
import { AutoClock } from './auto-clock.ts';

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'expunge-engine-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A request for one person. */
export function requestFor(value: string, more: Partial<IncomingRequest> = {}): IncomingRequest {
  return {
    id: `r-${value}`,
    subject: { identifiers: [{ type: 'user_id', value }] },
    law: 'gdpr',
    receivedAt: '2026-01-05T00:00:00.000Z',
    ...more,
  };
}

/** An engine over a ledger in a file. */
export async function openSetting(
  connectors: readonly ConfiguredConnector[],
  options: { clock?: AutoClock; path?: string; retry?: RetryPolicy; retentionMs?: number } = {},
) {
  const clock = options.clock ?? new AutoClock();
  const path = options.path ?? join(temporaryFolder(), 'ledger.db');
  const ledger = await openSqliteLedger({ path, clock });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await ledger.close();
    isOpen = false;
  };
  onTestFinished(close);
  const events: EngineEvent[] = [];
  const engine = createEngine({
    connectors,
    ledger,
    clock,
    random: () => 1,
    onEvent: (event) => events.push(event),
    ...(options.retry === undefined ? {} : { retry: options.retry }),
    ...(options.retentionMs === undefined ? {} : { retentionMs: options.retentionMs }),
  });
  return { clock, path, ledger, engine, events, close };
}

/** Every task of a ledger, by connector and value-free. */
export async function allTasks(ledger: {
  requests(): AsyncIterable<{ tasks: readonly TaskRow[] }>;
}): Promise<TaskRow[]> {
  const tasks: TaskRow[] = [];
  for await (const request of ledger.requests()) tasks.push(...request.tasks);
  return tasks;
}

/** The kept counts, the open-task counters and the settlement of requests must equal what counting the rows gives. */
export function expectCountsToBeTrue(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const kept = database
      .prepare(
        'SELECT connector, state, assurance, reason, tasks FROM task_counts WHERE tasks <> 0 ORDER BY connector, state, assurance, reason',
      )
      .all();
    const counted = database
      .prepare(
        `SELECT connector, state, coalesce(assurance, '') AS assurance, coalesce(reason, '') AS reason, count(*) AS tasks
         FROM tasks GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
      )
      .all();
    expect(kept).toEqual(counted);
    const wrong = database
      .prepare(
        `SELECT request_id, open_tasks, settled_at FROM requests WHERE open_tasks <> (SELECT count(*) FROM tasks WHERE request = requests.id
           AND state IN ('pre-read', 'ready', 'submitting', 'in-doubt', 'waiting', 'read-back', 'held'))
         OR (open_tasks = 0) <> (settled_at IS NOT NULL)`,
      )
      .all();
    expect(wrong).toEqual([]);
  } finally {
    database.close();
  }
}
