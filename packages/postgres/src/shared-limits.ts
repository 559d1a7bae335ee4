import type { CallKind } from '@expunge/core';
import type { AdaptiveLimits, ConnectorState, ConnectorStateChange, LedgerConnector } from '@expunge/engine';
import {
  AccountLimits,
  amongNumbers,
  longestIntervalMs,
  monthOf,
  type PeerState,
  parseByKind,
  parseIntervals,
  RateLimiter,
  type Store,
  saveConnectorState,
  usedVolume,
} from '@expunge/engine/storage';
import type { AnsweredCall, SharedConnector, SharedConnectorRow } from './rows.ts';

/**
 * The vendors' limits, kept for all workers together. What counts is the ledger's own record: the calls of all of them,
 * those that are open, and what refusals have taught. A worker that wants to call asks within the transaction that records the call,
 * one at a time: without the database no call is made.
 */
export class SharedLimits {
  readonly #connectors = new Map<string, LedgerConnector>();
  /** Those of this transaction: what it has begun itself counts as well. */
  #pacers = new Map<string, SharedRateLimiter>();
  #accounts = new Map<string, AccountLimits>();

  /** Says which connectors there are. */
  configure(connectors: readonly LedgerConnector[]): void {
    for (const connector of connectors) this.#connectors.set(connector.name, connector);
  }

  /** Begins a transaction: nothing is known in it yet. */
  beginTransaction(): void {
    this.#pacers = new Map();
    this.#accounts = new Map();
  }

  /** Whether a further call of a method that is going on may begin now. Notes it where it may. */
  async startFurther(store: Store, connector: string, kind: CallKind, now: number): Promise<boolean> {
    const limiter = await this.#pacerOf(store, connector, now);
    if (limiter === undefined || limiter.limits.earliestWithinRates(kind, now) > now) return false;
    limiter.limits.beginFurther(kind, now);
    return true;
  }

  /** Whether a call may begin now. What is not known as a connector here has no capacity. */
  async hasCapacity(store: Store, connector: string, kind: CallKind, targets: number, now: number): Promise<boolean> {
    const limiter = await this.#pacerOf(store, connector, now);
    if (limiter === undefined || limiter.isPaused) return false;
    const { limits } = limiter;
    if (limits.capacityFor(kind, now) < 1) return false;
    if (kind !== 'submit') return true;
    // Another worker has just learned that the vendor takes fewer at once, or used the month's volume.
    return targets <= limits.targetsLeft(now) && targets <= (limiter.maxTargets ?? targets);
  }

  /**
   * How long after its intent a call may leave, in milliseconds. What of the limit is not used makes up for it; a call that
   * leaves later would come too close to the next one.
   */
  slackMs(connector: string, kind: CallKind): number {
    const { limits, limitShare = 1 } = this.#connectors.get(connector) ?? {};
    const windows = (limits?.rates ?? []).filter((rate) => rate.kinds.includes(kind)).map(({ perMs }) => perMs);
    // Without a rate there is no next one to come too close to.
    if (windows.length === 0) return Number.POSITIVE_INFINITY;
    return Math.max(leastSlackMs, Math.min(...windows) * (1 / limitShare - 1) * usedSlack);
  }

  /** Records that a call has started in this transaction. */
  started(connector: string, kind: CallKind, targets: number, now: number): void {
    this.#pacers.get(connector)?.limits.begin(kind, targets, now);
  }

