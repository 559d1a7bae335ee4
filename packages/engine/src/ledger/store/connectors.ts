import { type CallKind, type ConnectorErrorCode, callKindSchema } from '@expunge/core';
import { z } from 'zod';
import { notFoundBeforeReason } from '../../tasks/read-before.ts';
import { inSql, timedStates } from '../../tasks/task-state.ts';
import type { ConnectorState, ConnectorStateChange, LearnedIntervals, LedgerConnector } from '../ledger.ts';
import { toRanges } from '../number-ranges.ts';
import type { CountedCall, StoredConnector, StoredTask, TaskToWorkOn } from '../rows.ts';
import { setOrder } from './connector-order.ts';
import { PageDamagedError } from './encrypted-pages.ts';
import type { Store } from './store.ts';

/** Makes the connectors known, within a transaction. */
export async function registerConnectors(
  store: Store,
  connectors: readonly LedgerConnector[],
  now: number,
): Promise<void> {
  for (const { name, vendor, operation } of connectors) {
    await bindAnew(store, { name, vendor, operation });
    await store.run(
      `INSERT INTO connectors (name, vendor, operation) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET vendor = excluded.vendor, operation = excluded.operation`,
      name,
      vendor,
      operation,
    );
  }
  await store.readConnectors();
  await refuseChangedNames(store);
  await setOrder(store, connectors, now);
}

// The configuration may give a name to another account. Its tasks go on there, as the operator decided; nobody else can.
async function bindAnew(store: Store, next: { name: string; vendor: string; operation: string }): Promise<void> {
  const known = store.connectors().find(({ name }) => name === next.name);
  if (known === undefined || (known.vendor === next.vendor && known.operation === next.operation)) return;
  await store.pages.rebind(known, next);
  store.audit.add({ type: 'connector-changed', connector: next.name, vendor: next.vendor, operation: next.operation });
}

/** Opens one page for each connector with something to do: under another name than that which it was encrypted for, nothing is begun. */
async function refuseChangedNames(store: Store): Promise<void> {
  for (const { id } of store.connectors()) {
    const task = await store.get<Pick<TaskToWorkOn, 'id' | 'page' | 'digest'>>(
      `SELECT id, page, lower(hex(digest)) AS digest FROM tasks
       WHERE connector = ? AND next_at IS NOT NULL AND page IS NOT NULL LIMIT 1`,
      id,
    );
    if (task === undefined) continue;
    await store.pages.read(`tasks/${id}`, task.page, task.id, task.digest).catch((error: unknown) => {
      // A damaged page costs those on it, and is met when they are due.
      if (!(error instanceof PageDamagedError)) throw error;
    });
  }
}

const numberByKindSchema = z.partialRecord(callKindSchema, z.number());

/** A number for each kind of call: until when the vendor is not to be called (milliseconds since 1970), or at what pace. */
export function parseByKind(text: string | null | undefined): Partial<Record<CallKind, number>> {
  return text === null || text === undefined ? {} : numberByKindSchema.parse(JSON.parse(text));
}

/** What refusals have taught of intervals between calls. Written by ourselves. */
export function parseIntervals(text: string | null | undefined): LearnedIntervals {
  return text === null || text === undefined ? {} : (JSON.parse(text) as LearnedIntervals);
}

/** How far back calls matter for them, in milliseconds. */
export function longestIntervalMs(intervals: LearnedIntervals): number {
  return Math.ceil(Math.max(0, ...Object.values(intervals).map(({ intervalMs }) => intervalMs)));
}

/** How long before its completion a call may have been persisted, in milliseconds. */
const longestCallMs = 600_000;

/**
 * What is remembered of a connector besides its tasks.
 *
 * @param isAlone - Whether one process works on the ledger. A call is persisted before it leaves, and may have waited for its
 * slot: it counts from its completion, or from when it was found cut off. Where several work, it counts from its intent.
 */
export async function readConnectorState(
  store: Store,
  connector: string,
  earliest: number,
  monthStart: number | undefined,
  isAlone: boolean,
): Promise<ConnectorState> {
  const id = store.connectorId(connector);
  const record = await store.get<
    Pick<StoredConnector, 'max_targets' | 'blocks' | 'throttle' | 'intervals' | 'failures'>
  >('SELECT max_targets, blocks, throttle, intervals, failures FROM connectors WHERE id = ?', id);
  const intervals = parseIntervals(record?.intervals);
  const since = earliest - longestIntervalMs(intervals);
  const calls = await store.all<CountedCall>(
    `SELECT kind, counted_at FROM (
       SELECT kind, CASE WHEN ? = 1 AND ended_at > started_at THEN ended_at ELSE started_at END AS counted_at FROM calls
       WHERE connector = ? AND started_at >= ? AND result IS DISTINCT FROM 'not-sent') AS counted
     WHERE counted_at >= ? ORDER BY counted_at`,
    isAlone ? 1 : 0,
    id,
    isAlone ? since - longestCallMs : since,
    since,
  );
  return {
    maxTargets: record?.max_targets ?? undefined,
    blockedUntil: parseByKind(record?.blocks),
    throttle: parseByKind(record?.throttle),
    intervals,
    failures: record?.failures ?? 0,
    calls: calls.map((row) => ({ kind: row.kind, startedAt: row.counted_at })),
    targetsThisMonth: monthStart === undefined ? 0 : await usedVolume(store, id, monthStart),
  };
}

