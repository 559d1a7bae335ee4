import type { InFlightCount, MonthlyVolume, SharedInterval } from './rate-limiter.ts';
import type { RateWindow } from './sliding-window.ts';

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
