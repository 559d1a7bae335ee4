import type { ConnectorCapabilities, ConnectorLimits } from '@expunge/core';
import type { AccountSettings } from './mixpanel-options.ts';
import { distinctId } from './mixpanel-targets.ts';

/** The part of a connector's capabilities that comes with reading back. */
export interface ReadBackCapabilities {
  /** What reading back shows. */
  readonly shows: Pick<ConnectorCapabilities, 'readBack'>;
  /** What fits into one read-back call. */
  readonly batch: Pick<ConnectorLimits, 'verify'>;
  /** Calls per span of time. */
  readonly rates: ConnectorLimits['rates'];
  /** Calls at the same time. */
  readonly inFlight: ConnectorLimits['inFlight'];
}

const hourMs = 60 * 60 * 1000;

/** The Query API's limits as data (docs/vendors/mixpanel.md, "Read back"). undefined: there is no service account to read with. */
export function readBackCapabilities(options: AccountSettings): ReadBackCapabilities | undefined {
  if (options.serviceAccount === undefined) return undefined;
  const { limits, timing } = options;
  return {
    // Mixpanel documents no delay. A day is our choice: a read that comes too early only finds what is still going.
    // The Query API shows profiles and no events.
    shows: {
      readBack: { covers: 'profile', identifiers: [distinctId], afterMs: timing?.readBackAfterMs ?? 24 * hourMs },
    },
    batch: { verify: { maxTargets: readBackBatchSize(options) } },
    rates: [{ kinds: ['verify'], calls: limits?.readBackCallsPerHour ?? 60, perMs: hourMs }],
    inFlight: [{ kinds: ['verify'], calls: limits?.readBackCallsInFlight ?? 5 }],
  };
}

/** How many targets one read-back call asks about: no more than one page of the answer holds. */
export function readBackBatchSize(options: AccountSettings): number {
  return options.limits?.readBackTargets ?? 1000;
}