/** Targets submitted since a time. Volume is used by what the vendor took, or may have taken: never by a call that certainly did nothing. */
export async function usedVolume(store: Store, connector: number, since: number): Promise<number> {
  const used = await store.get<{ targets: number }>(
    `SELECT CAST(coalesce(sum(targets), 0) AS bigint) AS targets FROM calls
     WHERE connector = ? AND started_at >= ? AND kind = 'submit'
       AND (result IS NULL OR result IN ('answered', 'interrupted', 'timed-out', 'connection-lost', 'aborted',
         'vendor-unavailable', 'response-unexpected', 'answer-contradictory', 'contract-broken'))`,
    connector,
    since,
  );
  return used?.targets ?? 0;
}

/** Remembers something about a connector. What decides when and how much is sent goes into the audit log as well. */
export async function saveConnectorState(
  store: Store,
  connector: string,
  connectorState: ConnectorStateChange,
): Promise<void> {
  const record = await store.get<Pick<StoredConnector, 'max_targets' | 'blocks'>>(
    'SELECT max_targets, blocks FROM connectors WHERE name = ?',
    connector,
  );
  const { maxTargets, blocked } = connectorState;
  if (maxTargets !== undefined && maxTargets !== record?.max_targets) {
    store.audit.add({ type: 'batch-limited', connector, maxTargets });
  }
  const blocks = parseByKind(record?.blocks);
  // A shorter refusal of one kind of call must not replace a longer one, of the same kind or of another.
  const later = blocked?.kinds.filter((kind) => blocked.until > (blocks[kind] ?? 0)) ?? [];
  if (blocked !== undefined && later.length > 0) {
    for (const kind of later) blocks[kind] = blocked.until;
    store.audit.add({ type: 'slowed', connector, kinds: later, until: new Date(blocked.until).toISOString() });
  }
  await store.run(
    `UPDATE connectors SET max_targets = coalesce(?, max_targets), blocks = coalesce(?, blocks), throttle = coalesce(?, throttle),
       intervals = coalesce(?, intervals), quota_until = coalesce(?, quota_until), failures = coalesce(?, failures) WHERE name = ?`,
    maxTargets ?? null,
    later.length > 0 ? JSON.stringify(blocks) : null,
    connectorState.throttle === undefined ? null : JSON.stringify(connectorState.throttle),
    connectorState.intervals === undefined ? null : JSON.stringify(connectorState.intervals),
    connectorState.quotaUntil ?? null,
    connectorState.failures ?? null,
    connector,
  );
}

/**
 * Lets everything of a connector go on at once that a refusal or a failure has put off. What waits for another reason
 * (a waiting period, a vendor's own time, another connector) waits on. Returns how many tasks go on.
 */
export async function endWaits(store: Store, connector: string, now: number): Promise<number> {
  const id = store.connectorId(connector);
  const tasks = await store.all<Pick<StoredTask, 'id'>>(
    `SELECT id FROM tasks WHERE connector = ?1 AND next_at > ?2 AND reason IS NOT NULL AND reason <> '${notFoundBeforeReason}'
       AND state IN (${inSql(timedStates)})
     UNION ALL SELECT tasks.id FROM tasks JOIN submissions ON submissions.id = tasks.submission
       WHERE tasks.connector = ?1 AND tasks.state = 'waiting' AND submissions.last_error IS NOT NULL
         AND submissions.next_at > ?2`,
    id,
    now,
  );
  for (const task of tasks) {
    await store.run(
      `UPDATE tasks SET next_at = CASE WHEN not_before > ?1 THEN not_before ELSE CAST(?1 AS bigint) END
       WHERE id = ?2 AND next_at IS NOT NULL`,
      now,
      task.id,
    );
  }
  await store.run(
    'UPDATE submissions SET next_at = ?1 WHERE connector = ?2 AND next_at > ?1 AND last_error IS NOT NULL',
    now,
    id,
  );
  await store.run('UPDATE connectors SET blocks = NULL WHERE id = ?', id);
  // The operator's decision, against what the vendor asked for.
  store.audit.add({ type: 'waits-ended', connector, tasks: toRanges(tasks.map((task) => task.id)) });
  return tasks.length;
}

/** Records that a connector is paused, and why; undefined: that it no longer is. */
export async function setPaused(
  store: Store,
  connector: string,
  paused: { readonly code: ConnectorErrorCode; readonly message: string; readonly at: number } | undefined,
): Promise<void> {
  const before = await store.get<Pick<StoredConnector, 'pause_code'>>(
    'SELECT pause_code FROM connectors WHERE name = ?',
    connector,
  );
  if ((before?.pause_code ?? undefined) !== paused?.code) {
    store.audit.add({ type: paused === undefined ? 'unpaused' : 'paused', connector, code: paused?.code });
  }
  await store.run(
    'UPDATE connectors SET pause_code = ?, pause_message = ?, paused_at = ? WHERE name = ?',
    paused?.code ?? null,
    paused?.message ?? null,
    paused?.at ?? null,
    connector,
  );
}
