import type { CallKind, ConnectorCapabilities } from '@expunge/core';
import type { GdprSettings } from './mixpanel-options.ts';
import { readBackCapabilities } from './mixpanel-read-back-capabilities.ts';
import { distinctId } from './mixpanel-targets.ts';

const minuteMs = 60 * 1000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

// One call a second for the whole data deletion API (docs/vendors/mixpanel.md, "Rate limits").
const kindsOnOneLimit: CallKind[] = ['submit', 'check', 'cancel', 'access'];

/** What the data deletion task can do and leaves behind. The documented limits are the defaults. */
export function gdprCapabilities(options: GdprSettings): ConnectorCapabilities {
  const { timing } = options;
  const readBack = readBackCapabilities(options);
  return {
    title: `Mixpanel ${options.compliance} data deletion task`,
    reach: 'person',
    erases: [
      'All events and the profile of the distinct_id in one project, within 30 days.',
      'Where the distinct_id is a legacy alias: also the data of the id that it stands for.',
    ],
    leaves: [
      'New data is still collected: opt the person out in the SDK and stop sending from servers, or they come back.',
      'Copies that were exported from Mixpanel (pipelines, warehouses) are not touched.',
      'Session replays have a retention of their own: 30 days unless changed.',
      'Mixpanel may keep a record of the deletion task itself.',
      ...(readBack === undefined
        ? []
        : ["The read-back looks at the profile only: for the events, Mixpanel's own word stands."]),
    ],
    identifiers: [{ type: distinctId, from: ['user_id'] }],
    completion: {
      type: 'polled',
      firstCheckAfterMs: timing?.firstCheckAfterMs ?? 5 * minuteMs,
      checkEveryMs: timing?.checkEveryMs ?? 6 * hourMs,
      expectedWithinMs: timing?.expectedWithinMs ?? 30 * dayMs,
    },
    ...readBack?.shows,
    // A repeat deletes nothing twice and costs no quota: while the first task runs, Mixpanel answers 409 and names that
    // task (seen in live tests of others; undocumented). So a lost reply is made good by sending again.
    repeat: 'harmless',
    ...(options.tokenExpiresAt === undefined ? {} : { credentialsExpireAt: options.tokenExpiresAt }),
    limits: {
      submit: { maxTargets: taskSize(options) },
      ...readBack?.batch,
      rates: [{ kinds: kindsOnOneLimit, calls: 1, perMs: 1000 }, ...(readBack?.rates ?? [])],
      inFlight: [{ kinds: kindsOnOneLimit, calls: 1 }, ...(readBack?.inFlight ?? [])],
    },
  };
}

/**
 * How many targets one task takes. Mixpanel's pages disagree (500, 1,999, 2,000): 500 is the smallest of them, and a
 * project's group keys share the 2,000 (docs/vendors/mixpanel.md, "Max ids per request").
 */
function taskSize({ limits, groupKeys }: GdprSettings): number {
  if (limits?.maxTargets !== undefined) return limits.maxTargets;
  if (groupKeys !== undefined) return Math.min(1999, Math.floor(2000 / (groupKeys + 1)));
  return 500;
}
