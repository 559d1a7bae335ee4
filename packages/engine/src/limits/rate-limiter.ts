import { type CallKind, type ConnectorLimits, callKindSchema } from '@expunge/core';
import type { AdaptiveLimits, ConnectorState } from '../ledger/ledger.ts';
import {
  type AccountLimits,
  type InFlightCount,
  inFlightName,
  intervalName,
  type MonthlyVolume,
  makeLimits,
  rateName,
  type SharedInterval,
} from './account-limits.ts';
import type { AdaptiveLimit, AdaptiveState } from './adaptive-limit.ts';
import { type IntervalState, type LearnedInterval, measuredMs } from './learned-interval.ts';
import { capacityIn, earliestWithin, type RateWindow, startsWithin } from './sliding-window.ts';

const allKinds: readonly CallKind[] = callKindSchema.options;

/** What another connector of the same account has used, as the ledger has it. */
export interface PeerState {
  readonly limiter: RateLimiter;
  readonly state: ConnectorState;
}

/**
 * Keeps one account's calls under its limits. Within any window of a limit's length no more calls begin than the
 * configured share of the limit. Where the vendor refuses calls all the same (429), what it really takes is learned, and
 * calls are spread evenly over the window. Where it documents no rate, the interval between two calls is learned.
 */
export class RateLimiter {
  readonly #rates: readonly RateWindow[];
  readonly #inFlight: readonly InFlightCount[];
  readonly #intervals: readonly SharedInterval[];
  readonly #volume: MonthlyVolume | undefined;
  readonly #blockedUntil = new Map<CallKind, number>();
  /** Submissions that are recorded and wait for a slot: the capacity that they need is reserved. */
  #waiting = 0;
  /** Further calls of methods that are going on: they come before new ones. */
  readonly #furtherWaiting: CallKind[] = [];

  /**
   * `share` is the share of the vendor's rates to use, above 0 and up to 1. `account` has the limits that are shared with
   * other connectors.
   */
  constructor(limits: ConnectorLimits, share: number, account?: AccountLimits) {
    const kept = makeLimits(limits, share, account);
    this.#rates = kept.rates;
    this.#inFlight = kept.inFlight;
    this.#intervals = kept.intervals;
    this.#volume = kept.volume;
  }

