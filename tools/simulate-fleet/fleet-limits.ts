/** The part of `expunge connectors --json` that the simulation reads. */
export interface SimulatedConnector {
  readonly name: string;
  readonly verify: 'off' | 'after' | 'before-and-after';
  readonly limitShare: number;
  readonly capabilities: {
    readonly limits: {
      readonly submit: { readonly maxTargets: number };
      readonly verify?: { readonly maxTargets: number };
      readonly rates: readonly { readonly kinds: readonly string[]; readonly calls: number; readonly perMs: number }[];
      readonly inFlight: readonly { readonly kinds: readonly string[]; readonly calls: number }[];
      readonly targetsPerMonth?: number;
    };
  };
}

/** What a fleet is made of, and what a task costs in it. */
export interface FleetCosts {
  /** Workers. */
  readonly workers: number;
  /** What a call takes at a vendor, in milliseconds. */
  readonly latencyMs: number;
  /** What a task takes of the database's one writer, over its whole life, in microseconds. */
  readonly databaseUs: number;
  /** What a task takes of a worker, over its whole life, in microseconds. */
  readonly workerUs: number;
}

/** Something that holds a fleet to a pace. */
export interface Bound {
  /** What. */
  readonly what: string;
  /** The pace, in people a second. Infinity: none. */
  readonly peoplePerSecond: number;
}

const monthSeconds = 30 * 86_400;

/** Everything that holds a connector to a pace, slowest first, for people with one record each. */
export function vendorBounds(
  { name, verify, limitShare, capabilities }: SimulatedConnector,
  latencyMs: number,
): Bound[] {
  const { submit, verify: read, rates, inFlight, targetsPerMonth } = capabilities.limits;
  const reads = { off: 0, after: 1, 'before-and-after': 2 }[verify];
  const uses = [
    { kind: 'submit', perTarget: 1 / submit.maxTargets },
    { kind: 'verify', perTarget: read === undefined ? 0 : reads / read.maxTargets },
  ];
  // Calls of several kinds that count towards one limit share it.
  const callsPerPerson = (kinds: readonly string[]) =>
    uses.reduce((sum, { kind, perTarget }) => sum + (kinds.includes(kind) ? perTarget : 0), 0);
  const bounds: Bound[] = [
    ...rates.map(({ kinds, calls, perMs }) => ({
      what: `${name}: ${percent(limitShare)} of ${calls} calls in ${perMs / 1000} s (${kinds.join(', ')})`,
      peoplePerSecond: (calls * limitShare * 1000) / perMs / callsPerPerson(kinds),
    })),
    ...inFlight.map(({ kinds, calls }) => ({
      what: `${name}: ${calls} calls at the same time (${kinds.join(', ')})`,
      peoplePerSecond: (calls * 1000) / latencyMs / callsPerPerson(kinds),
    })),
  ];
  if (targetsPerMonth !== undefined) {
    bounds.push({
      what: `${name}: ${targetsPerMonth} records a month`,
      peoplePerSecond: targetsPerMonth / monthSeconds,
    });
  }
  return bounds.filter(({ peoplePerSecond }) => peoplePerSecond !== Number.POSITIVE_INFINITY).sort(bySpeed);
}

/** Everything of the fleet's own that holds it to a pace, slowest first. A person is a task at each connector. */
export function fleetBounds(connectors: number, costs: FleetCosts): Bound[] {
  return [
    {
      what: `the database: one writer, ${costs.databaseUs} µs a task`,
      peoplePerSecond: 1_000_000 / costs.databaseUs / connectors,
    },
    {
      what: `${costs.workers} workers: ${costs.workerUs} µs a task`,
      peoplePerSecond: (costs.workers * 1_000_000) / costs.workerUs / connectors,
    },
  ].sort(bySpeed);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function bySpeed(one: Bound, other: Bound): number {
  return one.peoplePerSecond - other.peoplePerSecond;
}