  /** What is known of a connector, for a worker that looks for work. */
  async read(store: Store, connector: string, since: number, monthStart: number | undefined): Promise<ConnectorState> {
    const id = store.connectorId(connector);
    const row = await this.#readRow(store, id, since);
    const intervals = parseIntervals(row?.intervals);
    const learnedMs = longestIntervalMs(intervals);
    // What was learned is known only now. That anything was is rare.
    const calls = learnedMs === 0 ? row?.calls : (await this.#readRow(store, id, since - learnedMs))?.calls;
    return {
      maxTargets: row?.max_targets ?? undefined,
      blockedUntil: parseByKind(row?.blocks),
      throttle: parseByKind(row?.throttle),
      intervals,
      failures: row?.failures ?? 0,
      calls: calls ?? [],
      targetsThisMonth: monthStart === undefined ? 0 : await usedVolume(store, id, monthStart),
      shared: {
        open: row?.open ?? [],
        adaptive: parseAdaptive(row?.adaptive),
        paused: row?.pause_code == null ? undefined : { code: row.pause_code, message: row.pause_message ?? '' },
      },
    };
  }

  // One statement: it is asked before each look for work, and for each call.
  #readRow(store: Store, id: number, since: number): Promise<SharedConnectorRow | undefined> {
    return store.get<SharedConnectorRow>(
      `SELECT max_targets, blocks, failures, throttle, adaptive, intervals, pause_code, pause_message,
         (SELECT json_agg(json_build_object('kind', kind, 'startedAt', started_at) ORDER BY started_at) FROM calls
          WHERE connector = ?1 AND started_at >= ?2) AS calls,
         (SELECT json_agg(kind) FROM calls WHERE connector = ?1 AND ended_at IS NULL) AS open
       FROM connectors WHERE id = ?1`,
      id,
      since,
    );
  }

  /** Remembers something about a connector: what a refusal teaches is learned by all. */
  async saveConnectorState(store: Store, connector: string, change: ConnectorStateChange, now: number): Promise<void> {
    const known = await store.get<Pick<SharedConnector, 'max_targets'>>(
      'SELECT max_targets FROM connectors WHERE name = ?',
      connector,
    );
    const maxTargets =
      change.maxTargets === undefined
        ? undefined
        : Math.min(change.maxTargets, known?.max_targets ?? change.maxTargets);
    const { blocked } = change;
    // An interval is measured by calls of which another worker's look has not needed to know.
    if (blocked?.refused !== undefined) this.#discard(connector);
    const limiter = blocked?.refused === undefined ? undefined : await this.#pacerOf(store, connector, now, true);
    if (limiter === undefined || blocked?.refused === undefined) {
      await saveConnectorState(store, connector, { ...change, maxTargets, throttle: undefined, intervals: undefined });
      this.#discard(connector);
      return;
    }
    // The refused call is still recorded as open; the rate limiter adds it itself.
    limiter.limits.end(blocked.refused);
    limiter.limits.refused(blocked.kinds, now, blocked.until);
    const { throttle, intervals } = limiter.limits;
    await saveConnectorState(store, connector, { ...change, maxTargets, throttle, intervals });
    for (const { name } of this.#onAccountOf(connector)) await writeAdaptive(store, name, limiter.limits);
    this.#discard(connector);
  }

  /** Records that calls were answered: where limits are lowered, a little more may be tried. */
  async answered(store: Store, calls: readonly number[], now: number): Promise<void> {
    const among = amongNumbers(store, 'calls.id', calls);
    const rows = await store.all<AnsweredCall>(
      `SELECT calls.kind, connectors.name, connectors.adaptive, connectors.intervals FROM calls JOIN connectors ON connectors.id = calls.connector
       WHERE ${among.text} AND (connectors.adaptive IS NOT NULL OR connectors.intervals IS NOT NULL) ORDER BY calls.id`,
      ...among.values,
    );
    for (const name of new Set(rows.map((row) => row.name))) {
      await this.#taken(
        store,
        name,
        rows.filter((row) => row.name === name),
        now,
      );
    }
  }

  async #taken(store: Store, name: string, calls: readonly AnsweredCall[], now: number): Promise<void> {
    const connector = this.#connectors.get(name);
    if (connector?.limits === undefined) return;
    const limits = new RateLimiter(connector.limits, connector.limitShare ?? 1);
    limits.restore(
      {
        ...nothingKnown,
        intervals: parseIntervals(calls[0]?.intervals),
        shared: { open: [], adaptive: parseAdaptive(calls[0]?.adaptive), paused: undefined },
      },
      now,
    );
    const before = learnedBy(limits);
    for (const { kind } of calls) limits.succeeded(kind, now);
    if (learnedBy(limits) === before) return;
    await saveConnectorState(store, name, { throttle: limits.throttle, intervals: limits.intervals });
    for (const other of this.#onAccountOf(name)) await writeAdaptive(store, other.name, limits);
    this.#discard(name);
  }

