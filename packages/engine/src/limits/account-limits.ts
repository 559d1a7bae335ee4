import { type CallKind, type ConnectorLimits, callKindSchema } from '@expunge/core';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { LearnedInterval } from './learned-interval.ts';
import { type RateWindow, shareOf } from './sliding-window.ts';

/** Calls that are open under a limit of calls at a time. */
export interface InFlightCount {
  readonly kinds: readonly CallKind[];
  readonly documented: number;
  readonly limit: AdaptiveLimit;
  open: number;
}

/** Kinds of call without a documented rate that share a limit, and the interval that refusals have taught. */
export interface SharedInterval {
  readonly kinds: readonly CallKind[];
  readonly interval: LearnedInterval;
}

/** Targets that are submitted in a calendar month. */
export interface MonthlyVolume {
  readonly targets: number;
  /** The first moment of the month that `used` is of. */
  month: number;
  used: number;
  /** Targets of submissions that are recorded and wait for a slot: the capacity that they need is reserved. */
  waiting: number;
}

/** The limits that a connector's calls are kept under, with what counts towards them. */
export interface KeptLimits {
  readonly rates: readonly RateWindow[];
  readonly inFlight: readonly InFlightCount[];
  readonly intervals: readonly SharedInterval[];
  readonly volume: MonthlyVolume | undefined;
}

/** How long it takes until a number of calls in flight shows whether it is too many, in milliseconds. */
const inFlightWindowMs = 10_000;

/**
 * Makes the limits of a connector, or finds those that other connectors of its account have made.
 *
 * @param share - The share of the vendor's rates to use, above 0 and up to 1.
 */
export function makeLimits(limits: ConnectorLimits, share: number, account?: AccountLimits): KeptLimits {
  return {
    rates: limits.rates.map((rate) => {
      const { calls, perMs } = shareOf(rate.calls, rate.perMs, share);
      const make = () => ({ kinds: rate.kinds, calls, perMs, starts: [], limit: new AdaptiveLimit(calls, perMs) });
      return account?.rate(rateName({ kinds: rate.kinds, calls, perMs }), make) ?? make();
    }),
    inFlight: limits.inFlight.map(({ kinds, calls }) => {
      const make = () => ({ kinds, documented: calls, limit: new AdaptiveLimit(calls, inFlightWindowMs), open: 0 });
      return account?.inFlight(inFlightName({ kinds, documented: calls }), make) ?? make();
    }),
    intervals: kindsWithoutRate(limits).map((kinds) => {
      const make = () => ({ kinds, interval: new LearnedInterval() });
      return account?.interval(intervalName(kinds), make) ?? make();
    }),
    volume: volumeOf(limits, account),
  };
}

function volumeOf({ targetsPerMonth: targets }: ConnectorLimits, account: AccountLimits | undefined) {
  if (targets === undefined) return undefined;
  const make = () => ({ targets, month: 0, used: 0, waiting: 0 });
  return account?.volume(String(targets), make) ?? make();
}

/**
 * The limits of one account at a vendor, for several configured connectors that use it. A limit that two of them state
 * alike is one limit: the calls of both count towards it.
 */
export class AccountLimits {
  readonly #rates = new Map<string, RateWindow>();
  readonly #inFlight = new Map<string, InFlightCount>();
  readonly #intervals = new Map<string, SharedInterval>();
  readonly #volumes = new Map<string, MonthlyVolume>();

  rate(name: string, make: () => RateWindow): RateWindow {
    return getOrMake(this.#rates, name, make);
  }

  inFlight(name: string, make: () => InFlightCount): InFlightCount {
    return getOrMake(this.#inFlight, name, make);
  }

  interval(name: string, make: () => SharedInterval): SharedInterval {
    return getOrMake(this.#intervals, name, make);
  }

  volume(name: string, make: () => MonthlyVolume): MonthlyVolume {
    return getOrMake(this.#volumes, name, make);
  }
}

function getOrMake<Value>(map: Map<string, Value>, name: string, make: () => Value): Value {
  const known = map.get(name);
  if (known !== undefined) return known;
  const made = make();
  map.set(name, made);
  return made;
}

/** The kinds of call that no rate is documented for. Those that share a number of calls at a time are one group. */
function kindsWithoutRate(limits: ConnectorLimits): readonly (readonly CallKind[])[] {
  const rated = new Set(limits.rates.flatMap(({ kinds }) => kinds));
  let groups = callKindSchema.options.filter((kind) => !rated.has(kind)).map((kind) => [kind]);
  for (const { kinds } of limits.inFlight) {
    const joined = groups.filter((group) => group.some((kind) => kinds.includes(kind)));
    groups = [...groups.filter((group) => !joined.includes(group)), joined.flat()].filter(({ length }) => length > 0);
  }
  return groups;
}

/** A name of a limit that is another one as soon as the limit is another one. */
export function rateName({ calls, perMs, kinds }: Pick<RateWindow, 'calls' | 'perMs' | 'kinds'>): string {
  return `${calls}/${perMs} ${kinds.join('+')}`;
}

/** The same of a number of calls at a time. */
export function inFlightName({ documented, kinds }: Pick<InFlightCount, 'documented' | 'kinds'>): string {
  return `${documented} ${kinds.join('+')}`;
}

/** A name of an interval: the kinds of call that keep it together. */
export function intervalName(kinds: readonly CallKind[]): string {
  return [...kinds].sort().join('+');
}