  /** How far back past calls matter, in milliseconds, beside those within an interval that was learned. */
  get longestWindowMs(): number {
    return Math.max(0, ...this.#rates.map((rate) => rate.perMs));
  }

  /** How far back past calls matter where a vendor has refused one: an interval may be measured. */
  get longestMeasuredMs(): number {
    return this.#intervals.length === 0 ? this.longestWindowMs : Math.max(this.longestWindowMs, measuredMs);
  }

  /** Whether the vendor takes no more than a number of targets a month. */
  get hasMonthlyVolume(): boolean {
    return this.#volume !== undefined;
  }

  /**
   * Takes over what the ledger has recorded, so that a restart does not begin with fresh limits.
   *
   * @param peers - The other connectors of the account.
   * @param readAt - When the ledger was asked: what has begun since then is known here alone.
   */
  restore(connectorState: ConnectorState, now: number, peers: readonly PeerState[] = [], readAt = now): void {
    const known = [{ limiter: this, state: connectorState } as PeerState, ...peers];
    if (connectorState.shared !== undefined) {
      // Everything that any process knows is in the ledger: also that an operator has ended a wait.
      this.#blockedUntil.clear();
      for (const each of this.#inFlight) {
        const sharing = known.filter(({ limiter }) => limiter.#inFlight.includes(each));
        const open = sharing.flatMap(({ state }) => state.shared?.open ?? []);
        each.open = open.filter((kind) => each.kinds.includes(kind)).length;
      }
    }
    for (const kind of allKinds) {
      const until = connectorState.blockedUntil[kind];
      if (until !== undefined) this.block(until, [kind]);
    }
    for (const [name, { kinds, limit }] of this.#limits()) {
      const adaptive = connectorState.shared?.adaptive[name];
      // A kind of call goes at the rate of the slowest of its limits: a limit is as fast as the fastest of its kinds.
      const throttles = kinds.flatMap((kind) => connectorState.throttle[kind] ?? []);
      if (adaptive !== undefined) limit.state = adaptive;
      else if (throttles.length > 0) limit.restore(Math.max(...throttles), now);
    }
    for (const { kinds, interval } of this.#intervals) {
      const learned = connectorState.intervals?.[intervalName(kinds)];
      if (learned !== undefined) interval.state = learned;
    }
    const volume = this.#volume;
    if (volume !== undefined) {
      volume.month = monthOf(now);
      const sharing = known.filter(({ limiter }) => limiter.#volume === volume);
      const used = sharing.reduce((sum, { state }) => sum + state.targetsThisMonth, 0);
      // The ledger has our own calls too, also those that are recorded and not sent yet.
      volume.used = Math.max(0, used - volume.waiting);
    }
    const isAlone = connectorState.shared === undefined;
    for (const rate of this.#rates) {
      const begun = isAlone ? rate.starts.filter((at) => at >= readAt) : [];
      const sharing = known.filter(({ limiter }) => limiter.#rates.includes(rate));
      rate.starts.splice(0, rate.starts.length, ...startsOf(sharing, rate.kinds, begun).slice(-rate.calls));
    }
    for (const each of this.#intervals) {
      const sharing = known.filter(({ limiter }) => limiter.#intervals.includes(each));
      const starts = startsOf(sharing, each.kinds, []);
      if (starts.length > 0) each.interval.starts = starts;
    }
  }

  /** What each limit has learned, by a name that is another one as soon as the limit is another one. */
  get adaptive(): AdaptiveLimits {
    return Object.fromEntries(this.#limits().map(([name, { limit }]): [string, AdaptiveState] => [name, limit.state]));
  }

  /** What each interval has learned, by its kinds of call. Empty where nothing was ever refused. */
  get intervals(): Readonly<Record<string, IntervalState>> {
    const known = this.#intervals.filter(({ interval }) => interval.state.changedAt !== undefined);
    return Object.fromEntries(known.map(({ kinds, interval }) => [intervalName(kinds), interval.state]));
  }

  /** Whether any limit is lowered. */
  get isLowered(): boolean {
    return (
      this.#limits().some(([, { limit }]) => limit.isLowered) ||
      this.#intervals.some(({ interval }) => interval.isLearned)
    );
  }

  /** When a call of this kind may begin: now or later. Infinity: when an open one has ended. */
  earliestStart(kind: CallKind, now: number): number {
    // What waits leaves when an open one has ended, before calls of other kinds.
    const kept = (kinds: readonly CallKind[]) => (kind === 'submit' ? 0 : this.#keptOf(kinds));
    if (this.#inFlight.some((each) => each.kinds.includes(kind) && freeSlots(each) - kept(each.kinds) < 1)) {
      return Number.POSITIVE_INFINITY;
    }
    let earliest = Math.max(now, this.#blockedUntil.get(kind) ?? 0);
    for (const rate of this.#rates) {
      if (!rate.kinds.includes(kind)) continue;
      if (kept(rate.kinds) > 0 && rate.calls - startsWithin(rate, now) <= kept(rate.kinds)) {
        return Number.POSITIVE_INFINITY;
      }
      // What a method still needs comes before a new one.
      const further = this.#furtherOf(rate.kinds);
      if (further > 0 && capacityIn(rate, now) <= further) return Number.POSITIVE_INFINITY;
      earliest = Math.max(earliest, earliestWithin(rate, now));
    }
    const interval = this.#intervalOf(kind);
    if (interval !== undefined) earliest = Math.max(earliest, interval.earliestStart(now));
    if (kind === 'submit' && this.targetsLeft(now) === 0) earliest = Math.max(earliest, nextMonth(now));
    return earliest;
  }

  /** How many calls of this kind may begin now, beside what waits. Infinity: as many as there are. */
  capacityFor(kind: CallKind, now: number): number {
    if (this.earliestStart(kind, now) > now) return 0;
    const capacity = [
      ...this.#inFlight
        .filter((each) => each.kinds.includes(kind))
        .map((each) => freeSlots(each) - this.#keptOf(each.kinds)),
      ...this.#rates
        .filter((rate) => rate.kinds.includes(kind))
        .map((rate) => capacityIn(rate, now) - this.#keptOf(rate.kinds) - this.#furtherOf(rate.kinds)),
      this.#intervalOf(kind)?.isLearned === true ? 1 : Number.POSITIVE_INFINITY,
    ];
    return Math.max(0, Math.min(...capacity));
  }

  /**
   * How many more submissions may be persisted beside the open ones and those that wait: as many wait as there are slots, and
   * no more than the rates and the month's volume have capacity for. None where a limit is lowered, or where anything but a slot
   * is waited for.
   */
  capacityAhead(now: number): number {
    const slots = this.#inFlight.filter((each) => each.kinds.includes('submit'));
    const rates = this.#rates.filter((rate) => rate.kinds.includes('submit'));
    const isLowered =
      [...slots, ...rates].some(({ limit }) => limit.isLowered) || this.#intervalOf('submit')?.isLearned === true;
    const startAt = this.earliestStart('submit', now);
    const waitsForMore = (startAt > now && startAt < Number.POSITIVE_INFINITY) || this.blockedUntil('submit') > now;
    if (isLowered || waitsForMore || slots.length === 0) return 0;
    const capacity = Math.min(
      ...slots.map((each) => freeSlots(each) + each.documented - this.#waiting),
      ...rates.map((rate) => capacityIn(rate, now) - this.#waiting - this.#furtherOf(rate.kinds)),
      this.targetsLeft(now),
    );
    return Math.max(0, capacity);
  }

  /** How many submissions wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Records that a persisted submission waits for a slot. */
  beginWaiting(targets: number): void {
    this.#waiting += 1;
    if (this.#volume !== undefined) this.#volume.waiting += targets;
  }

  /** Records that it waits no longer: it leaves now, or is released. */
  endWaiting(targets: number): void {
    this.#waiting -= 1;
    if (this.#volume !== undefined) this.#volume.waiting -= targets;
  }

  /** How many targets the month's volume still allows, beside what waits. */
  targetsLeft(now: number): number {
    if (this.#volume === undefined) return Number.POSITIVE_INFINITY;
    const { targets, month, used, waiting } = this.#volume;
    return Math.max(0, targets - (month === monthOf(now) ? used : 0) - waiting);
  }

  /** Records that a call begins. */
  begin(kind: CallKind, targets: number, now: number): void {
    this.#count(kind, now);
    for (const limit of this.#inFlight) if (limit.kinds.includes(kind)) limit.open += 1;
    const volume = this.#volume;
    if (kind !== 'submit' || volume === undefined) return;
    if (volume.month !== monthOf(now)) {
      volume.month = monthOf(now);
      volume.used = 0;
    }
    volume.used += targets;
  }

  /** Whether the time between calls of this kind is bounded: whether their number at a time is does not matter. */
  isPaced(kind: CallKind): boolean {
    return this.#rates.some((rate) => rate.kinds.includes(kind)) || this.#intervalOf(kind)?.isLearned === true;
  }

  /** When the next call may begin as far as the time between calls goes. For a further call of a method: it has its slot already. */
  earliestWithinRates(kind: CallKind, now: number): number {
    const rates = this.#rates.filter((rate) => rate.kinds.includes(kind));
    const starts = rates.map((rate) => earliestWithin(rate, now));
    return Math.max(now, this.#intervalOf(kind)?.earliestStart(now) ?? now, ...starts);
  }

  /** Records that a further call waits: no new one goes before it. */
  beginFurtherWait(kind: CallKind): void {
    this.#furtherWaiting.push(kind);
  }

  /** Records that it waits no longer. */
  endFurtherWait(kind: CallKind): void {
    const index = this.#furtherWaiting.indexOf(kind);
    if (index >= 0) this.#furtherWaiting.splice(index, 1);
  }

  /** Records that a further call of a method that is going on begins. */
  beginFurther(kind: CallKind, now: number): void {
    this.#count(kind, now);
  }

  /** Records that a call has ended, however. */
  end(kind: CallKind): void {
    for (const limit of this.#inFlight) if (limit.kinds.includes(kind)) limit.open -= 1;
  }

  /** Records that the last call of this kind may have left as late as now: it counts from now on. */
  leftLate(kind: CallKind, now: number): void {
    for (const rate of this.#rates) {
      if (rate.kinds.includes(kind) && rate.starts.length > 0) rate.starts[rate.starts.length - 1] = now;
    }
    this.#intervalOf(kind)?.leftLate(now);
  }

  /** Records that a call of this kind went well. */
  succeeded(kind: CallKind, now: number): void {
    for (const each of [...this.#rates, ...this.#inFlight]) if (each.kinds.includes(kind)) each.limit.taken(now);
    this.#intervalOf(kind)?.taken(now);
  }

  /**
   * Records a refusal for too many calls: less from now on, and no call of these kinds before `until`. The first is the kind
   * of the call that was refused.
   */
  refused(kinds: readonly CallKind[], now: number, until: number): void {
    const rates = this.#rates.filter((rate) => rate.kinds.some((kind) => kinds.includes(kind)));
    for (const rate of rates) rate.limit.refused(now, until, () => startsWithin(rate, now));
    // A vendor with limits of rate refuses for them. One without refuses for the number of calls at a time, and where that can
    // not be lowered any more, for the time between two calls.
    const inFlight =
      rates.length > 0 ? [] : this.#inFlight.filter((each) => each.kinds.some((kind) => kinds.includes(kind)));
    const interval = kinds[0] === undefined ? undefined : this.#intervalOf(kinds[0]);
    if (inFlight.every(({ limit }) => limit.isLowest)) interval?.refused(now, until);
    for (const each of inFlight) each.limit.refused(now, until, () => each.open + 1);
    this.block(until, kinds);
  }

  /** Until when calls of this kind are refused or put off. */
  blockedUntil(kind: CallKind): number {
    return this.#blockedUntil.get(kind) ?? 0;
  }

  /** The share of its documented rate at which each kind of call goes. */
  get throttle(): Readonly<Partial<Record<CallKind, number>>> {
    const limits = [...this.#rates, ...this.#inFlight];
    const entries = allKinds.flatMap((kind) => {
      const shares = limits.filter((each) => each.kinds.includes(kind)).map(({ limit }) => limit.share);
      return shares.length === 0 ? [] : [[kind, Math.min(...shares)] as const];
    });
    return Object.fromEntries(entries);
  }

  /** Forgets until when calls were refused or put off. */
  unblock(): void {
    this.#blockedUntil.clear();
  }

  /** The kinds of call that share a limit with this one: a refusal of one is a refusal of all. */
  sharing(kind: CallKind): readonly CallKind[] {
    const limits = [...this.#rates, ...this.#inFlight].filter((limit) => limit.kinds.includes(kind));
    return [...new Set([kind, ...limits.flatMap((limit) => limit.kinds)])];
  }

  /** Gives the month's volume back that a submission did not use: it certainly did nothing. */
  release(targets: number): void {
    if (this.#volume !== undefined) this.#volume.used = Math.max(0, this.#volume.used - targets);
  }

  /** When submissions may go on, where the month's volume is used up. */
  quotaUntil(now: number): number | undefined {
    return this.targetsLeft(now) === 0 ? nextMonth(now) : undefined;
  }

  /** No call of these kinds before this time. */
  block(until: number, kinds: readonly CallKind[] = allKinds): void {
    for (const kind of kinds) this.#blockedUntil.set(kind, Math.max(this.#blockedUntil.get(kind) ?? 0, until));
  }

  #limits(): readonly (readonly [string, { readonly kinds: readonly CallKind[]; readonly limit: AdaptiveLimit }])[] {
    return [
      ...this.#rates.map((rate) => [rateName(rate), rate] as const),
      ...this.#inFlight.map((each) => [inFlightName(each), each] as const),
    ];
  }

  #intervalOf(kind: CallKind): LearnedInterval | undefined {
    return this.#intervals.find(({ kinds }) => kinds.includes(kind))?.interval;
  }

  // The capacity under a limit that is reserved for what waits.
  #keptOf(kinds: readonly CallKind[]): number {
    return kinds.includes('submit') ? this.#waiting : 0;
  }

  #furtherOf(kinds: readonly CallKind[]): number {
    return this.#furtherWaiting.filter((kind) => kinds.includes(kind)).length;
  }

  /** The kinds of call that share a limit with calls of another connector's kinds. */
  sharedWith(peer: RateLimiter, kinds: readonly CallKind[]): readonly CallKind[] {
    const isShared = (each: { readonly kinds: readonly CallKind[] }) => each.kinds.some((kind) => kinds.includes(kind));
    const limits = [
      ...this.#rates.filter((rate) => peer.#rates.includes(rate)),
      ...this.#inFlight.filter((each) => peer.#inFlight.includes(each)),
      ...this.#intervals.filter((each) => peer.#intervals.includes(each)),
    ];
    return [...new Set(limits.filter(isShared).flatMap((each) => each.kinds))];
  }

  /** Whether another connector uses the same month's volume. */
  sharesVolumeWith(peer: RateLimiter): boolean {
    return this.#volume !== undefined && this.#volume === peer.#volume;
  }

  #count(kind: CallKind, at: number): void {
    for (const rate of this.#rates) {
      if (!rate.kinds.includes(kind)) continue;
      rate.starts.push(at);
      if (rate.starts.length > rate.calls) rate.starts.splice(0, rate.starts.length - rate.calls);
    }
    this.#intervalOf(kind)?.started(at);
  }
}

function freeSlots({ limit, open }: InFlightCount): number {
  return Math.max(1, Math.floor(limit.allowed)) - open;
}

/** When calls of these kinds began, of all who share a limit, oldest first. */
function startsOf(sharing: readonly PeerState[], kinds: readonly CallKind[], begun: readonly number[]): number[] {
  const calls = sharing.flatMap(({ state }) => state.calls.filter(({ kind }) => kinds.includes(kind)));
  return [...calls.map(({ startedAt }) => startedAt), ...begun].sort((one, other) => one - other);
}

/** The first moment of the calendar month (UTC) that a time lies in. */
export function monthOf(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

function nextMonth(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
