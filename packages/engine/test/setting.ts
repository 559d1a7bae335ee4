import { expect, onTestFinished } from 'vitest';
import type { ConfiguredConnector } from '../src/engine/configured-connector.ts';
import { createEngine } from '../src/engine/create-engine.ts';
import type { EngineEvent, IncomingRequest, RetryPolicy } from '../src/engine/engine.ts';
import type { TaskRow } from '../src/ledger/reports.ts';
import { inSql, openStates, statesThat } from '../src/tasks/task-state.ts';
import { AutoClock } from './auto-clock.ts';
import { newLedgerPath, openTestLedger, queryLedger, type TestLedger } from './test-ledger.ts';

export { temporaryFolder } from './test-ledger.ts';

/** A request for one person. */
export function requestFor(
  value: string,
  more: Partial<IncomingRequest> = {},
): IncomingRequest & { readonly receivedAt: string } {
  return {
    id: `r-${value}`,
    subject: { identifiers: [{ type: 'user_id', value }] },
    law: 'gdpr',
    ...more,
    receivedAt: more.receivedAt ?? '2026-01-05T00:00:00.000Z',
  };
}

/** An engine over a ledger of its own. */
export async function openSetting(
  connectors: readonly ConfiguredConnector[],
  options: {
    clock?: AutoClock;
    path?: string;
    retry?: RetryPolicy;
    retentionMs?: number;
    /** Of a database by way of a proxy. */
    url?: string | undefined;
  } = {},
) {
  const clock = options.clock ?? new AutoClock();
  const path = options.path ?? newLedgerPath();
  const ledger = watched(
    await openTestLedger(path, {
      clock,
      ...(options.url === undefined ? {} : { url: options.url, retryTransientMs: 0 }),
    }),
    clock,
  );
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

// While a database is at work time must not jump.
function watched(ledger: TestLedger, clock: AutoClock): TestLedger {
  return new Proxy(ledger, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return (...values: unknown[]) => {
        const result: unknown = method.apply(target, values);
        return result instanceof Promise ? clock.awaitWith(result) : result;
      };
    },
  });
}

const endedOtherwise = (how: string) =>
  `${how}_tasks <> (SELECT count(*) FROM tasks WHERE request = requests.id AND state IN (${inSql(statesThat(({ countsAs }) => countsAs === how))}))`;

/** The kept counts, the open-task counters and the settlement of requests must equal what counting the rows gives. */
export async function expectCountsToBeTrue(path: string): Promise<void> {
  const kept = await queryLedger(
    path,
    'SELECT connector, state, assurance, reason, tasks FROM task_counts WHERE tasks <> 0 ORDER BY connector, state, assurance, reason',
  );
  const counted = await queryLedger(
    path,
    `SELECT connector, state, coalesce(assurance, '') AS assurance, coalesce(reason, '') AS reason, count(*) AS tasks
     FROM tasks GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  );
  expect(kept).toEqual(counted);
  const wrong = await queryLedger(
    path,
    `SELECT request_id, open_tasks, settled_at FROM requests WHERE open_tasks <> (SELECT count(*) FROM tasks WHERE request = requests.id
       AND state IN (${inSql(openStates)}))
     OR (open_tasks = 0) <> (settled_at IS NOT NULL)
     OR ${endedOtherwise('done')} OR ${endedOtherwise('undone')} OR ${endedOtherwise('cancelled')}`,
  );
  expect(wrong).toEqual([]);
}