  #discard(connector: string): void {
    for (const { name } of this.#onAccountOf(connector)) this.#pacers.delete(name);
    const account = this.#connectors.get(connector)?.account;
    if (account !== undefined) this.#accounts.delete(account);
  }

  /** The connectors that use a connector's account, itself among them. */
  #onAccountOf(name: string): readonly LedgerConnector[] {
    const connector = this.#connectors.get(name);
    if (connector?.account === undefined) return connector === undefined ? [] : [connector];
    return [...this.#connectors.values()].filter(({ account }) => account === connector.account);
  }

  #limiterOf(connector: LedgerConnector): RateLimiter | undefined {
    const { account, limits, limitShare = 1 } = connector;
    if (limits === undefined) return undefined;
    if (account === undefined) return new RateLimiter(limits, limitShare);
    const shared = this.#accounts.get(account) ?? new AccountLimits();
    this.#accounts.set(account, shared);
    return new RateLimiter(limits, limitShare, shared);
  }

  async #pacerOf(store: Store, name: string, now: number, isMeasured = false): Promise<SharedRateLimiter | undefined> {
    const known = this.#pacers.get(name);
    if (known !== undefined) return known;
    const connector = this.#connectors.get(name);
    const limits = connector === undefined ? undefined : this.#limiterOf(connector);
    if (limits === undefined) return undefined;
    // Without a monthly volume there is no need to add up a month's calls, of which there may be a million.
    const monthStart = limits.hasMonthlyVolume ? monthOf(now) : undefined;
    const windowMs = isMeasured ? limits.longestMeasuredMs : limits.longestWindowMs;
    const connectorState = await this.read(store, name, now - windowMs, monthStart);
    const peers: PeerState[] = [];
    for (const peer of this.#onAccountOf(name)) {
      const peerLimits = peer.name === name ? undefined : this.#limiterOf(peer);
      if (peerLimits === undefined) continue;
      const state = await this.read(store, peer.name, now - windowMs, monthStart);
      // Also for what its limits have learned, where they are the same.
      peerLimits.restore(state, now);
      peers.push({ limiter: peerLimits, state });
    }
    limits.restore(connectorState, now, peers);
    const limiter = {
      limits,
      isPaused: connectorState.shared?.paused !== undefined,
      maxTargets: connectorState.maxTargets,
    };
    this.#pacers.set(name, limiter);
    return limiter;
  }
}

// A limit that is used to the full leaves no capacity at all, and no call would ever leave.
const leastSlackMs = 50;
// The rest is for the way to the vendor, which is not always equally long.
const usedSlack = 0.6;

interface SharedRateLimiter {
  readonly limits: RateLimiter;
  readonly isPaused: boolean;
  readonly maxTargets: number | undefined;
}

const nothingKnown: ConnectorState = {
  maxTargets: undefined,
  blockedUntil: {},
  throttle: {},
  failures: 0,
  calls: [],
  targetsThisMonth: 0,
};

function learnedBy({ adaptive, intervals }: RateLimiter): string {
  return JSON.stringify({ adaptive, intervals });
}

// Written by ourselves, below.
function parseAdaptive(text: string | null | undefined): AdaptiveLimits {
  return text == null ? {} : (JSON.parse(text) as AdaptiveLimits);
}

async function writeAdaptive(store: Store, connector: string, limits: RateLimiter): Promise<void> {
  const row = await store.get<Pick<SharedConnector, 'adaptive'>>(
    'SELECT adaptive FROM connectors WHERE name = ?',
    connector,
  );
  // Workers with another configuration have limits of their own, by other names.
  const adaptive = { ...parseAdaptive(row?.adaptive), ...limits.adaptive };
  await store.run('UPDATE connectors SET adaptive = ? WHERE name = ?', JSON.stringify(adaptive), connector);
}
